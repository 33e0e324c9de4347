using System.Text.Json;
using Oops.Wire.Dns;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

/// <summary>Zones that are made to cost time.</summary>
public sealed class KeyTrapTests
{
    const int Names = 900, Most = 50;

    [Fact]
    public void When_many_signatures_are_wrong_the_rest_is_not_checked_and_the_verdict_is_always_the_same()
    {
        using var zone = Zone(Names);
        var options = new VerifyOptions { Now = SignedZone.Now, MostFailed = Most };
        var verdict = zone.Verdict(2, options);
        Assert.False(verdict.Passes);
        Assert.Equal(Most, verdict.Findings.Count(ZoneFault.SignatureBogus));
        Assert.InRange(verdict.Findings.Count(ZoneFault.SignatureUnchecked), Names - Most, 3 * Names);
        Assert.Single(new[] { 1, 2, 7 }.Select(t => JsonSerializer.Serialize(VerifyReport.Of(zone.Verdict(t, options), default), VerifyJson.Default.VerifyReport)).Distinct());
    }

    [Fact]
    public void So_many_as_may_fail_do_not_keep_others_from_being_checked()
    {
        using var zone = Zone(Most);
        var verdict = zone.Verdict(2, new VerifyOptions { Now = SignedZone.Now, MostFailed = Most });
        Assert.Equal((Most, 0), (verdict.Findings.Count(ZoneFault.SignatureBogus), verdict.Findings.Count(ZoneFault.SignatureUnchecked)));
    }

    [Fact]
    public void A_verdict_that_did_not_check_all_answers_for_no_later_one()
    {
        using var zone = Zone(Names);
        var options = new VerifyOptions { Now = SignedZone.Now, MostFailed = Most, Keep = true };
        var edit = zone.Edit();
        var version = edit.Seal();
        var first = Run(null);
        Assert.Equal(Text(first), Text(Run(first.Precedent)));
        var all = Run(first.Precedent, options with { MostFailed = 10_000 });
        Assert.Equal(Names, all.Findings.Count(ZoneFault.SignatureBogus));
        Assert.Equal(Text(first), Text(Run(all.Precedent)));

        ZoneVerdict Run(Precedent? precedent, VerifyOptions? other = null) => ZoneVerifier.Run(version, other ?? options, edit.Faults, 2, null, CancellationToken.None, precedent);
        static string Text(ZoneVerdict verdict) => JsonSerializer.Serialize(VerifyReport.Of(verdict, default), VerifyJson.Default.VerifyReport);
    }

    [Fact]
    public void When_many_names_are_empty_the_rest_is_not_hashed_and_the_verdict_is_always_the_same()
    {
        const int Above = 5, Hashed = 70;
        using var zone = new SignedZone("$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n" + string.Concat(Enumerable.Range(0, Names).Select(i => $"a.b.c.d.e.h{i} A 192.0.2.1\n"))).Sign(DenialForm.Nsec3);
        var options = new VerifyOptions { Now = SignedZone.Now, SomeEmpty = Hashed, MostEmpty = 0 };
        var verdict = zone.Verdict(2, options);
        Assert.False(verdict.Passes);
        Assert.Equal([ZoneFault.Nsec3Unchecked], verdict.Findings.Faults);
        Assert.Equal((Names * Above) - Hashed, verdict.Findings.Count(ZoneFault.Nsec3Unchecked));
        Assert.Single(new[] { 1, 2, 7 }.Select(t => JsonSerializer.Serialize(VerifyReport.Of(zone.Verdict(t, options), default), VerifyJson.Default.VerifyReport)).Distinct());
        Assert.True(zone.Verdict(2, options with { MostEmpty = Above }).Passes);
    }

    /// <summary>A zone in which so many names have a wrong signature.</summary>
    static SignedZone Zone(int wrong)
    {
        var zone = new SignedZone("$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n" + string.Concat(Enumerable.Range(0, Names).Select(i => $"h{i} A 192.0.2.1\n"))).Sign();
        for (var i = 0; i < wrong; i++)
            zone.Replace($"h{i}.example", DnsType.Rrsig, data => [.. data[..^1], (byte)(data[^1] ^ 1)], DnsType.A);
        return zone;
    }
}
