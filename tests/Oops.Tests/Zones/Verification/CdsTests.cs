using System.Security.Cryptography;
using Oops.Wire.Dns;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

/// <summary>What the parent is asked to publish.</summary>
public sealed class CdsTests
{
    const string Text = "$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n";
    const string Stranger = "@ CDS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n";

    [Theory]
    [InlineData("@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==\n", "")]
    [InlineData("@ CDS 0 0 0 00\n", "")]
    [InlineData(Stranger, "cds-mismatch")]
    [InlineData("@ CDNSKEY 257 3 13 AAAA\n", "cds-mismatch")]
    [InlineData(Stranger + "@ CDS 0 0 0 00\n", "cds-mismatch cds-conflict")]
    public void It_must_keep_the_delegation_or_ask_for_nothing(string more, string faults)
    {
        using var zone = new SignedZone(Text + more).Sign();
        Assert.Equal(faults, zone.Faults());
    }

    [Fact]
    public void More_than_anybody_needs_are_not_looked_at()
    {
        using var zone = new SignedZone(Text + string.Concat(Enumerable.Range(0, ZoneKeys.MaxKeys + 1).Select(i => Stranger.Replace("12345", $"{i}", StringComparison.Ordinal)))).Sign();
        Assert.Equal("dnskey-too-many", zone.Faults());
    }

    [Fact]
    public void A_key_that_is_still_to_come_may_stand_beside_one_that_signs()
    {
        using var zone = new SignedZone(Text + Stranger);
        zone.Add(zone.Apex, DnsType.Cds, 3600, zone.CdsOf(zone.KeyOf(null, zone.Flags)));
        zone.Sign();
        Assert.Equal("cds-standby", zone.Faults());
        Assert.True(zone.Verdict().Passes);
    }

    [Fact]
    public void A_key_of_the_zone_that_signs_nothing_keeps_no_delegation()
    {
        using var idle = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var zone = new SignedZone(Text);
        zone.AddKey(idle, 1);
        zone.Add(zone.Apex, DnsType.Cds, 3600, zone.CdsOf(zone.KeyOf(idle, 1)));
        zone.Sign();
        Assert.Equal("cds-mismatch", zone.Faults());
    }

    [Fact]
    public void What_the_key_of_the_parents_DS_does_not_sign_no_parent_takes()
    {
        using var entry = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var zone = new SignedZone(Text) { Flags = 0 };
        zone.AddKey(entry, 1);
        zone.Add(zone.Apex, DnsType.Cds, 3600, zone.CdsOf(zone.KeyOf(entry, 1)));
        zone.Sign();
        zone.SignKeys(entry, 1);
        Assert.Equal("cds-signature", zone.Faults());
        zone.Add(zone.Apex, DnsType.Rrsig, 3600, zone.Signature([zone.One("example", DnsType.Cds)], entry, 1));
        Assert.Equal("", zone.Faults());
    }

    [Fact]
    public void CDS_and_CDNSKEY_must_say_the_same()
    {
        using var zone = new SignedZone(Text);
        var key = zone.KeyOf(null, zone.Flags);
        zone.Add(zone.Apex, DnsType.Cds, 3600, zone.CdsOf(key));
        zone.Add(zone.Apex, DnsType.Cdnskey, 3600, key);
        zone.Sign();
        Assert.Equal("", zone.Faults());
        using var other = new SignedZone(Text + "@ CDNSKEY 0 3 0 AA==\n");
        other.Add(other.Apex, DnsType.Cds, 3600, other.CdsOf(other.KeyOf(null, other.Flags)));
        Assert.Equal("cds-conflict", other.Sign().Faults());
        Assert.Equal(2, other.Verdict().Findings.Count(ZoneFault.CdsConflict));
    }
}
