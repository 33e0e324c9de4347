using Oops.Commands;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

public sealed class ExpectedZonesTests
{
    const string Control = "knot/ns1/control";

    [Fact]
    public void What_is_left_of_a_list_that_was_never_ended_is_void_when_a_new_one_begins()
    {
        var rig = Own().Say(new ZonesListed(Control, ["stale", "a"], Last: false) { First = true }, new ChannelLost(Control, "closed"));
        rig.Say(new ZonesListed(Control, ["a"], Last: false) { First = true }, new ZonesListed(Control, ["b"], Last: true));
        Assert.Equal(["a", "b"], rig.Machine.ExpectedZones("ns1"));
    }

    [Fact]
    public void Many_zones_are_counted_and_some_are_named()
    {
        string[] zones = [.. Enumerable.Range(0, 300).Select(i => $"z{i:000}")];
        var rig = Own().Say(new ZonesListed(Control, zones, Last: true) { First = true });
        foreach (var zone in zones) rig.Say(new ZoneSignal(Control, zone, Measure.Serial, Signal.Absent), new ZoneSignal(Control, "x" + zone, Measure.Serial, 1));
        var report = rig.Machine.Server("ns1", rig.Moment)!;
        Assert.Equal((300, 20), (report.NotServed!.Count, report.NotServed.Some.Length));
        Assert.Equal((300, 20), (report.NotExpected!.Count, report.NotExpected.Some.Length));
        Assert.All(report.NotExpected.Some, z => Assert.StartsWith("xz", z, StringComparison.Ordinal));
        Assert.Matches("^ns1: expected, not served: (z[0-9]{3}, ){4}z[0-9]{3} and 295 more$", StatusCommand.Names(report, rig.Moment.Wall).First());
    }

    [Fact]
    public void The_zones_that_changed_last_are_named_among_a_great_many()
    {
        string[] zones = [.. Enumerable.Range(0, 20_000).Select(i => $"z{i}")];
        var rig = Own().Say(new ZonesListed(Control, zones, Last: true) { First = true });
        foreach (var zone in zones) rig.Say(new ZoneSignal(Control, zone, Measure.Serial, 1));
        rig.Say(new ZoneSignal(Control, "z19998", Measure.Serial, Signal.Absent), new ZoneSignal(Control, "z19000", Measure.Serial, Signal.Absent), new ZoneSignal(Control, "strange", Measure.Serial, 1));
        var report = rig.Machine.Server("ns1", rig.Moment)!;
        Assert.Equal(["z19000", "z19998"], report.NotServed!.Some);
        Assert.Equal(["strange"], report.NotExpected!.Some);
        rig.Say(new ChannelLost(Control, "closed"));
        report = rig.Machine.Server("ns1", rig.Moment)!;
        Assert.Null(report.NotServed);
        Assert.Null(report.NotExpected);
    }

    [Fact]
    public void A_new_member_is_counted_as_new_until_it_is_loaded_or_leaves()
    {
        var rig = Own().Say(List("a", "b"), new ZoneSignal(Control, "a", Measure.Serial, 1), List("a", "b", "c", "d"));
        Assert.Equal(2, rig.Machine.Server("ns1", rig.Moment)!.ZonesNew);
        Assert.Contains("ns1: 2 new zones, not loaded yet", StatusCommand.Names(rig.Machine.Server("ns1", rig.Moment)!, rig.Moment.Wall));
        rig.Say(new ZoneSignal(Control, "c", Measure.Serial, 1));
        Assert.Equal(1, rig.Machine.Server("ns1", rig.Moment)!.ZonesNew);
        rig.Pass(16 * 60);
        Assert.Equal(0, rig.Machine.Server("ns1", rig.Moment)!.ZonesNew);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_new_member_is_new_for_as_long_after_a_reload_or_a_restart(bool restart)
    {
        var rig = Own().Say(new ProcessStarted("process/ns1", 10, 1000), List("a", "b"), new ZoneSignal(Control, "a", Measure.Serial, 1), List("a", "b", "c", "d"));
        Assert.Equal(2, rig.Machine.Server("ns1", rig.Moment)!.ZonesNew);
        rig.Pass(5 * 60);
        var policy = Rig.Simple() with { Servers = [new("ns1")] };
        var next = restart ? rig.Restarted(policy).Say(new ProcessStarted("process/ns1", 10, 1000), List("a", "b", "c", "d")) : rig.Reloaded(policy);
        next.Say(new ZoneSignal(Control, "a", Measure.Serial, 1), new ZoneSignal(Control, "b", Measure.Serial, 1));
        Assert.Equal(2, next.Machine.Server("ns1", next.Moment)!.ZonesNew);
        Assert.Equal(State.Met, next.Condition("all-zones-ready").State);
        next.Say(new ZoneSignal(Control, "c", Measure.Serial, 1));
        next.Pass(9 * 60);
        next.Say(new ZoneSignal(Control, "a", Measure.Serial, 1), new ZoneSignal(Control, "b", Measure.Serial, 1), new ZoneSignal(Control, "c", Measure.Serial, 1));
        Assert.Equal(State.Met, next.Condition("all-zones-ready").State);
        next.Pass(61);
        Assert.Equal((0, State.Unknown), (next.Machine.Server("ns1", next.Moment)!.ZonesNew, next.Condition("all-zones-ready").State));
    }

    [Fact]
    public void After_another_boot_or_with_a_new_process_no_member_is_new()
    {
        var rig = Own().Say(List("a"), List("a", "b"));
        var next = Own();
        next.Machine.Restore(rig.Machine.Snapshot(rig.Moment), next.Moment, sameBoot: false);
        Assert.Equal(0, next.Machine.Server("ns1", next.Moment)!.ZonesNew);
        var reloaded = rig.Reloaded(Rig.Simple() with { Servers = [new("ns1")] });
        reloaded.Say(new ProcessStarted("process/ns1", 10, 1000));
        Assert.Equal(1, reloaded.Machine.Server("ns1", reloaded.Moment)!.ZonesNew);
        reloaded.Say(new ProcessGone("process/ns1", "signal 9"), new ProcessStarted("process/ns1", 11, 100_100));
        Assert.Equal(0, reloaded.Machine.Server("ns1", reloaded.Moment)!.ZonesNew);
    }

    [Fact]
    public void An_old_list_says_so_and_one_of_the_config_has_no_age()
    {
        var rig = Own().Say(List("a"));
        rig.Pass(3 * 3600);
        Assert.Contains("ns1: the list is 3h old", StatusCommand.Names(rig.Machine.Server("ns1", rig.Moment)!, rig.Moment.Wall));
        Assert.Null(new Rig(Rig.Simple()).Machine.Server("ns1", rig.Moment)!.ZonesListed);
    }

    [Fact]
    public void A_set_from_before_another_boot_is_at_least_as_old_as_it_was()
    {
        var rig = Own().Say(List("a"));
        rig.Pass(600);
        var next = Own();
        next.Machine.Restore(rig.Machine.Snapshot(rig.Moment), next.Moment, sameBoot: false);
        Assert.Equal(next.Moment.Wall - TimeSpan.FromSeconds(600), next.Machine.Server("ns1", next.Moment)!.ZonesListed);
    }

    static ZonesListed List(params string[] zones) => new(Control, zones, Last: true) { First = true };

    static Rig Own() => new(Rig.Simple() with { Servers = [new("ns1")] });
}
