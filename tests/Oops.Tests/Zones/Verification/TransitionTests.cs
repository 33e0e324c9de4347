using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

/// <summary>Zones on their way from NSEC to NSEC3 and back, and from one set of parameters to another (RFC 5155, 10.3 to 10.5).</summary>
public sealed class TransitionTests
{
    const string Text = "$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\na.ent A 192.0.2.2\nsub NS ns.other.\nsec NS ns.other.\nsec DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n";

    [Fact]
    public void An_NSEC3_chain_that_is_being_made_does_not_harm_the_NSEC_chain_and_that_is_judged()
    {
        using var zone = new SignedZone(Text).Sign();
        using var hashed = new SignedZone(Text).Sign(DenialForm.Nsec3);
        foreach (var record in hashed.Records.Where(r => r.Type == DnsType.Nsec3).Take(3).ToList())
            zone.Records.Add(record);
        zone.ResignAll(DnsType.Nsec3);
        Assert.Equal("nsec3-leftover", zone.Faults());
        Assert.True(zone.Verdict().Passes);
        zone.Remove("ns1.example", DnsType.Nsec);
        zone.Remove("ns1.example", DnsType.Rrsig, DnsType.Nsec);
        Assert.Equal("nsec-missing nsec3-leftover", zone.Faults());
    }

    [Fact]
    public void Two_whole_chains_are_told_and_both_are_judged()
    {
        using var zone = Both();
        Assert.Equal("denial-both", zone.Faults());
        Assert.True(zone.Verdict().Passes);
        zone.Remove("ns1.example", DnsType.Nsec);
        zone.Remove("ns1.example", DnsType.Rrsig, DnsType.Nsec);
        Assert.Equal("denial-both nsec-missing nsec3-types", zone.Faults());
        using var other = Both();
        var any = other.Records.First(r => r.Type == DnsType.Nsec3);
        other.Records.RemoveAll(r => r.Owner == any.Owner);
        Assert.Equal("denial-both nsec3-missing nsec3-next", other.Faults());
    }

    [Fact]
    public void NSEC3_may_tell_of_the_NSEC_record_or_not()
    {
        using var zone = Both();
        foreach (var record in zone.Records.Where(r => r.Type == DnsType.Nsec3).ToList())
        {
            Assert.True(Nsec3.TryRead(record.Data, out var nsec3));
            var types = TypeBitmap.Types(nsec3.Types);
            types.Remove(DnsType.Nsec);
            var bitmap = new byte[TypeBitmap.MaxSize];
            zone.Records[zone.Records.IndexOf(record)] = record with { Data = [.. record.Data[..^nsec3.Types.Length], .. bitmap[..TypeBitmap.Write([.. types], bitmap)]] };
        }

        zone.ResignAll(DnsType.Nsec3);
        Assert.Equal("denial-both", zone.Faults());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(0x80)]
    public void Records_with_flags_that_nobody_knows_prove_nothing(byte flags)
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        foreach (var record in zone.Records.Where(r => r.Type == DnsType.Nsec3).ToList())
            zone.Records[zone.Records.IndexOf(record)] = record with { Data = [record.Data[0], flags, .. record.Data[2..]] };
        zone.ResignAll(DnsType.Nsec3);
        Assert.Equal("nsec3-missing nsec3-malformed", zone.Faults());
    }

    [Fact]
    public void Each_NSEC3PARAM_record_needs_its_chain()
    {
        using var zone = new SignedZone(Text + "@ 0 NSEC3PARAM 1 0 5 CDAB\n").Sign(DenialForm.Nsec3);
        Assert.Equal("nsec3-param nsec3-param-more", zone.Faults());
        Assert.Equal("no NSEC3 record of the apex with 5 iterations, 2 octets of salt", Assert.Single(zone.Verdict().Findings.First(ZoneFault.Nsec3Param)).Why);
    }

    [Fact]
    public void Of_very_many_the_rest_is_not_looked_at()
    {
        using var zone = new SignedZone(Text + string.Concat(Enumerable.Range(1, 100).Select(i => $"@ 0 NSEC3PARAM 1 0 {i} -\n"))).Sign(DenialForm.Nsec3);
        Assert.InRange(zone.Verdict().Findings.Count(ZoneFault.Nsec3ParamMore), 1, 10);
        Assert.Contains(zone.Verdict().Findings.First(ZoneFault.Nsec3Param), f => f.Why == "more than 9 records: the rest of them was not looked at");
    }

    [Fact]
    public void Of_two_chains_in_use_neither_is_a_leftover()
    {
        using var zone = new SignedZone(Text + "@ 0 NSEC3PARAM 1 0 5 ABCD\n").Sign(DenialForm.Nsec3);
        using var other = new SignedZone(Text + "@ 0 NSEC3PARAM 1 0 0 ABCD\n").Sign(DenialForm.Nsec3, iterations: 5);
        zone.Records.AddRange(other.Records.Where(r => r.Type == DnsType.Nsec3));
        zone.ResignAll(DnsType.Nsec3);
        Assert.Equal("nsec3-param-more", zone.Faults());
    }

    [Fact]
    public void A_next_hash_of_another_size_is_told_in_words()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        var any = zone.Records.First(r => r.Type == DnsType.Nsec3);
        Assert.True(Nsec3.TryRead(any.Data, out var nsec3));
        zone.Records[zone.Records.IndexOf(any)] = any with { Data = [.. any.Data[..7], 3, 1, 2, 3, .. nsec3.Types] };
        zone.ResignAll(DnsType.Nsec3);
        Assert.Equal("3 octets, and a hash has 20", Assert.Single(zone.Verdict().Findings.First(ZoneFault.Nsec3Next)).Why);
    }

    /// <summary>NSEC records that were there when it was signed with NSEC3: its NSEC3 records tell of them.</summary>
    static SignedZone Both()
    {
        using var zone = new SignedZone(Text).Sign();
        var both = new SignedZone(Text);
        both.Records.AddRange(zone.Records.Where(r => r.Type == DnsType.Nsec));
        both.Sign(DenialForm.Nsec3);
        // The apex has an NSEC3PARAM record now.
        var apex = both.One("example", DnsType.Nsec);
        var at = 0;
        Assert.True(DnsName.TrySkip(apex.Data, ref at));
        var types = TypeBitmap.Types(apex.Data.AsSpan(at));
        types.Add(DnsType.Nsec3Param);
        var bitmap = new byte[TypeBitmap.MaxSize];
        both.Replace("example", DnsType.Nsec, data => [.. data[..at], .. bitmap[..TypeBitmap.Write([.. types], bitmap)]]);
        both.ResignAll(DnsType.Nsec);
        return both;
    }
}
