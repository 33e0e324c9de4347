using System.Text;
using Oops.Tests.Sync;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class ZoneLinesTests
{
    static string Text(ZoneVersion zone, bool signatures = true)
    {
        using var stream = new MemoryStream();
        ZoneLines.Write(zone, stream, signatures, CancellationToken.None);
        return Encoding.ASCII.GetString(stream.ToArray());
    }

    [Fact]
    public void A_zone_is_one_record_a_line_in_canonical_order_and_begins_with_its_soa() =>
        Assert.Equal("""
            example. 300 IN SOA ns1.example. host.example. 12 3600 600 86400 300
            example. 300 IN NS ns1.example.
            example. 300 IN MX 5 mail.example.
            example. 300 IN MX 10 mail.example.
            *.example. 300 IN TXT "wild \" \\ \200"
            \.\;.example. 300 IN TYPE65280 \# 2 ABCD
            ns1.example. 300 IN A 192.0.2.1
            a.ns1.example. 60 IN AAAA 2001:db8::1
            www.example. 300 IN CNAME ns1.example.

            """, Text(MadeZone.Of("WWW CNAME NS1 | @ MX 10 mail | a.ns1 60 AAAA 2001:db8:0:0::1 | @ MX 5 MAIL | * TXT \"wild \\\" \\\\ \\200\" | \\.\\; TYPE65280 \\# 2 abcd", 12)));

    [Fact]
    public void The_same_records_are_the_same_octets_in_whatever_order_they_came() =>
        Assert.Equal(Text(MadeZone.Of("b A 192.0.2.2 | a A 192.0.2.9 | a A 192.0.2.1 | A TXT \"x\"")), Text(MadeZone.Of("A A 192.0.2.1 | a TXT x | a A 192.0.2.9 | B A 192.0.2.2")));

    [Fact]
    public void What_is_written_is_a_zone_file_that_reads_back_as_the_same_zone()
    {
        var zone = MadeZone.Of("* TXT \"a;b\" \"\" | \\@ A 192.0.2.1 | \\$x A 192.0.2.2 | x\\.y HTTPS 1 . alpn=h2 | c CAA 0 issue \"ca.example\"");
        var edit = new ZoneEdit(ZoneVersion.Nothing(MadeZone.Name));
        using var text = new MemoryStream(Encoding.ASCII.GetBytes(Text(zone)));
        Assert.Null(MasterFile.Read(text, "test", DnsName.Root, edit, CancellationToken.None));
        Assert.Equal(Text(zone), Text(edit.Seal()));
    }

    [Fact]
    public void Hashed_names_stand_between_the_others_and_go_with_the_signatures()
    {
        const string Hash = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";
        var zone = MadeZone.Of($"""
            {Hash} NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A NS SOA RRSIG
            {Hash} RRSIG NSEC3 13 2 300 20260101000000 20251201000000 1 example. AAAA
            zz A 192.0.2.3
            @ RRSIG SOA 13 1 300 20260101000000 20251201000000 1 example. AAAA
            @ DNSKEY 257 3 13 AAAA
            @ ZONEMD 1 1 1 {new string('A', 96)}
            """);
        var all = Text(zone).Split('\n');
        Assert.Equal((2, 1), (all.Count(l => l.StartsWith(Hash, StringComparison.Ordinal)), all.Count(static l => l.Contains(" RRSIG SOA ", StringComparison.Ordinal))));
        Assert.True(Array.FindIndex(all, l => l.StartsWith(Hash, StringComparison.Ordinal)) < Array.FindIndex(all, static l => l.StartsWith("ns1", StringComparison.Ordinal)));
        Assert.Equal("""
            example. 300 IN SOA ns1.example. host.example. 1 3600 600 86400 300
            example. 300 IN NS ns1.example.
            example. 300 IN DNSKEY 257 3 13 AAAA
            ns1.example. 300 IN A 192.0.2.1
            zz.example. 300 IN A 192.0.2.3

            """, Text(zone, signatures: false));
    }
}
