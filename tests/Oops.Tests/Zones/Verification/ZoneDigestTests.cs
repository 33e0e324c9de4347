using Oops.Wire.Dns;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

public sealed class ZoneDigestTests
{
    /// <summary>RFC 8976, A.1.</summary>
    const string Simple = """
        @ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400
        @ 86400 NS ns1
        @ 86400 NS ns2
        @ 86400 ZONEMD 2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c
        ns1 3600 A 203.0.113.63
        ns2 3600 AAAA 2001:db8::63

        """;

    [Theory]
    [InlineData("@ 60 ZONEMD 7 240 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("@ 60 ZONEMD 9 2 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void A_digest_that_cannot_be_checked_is_none_where_one_is_required(string line)
    {
        using var zone = new SignedZone($"$TTL 60\n@ SOA ns1 host 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n{line}\n");
        Assert.Equal("zonemd-unsupported", zone.Faults());
        Assert.Equal("zonemd-missing zonemd-unsupported", zone.Faults(new VerifyOptions { Now = SignedZone.Now, RequireZonemd = true }));
    }

    [Fact]
    public void The_example_of_RFC_8976_has_its_digest()
    {
        using var zone = new SignedZone(Simple);
        Assert.Equal("", zone.Faults(new VerifyOptions { Now = SignedZone.Now, RequireZonemd = true }));
    }

    [Theory]
    [InlineData("ns3 3600 A 203.0.113.64")]
    [InlineData("sub 3600 NS a.sub\na.sub 3600 A 203.0.113.64")]
    public void Any_other_record_makes_it_another(string more)
    {
        using var zone = new SignedZone(Simple + more + "\n");
        Assert.Equal("zonemd-mismatch", zone.Faults());
    }

    [Fact]
    public void It_is_of_the_serial_or_of_nothing()
    {
        using var zone = new SignedZone(Simple);
        zone.Replace("example", DnsType.Zonemd, data => [.. data[..3], (byte)(data[3] + 1), .. data[4..]]);
        Assert.Contains("its serial is", Assert.Single(zone.Verdict().Findings.First(ZoneFault.ZonemdMismatch)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_of_one_scheme_and_hash_count_for_nothing()
    {
        using var zone = new SignedZone(Simple);
        zone.AddText($"@ 86400 ZONEMD 2018031900 1 1 {new string('0', 96)}");
        Assert.Equal("zonemd-mismatch", zone.Faults());
    }

    [Fact]
    public void One_of_several_that_matches_is_enough_and_unknown_ones_are_told()
    {
        using var zone = new SignedZone(Simple);
        zone.AddText($"@ 86400 ZONEMD 2018031900 1 2 {new string('0', 128)}\n@ 86400 ZONEMD 2018031900 1 240 00000000");
        Assert.Equal("", zone.Faults());
        zone.Records.RemoveAll(r => r.Type == DnsType.Zonemd && r.Data[5] != 240);
        Assert.Equal("zonemd-unsupported", zone.Faults());
    }
}
