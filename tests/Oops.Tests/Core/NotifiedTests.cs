using System.Net;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

public sealed class NotifiedTests
{
    const string Channel = "notify/ns1";

    static Rig WithRule(string condition) => new(Rig.Simple() with
    {
        Channels = [Rig.Process(), Rig.Control(), new(Channel, "ns1", Standing.Messenger, [Measure.Serial, Measure.CdsNotified, Measure.CsyncNotified], Timeout.InfiniteTimeSpan)],
        Rules = [new RuleSpec(0, condition) { Zones = new(["*"]), Do = [new("scan", Each.Latest)] }],
    });

    [Fact]
    public void The_first_NOTIFY_for_CDS_is_news_and_so_is_each_later_one()
    {
        var rig = WithRule("cds-notified");
        rig.Say(new ZoneSignal(Channel, "child.test", Measure.CdsNotified, 1_800_000_000, "the peer's own words; $(id)", IPAddress.Parse("192.0.2.7")));
        var intent = Assert.Single(rig.Effects.OfType<ReactionIntent>());
        Assert.Equal(("scan", "child.test", IPAddress.Parse("192.0.2.7"), Channel), (intent.Action, intent.Zone, intent.Source, intent.Channel));
        rig.Say(new ZoneSignal(Channel, "child.test", Measure.CsyncNotified, 1_800_000_001, "192.0.2.7"));
        rig.Say(new ZoneSignal(Channel, "child.test", Measure.CdsNotified, 1_800_000_002, "192.0.2.7"));
        Assert.Equal(2, rig.Effects.OfType<ReactionIntent>().Count());
    }

    [Fact]
    public void The_first_serial_of_a_zone_is_no_update()
    {
        var rig = WithRule("zone-updated");
        rig.Say(new ZoneSignal(Channel, "a.test", Measure.Serial, 1, "192.0.2.7"));
        Assert.Empty(rig.Effects.OfType<ReactionIntent>());
        rig.Say(new ZoneSignal(Channel, "a.test", Measure.Serial, 2, "192.0.2.7"));
        Assert.Equal(2u, Assert.Single(rig.Effects.OfType<ReactionIntent>()).Serial);
    }

    [Theory]
    [InlineData(Mode.Act)]
    [InlineData(Mode.Observe)]
    public void In_mode_observe_a_command_is_decided_and_marked_as_one_that_is_not_run(Mode mode)
    {
        var rig = new Rig(Rig.Simple() with { Mode = mode, Rules = [new RuleSpec(0, "server-down") { Do = [new("tell")] }] });
        rig.Say(new ProcessGone("process/ns1", "signal 9"));
        var intent = Assert.Single(rig.Effects.OfType<ReactionIntent>());
        Assert.Equal(("tell", mode == Mode.Observe), (intent.Action, intent.Shadow));
    }
}
