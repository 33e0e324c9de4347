using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

/// <summary>RFC 6672, 2.4: below a DNAME there is nothing.</summary>
public sealed class DnameTests
{
    [Fact]
    public void A_DNAME_at_the_apex_hides_all_that_is_below_it()
    {
        using var zone = new SignedZone("$TTL 60\n@ SOA a host 1 2 3 4 5\n@ NS a\n@ DNAME foo.\n@ A 192.0.2.1\na A 192.0.2.1\nx.y TXT x\n");
        Assert.Equal("occluded server-unusable", zone.Faults());
        Assert.Equal(2, zone.Verdict().Findings.Count(ZoneFault.Occluded));
        Assert.Equal("below a DNAME", zone.Verdict().Findings.First(ZoneFault.Occluded).First().Why);
    }

    [Theory]
    [InlineData("nsec")]
    [InlineData("nsec3")]
    public void A_zone_of_a_DNAME_alone_passes(string form)
    {
        using var zone = new SignedZone("$TTL 60\n@ SOA ns.other. host.other. 1 2 3 4 5\n@ NS ns.other.\n@ DNAME foo.\n").Sign(form == "nsec" ? DenialForm.Nsec : DenialForm.Nsec3);
        Assert.Equal("", zone.Faults());
    }

    [Fact]
    public void Proofs_below_it_are_extra()
    {
        using var zone = new SignedZone("$TTL 60\n@ SOA ns.other. host.other. 1 2 3 4 5\n@ NS ns.other.\n@ DNAME foo.\nx A 192.0.2.1\n").Sign();
        Assert.Equal("occluded signature-extra nsec-next nsec-extra", zone.Faults());
        Assert.False(zone.Verdict().Passes);
    }
}
