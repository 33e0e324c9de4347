using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>A name server of an agent domain, and its addresses (type and data of the record) where it is inside it.</summary>
internal sealed record AgentServer(DnsName Name, (DnsType Type, byte[] Data)[] Addresses)
{
    public static AgentServer From(in DnsName name, IEnumerable<IPAddress> addresses) =>
        new(name, [.. addresses.Select(a => (a.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, a.GetAddressBytes()))]);
}

/// <summary>What is served of one agent domain: an unsigned zone with SOA, NS, the addresses of its own servers, and what lies under `_er`. All record data are made once.</summary>
internal sealed class AgentDomain
{
    /// <summary>Refresh, retry and expiry are nobody's: the zone has no secondaries. The values are those that nobody remarks upon.</summary>
    const uint Refresh = 86_400, Retry = 7_200, Expire = 3_600_000, Serial = 1;

    readonly DnsName domain;

    /// <param name="domain">Not the root.</param>
    /// <param name="servers">At least one.</param>
    /// <param name="ttl">Of all records, and of what does not exist, in seconds. As long as a resolver keeps the answer it does not repeat the report.</param>
    /// <param name="text">The answer to a report.</param>
    public AgentDomain(in DnsName domain, AgentServer[] servers, uint ttl, string text)
    {
        (this.domain, Servers, Ttl) = (domain, servers, ttl);
        Text = Strings(text);
        Soa = MakeSoa(servers[0].Name, domain, ttl);
    }

    public ref readonly DnsName Domain => ref domain;

    public AgentServer[] Servers { get; }

    public uint Ttl { get; }

    /// <summary>The data of the TXT record that a report is answered with.</summary>
    public byte[] Text { get; }

    /// <summary>The data of the SOA record.</summary>
    public byte[] Soa { get; }

    /// <summary>What is said of each <see cref="ReportFlaw"/>, as the data of a TXT record.</summary>
    public static byte[][] Flaws { get; } = [.. Enum.GetValues<ReportFlaw>().Select(f => Strings("Invalid report: " + Words(f)))];

    /// <summary>The server with this name; null: none has.</summary>
    public AgentServer? Server(in DnsName name)
    {
        foreach (var server in Servers)
            if (server.Name == name) return server;
        return null;
    }

    /// <summary>In words, for the sender.</summary>
    public static string Words(ReportFlaw flaw) => flaw switch
    {
        ReportFlaw.NoTail => "no _er before the agent domain",
        ReportFlaw.Types => "the types are not numbers from 1 to 65535, rising",
        ReportFlaw.Code => "the INFO-CODE is not a number from 0 to 65535",
        _ => "",
    };

    /// <summary>Text as the data of a TXT record: character strings of at most 255 octets (RFC 1035, 3.3.14).</summary>
    internal static byte[] Strings(string text)
    {
        var octets = Encoding.ASCII.GetBytes(text);
        return octets.Length == 0 ? [0] : [.. octets.Chunk(255).SelectMany(c => c.Prepend((byte)c.Length))];
    }

    static byte[] MakeSoa(in DnsName server, in DnsName domain, uint ttl)
    {
        // hostmaster is who RFC 2142 says reads the mail for a zone.
        if (!DnsName.TryParse($"hostmaster.{domain}", out var mail)) mail = domain;
        var numbers = new byte[20];
        foreach (var (at, value) in new[] { (0, Serial), (4, Refresh), (8, Retry), (12, Expire), (16, ttl) }) BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(at), value);
        return [.. server.Wire, .. mail.Wire, .. numbers];
    }
}
