using System.Globalization;
using System.Net;
using System.Text;
using Oops.Lab.Harness;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Lab.Zones;

/// <summary>A zone file means to us what it means to real servers, and so does what dig and kdig print of a transfer.</summary>
public sealed class MasterLabTests
{
    const string Zone = "example";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Types that a server does not know by name, as Debian 12 has it: it is given them as RFC 3597 has it.</summary>
    static readonly Dictionary<string, string[]> Unknown = new()
    {
        ["named"] = [],
        ["knot"] = ["MD", "MF", "MB", "MG", "MR", "NULL", "X25", "ISDN", "NSAP", "NSAP-PTR", "SIG", "PX", "GPOS", "NXT", "HIP", "NINFO", "RKEY", "TALINK", "DSYNC", "AVC", "AMTRELAY", "RESINFO", "WALLET", "TA", "DLV"],
        ["nsd"] = ["NSAP-PTR", "GPOS", "HIP", "NINFO", "RKEY", "TALINK", "DSYNC", "AMTRELAY", "RESINFO", "WALLET", "TA"],
    };

    /// <summary>Texts that a server does not take, and takes as RFC 3597 has them: keys of services that are younger than it, an algorithm by name or pieces of base64 where Knot has none, a tag in upper case.</summary>
    static readonly Dictionary<string, string[]> Octets = new()
    {
        ["named"] = ["1 . dohpath", "1 . key3"],
        ["knot"] = ["1 . dohpath", "1 . key3", "60485 RSASHA256", "257 3 ED25519", "10 1:2:3:4", "A 13 1 0 1969"],
        ["nsd"] = ["1 . dohpath", "1 . key3", "128 Tbs", "TYPE65280 ECDSA"],
    };

    /// <summary>What named and dig do not take in any form: obsolete types, an IPSECKEY without a key, an NSEC without types. And kdig: a NULL without data, and a KEY without a key, from which on it prints nothing.</summary>
    static readonly string[] Refused = [@"NULL \# 0", "KEY 49152 3 RSASHA1", "KEY 49152 3 5 0", "MD md", "MF mf", "IPSECKEY 10 0 0 .", "NSEC a"];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nsd")]
    [InlineData("knot")]
    [InlineData("named")]
    public async Task A_zone_file_has_the_records_that_a_server_transfers_from_it(string server)
    {
        LabRequires.Programs([.. ZoneServer.Programs(server), "dig", "kdig"]);
        // NSD keeps the names in data in lower case, whatever their type is (LP, IPSECKEY, SVCB).
        bool fold = server == "nsd";
        await using var serving = new ZoneServer(server, Zone);
        string text = await WriteAsync(server, serving.Folder);
        await serving.StartAsync(text);
        Assert.True(DnsName.TryParse(Zone, out var origin));
        var read = Records.Of(Encoding.Latin1.GetBytes(text), origin, fold).ToList();

        var asked = new TransferRequest { Server = new IPEndPoint(IPAddress.Loopback, ZoneServer.Port), Zone = origin };
        var transfer = new ZoneTransfer(TimeProvider.System);
        var transferred = new Records(fold);
        TransferResult? result = null;
        await Wait.UntilAsync("the zone is transferred", async () => (result = await transfer.RunAsync(asked, transferred = new Records(fold), Stop)).Ok, Patience, TimeSpan.FromMilliseconds(200), () => $"{result}\n{serving.Process.Tail(40)}");
        Assert.Equal(read, transferred.Sorted);

        // Both print the SOA at both ends.
        string[] printed = [.. read.Append(read.Single(r => r.Contains(" SOA ", StringComparison.Ordinal))).Order(StringComparer.Ordinal)];
        foreach (string program in new[] { "dig", "kdig" })
        {
            (int code, string said) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find(program)!, "@127.0.0.1", "-p", ZoneServer.Port.ToString(CultureInfo.InvariantCulture), "-t", "AXFR", Zone + ".");
            Assert.True(code == 0, $"{program}: {code} {said}");
            Assert.Equal(printed, Records.Of(Encoding.Latin1.GetBytes(said), DnsName.Root, fold));
        }
    }

    static async Task<string> WriteAsync(string server, string folder)
    {
        string other = Path.Combine(folder, "included");
        await ZoneText.WriteAsync(other, $"inc A 192.0.2.20\n$ORIGIN deep.{Zone}.\ninc TXT \"there\"");
        var text = new StringBuilder($"""
            $TTL 1h ; of what follows
            $ORIGIN {Zone}.
            @ 5 IN SOA ns Host\.Master ( 2026112701 ; serial
                1h 10m 1w2d 5 )
              IN NS ns
            ns 1h30m A 192.0.2.1
            $TTL 5
            $ORIGIN sub.{Zone}.
            Multi TXT ( "a;b("
                c\"d ; "e
                \102 )
            \097\.b.\@x IN 7 TXT 1
             HINFO 2 3
            crlf A 192.0.2.4{(server == "knot" ? "" : "\r")}
            $INCLUDE {other} in.{Zone}.
            after A 192.0.2.21
            $ORIGIN {Zone}.
            {(server == "named" ? "$GENERATE 1-20/3 gen-${0,3,x} A 192.0.2.$\n$GENERATE 254-256 ${0,5,n}.gen 9 CNAME x-${-1,0,d}" : "")}

            """);
        int number = 0;
        foreach (string line in File.ReadLines(Path.Combine(Harness.Lab.Repository!, "tests/vectors/master/records.txt")))
        {
            string[] words = line.Split(" | ");
            string type = words[0], data = words[1];
            if (line.StartsWith('#') || type == "SOA" || Refused.Contains($"{type} {data}"))
                continue;
            if (Unknown[server].Contains(type))
                type = TypeNames.TryParse(type, out var known) ? $"TYPE{(ushort)known}" : type;
            if (type != words[0] || Octets[server].Any(o => data.StartsWith(o, StringComparison.Ordinal)))
                data = $@"\# {words[2].Length / 2} {words[2]}";
            // knotd gives signatures the TTL of what they sign.
            string ttl = words[0] == "RRSIG" ? words[1].Split(' ')[3] : "";
            // dig takes an owner of NSEC3 that is no hash for malformed.
            string owner = words[0] == "NSEC3" ? $"{number:D32}" : $"r{number}";
            number++;
            text.Append(CultureInfo.InvariantCulture, $"{owner} {ttl} {type} {data}\n");
        }

        return text.ToString();
    }
}
