using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>A person who is told that a zone is invalid, or that signatures end, is told what and which.</summary>
public sealed class ZoneReasonTests
{
    const string Verify = "verify/ns1";

    readonly Rig rig = new(Policy);

    static Policy Policy
    {
        get
        {
            var simple = Rig.Simple();
            return simple with
            {
                Channels = [.. simple.Channels, new(Verify, "ns1", Standing.Witness, [Measure.Invalid, Measure.SignatureExpiry], Timeout.InfiniteTimeSpan)],
                Conditions = [new KindSpec("soon", Kind.SignaturesExpiring) { Span = TimeSpan.FromHours(1) }],
                Rules = [Rule(0, "zone-invalid"), Rule(1, "soon")],
            };
        }
    }

    static RuleSpec Rule(int index, string condition) => new(index, condition) { Zones = new(["*"]), Do = [new("tell")] };

    IEnumerable<string> Told => rig.Effects.OfType<ReactionIntent>().Select(r => r.Because);

    void Say(Measure measure, long value, string? detail) => rig.Say(new ZoneSignal(Verify, "a", measure, value, detail));

    [Fact]
    public void A_rule_has_the_reason_with_a_claim_and_with_a_time_that_has_come()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Verify));
        Say(Measure.Invalid, 0, "serial 5");
        Say(Measure.SignatureExpiry, 3700, "serial 5, first to expire: www.a A");
        Assert.Empty(Told);
        Say(Measure.Invalid, 1, "serial 6: ns-missing at a NS (none)");
        Assert.Equal("zone-invalid of a at ns1 is met (verify/ns1): serial 6: ns-missing at a NS (none)", Told.Last());
        Say(Measure.SignatureExpiry, 3700, "serial 6, first to expire: www.a A");
        rig.Pass(200);
        Assert.Equal("soon of a at ns1 is met: serial 6, first to expire: www.a A", Told.Last());
        Say(Measure.SignatureExpiry, 5, "serial 6, first to expire: x.a A");
        Say(Measure.SignatureExpiry, 9000, "serial 7, first to expire: www.a A");
        Say(Measure.SignatureExpiry, 5, "serial 8, first to expire: x.a A");
        Assert.Equal("soon of a at ns1 is met (verify/ns1): serial 8, first to expire: x.a A", Told.Last());
    }

    [Fact]
    public void A_source_that_cannot_have_the_zone_says_why()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Verify));
        Assert.Contains("has not spoken (verify/ns1)", rig.Condition("zone-invalid", zone: "a").Because, StringComparison.Ordinal);
        Say(Measure.Invalid, Signal.Unsaid, "from 192.0.2.53: REFUSED");
        Say(Measure.SignatureExpiry, Signal.Unsaid, "from 192.0.2.53: REFUSED");
        Assert.Contains("has not spoken: from 192.0.2.53: REFUSED", rig.Condition("zone-invalid", zone: "a").Because, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_is_reported_with_the_zones_where_something_is_met_and_until_when_each_is_signed()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Verify));
        Say(Measure.Invalid, 0, "serial 5");
        Say(Measure.SignatureExpiry, 7200, "serial 5, first to expire: www.a A");
        Assert.Empty(rig.Machine.Status(rig.Moment).Servers.Single().ZonesWith);
        rig.Pass(100);
        Say(Measure.Invalid, 1, "serial 6: ns-missing at a NS (none)");
        var with = Assert.Single(rig.Machine.Status(rig.Moment).Servers.Single().ZonesWith);
        Assert.Equal(("zone-invalid", 1, "a"), (with.Condition, with.Zones.Count, with.Zones.Some.Single()));
        var zone = rig.Machine.Zones("ns1", rig.Moment).Single(z => z.Zone == "a");
        Assert.Equal(7100, Math.Round((zone.SignedUntil!.Value - rig.Moment.Wall).TotalSeconds));
        Assert.All(rig.Machine.Zones("ns1", rig.Moment).Where(z => z.Zone != "a"), z => Assert.Null(z.SignedUntil));
    }
}
