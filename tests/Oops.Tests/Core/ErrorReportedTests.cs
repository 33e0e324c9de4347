using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What resolvers report of a zone (RFC 9567), and what may follow from it.</summary>
public sealed class ErrorReportedTests
{
    const string Bogus = "error-reports/ns1/bogus", Lame = "error-reports/ns1/lame";

    static readonly KindSpec BogusSpec = new("bogus", Kind.ErrorReported) { Codes = new([6, 7]) };
    static readonly KindSpec LameSpec = new("lame", Kind.ErrorReported) { Codes = new([20, 22]), Number = 2, Span = TimeSpan.FromHours(1), Networks = 1 };

    static ChannelSpec Channel(string name, string? condition) => new(name, "ns1", Standing.Witness, [Measure.ErrorReports], Timeout.InfiniteTimeSpan) { Condition = condition };

    static Policy Policy(Func<RouteSpec, RouteSpec>? route = null, KindSpec? bogus = null)
    {
        var simple = Rig.Simple(route ?? (r => r with { DegradeWhen = [new("bogus") { Zones = new(["a"]) }], Rise = TimeSpan.Zero }), bogus ?? BogusSpec, LameSpec);
        return simple with { Channels = [.. simple.Channels, Channel(Bogus, "bogus"), Channel(Lame, "lame")] };
    }

    static ZoneSignal Reports(string channel, long number, string? remark = null, string zone = "a") => new(channel, zone, Measure.ErrorReports, number, remark);

    static Rig Listening(Policy policy) => new Rig(policy).Say(Rig.Router()).Say([.. Rig.Healthy(), new ChannelOpened(Bogus), Reports(Bogus, 0), Reports(Bogus, 0, zone: "b"), new ChannelRead(Bogus)]);

    [Fact]
    public void It_is_met_by_so_many_reports_or_more_and_nothing_else_of_the_zone_is_touched()
    {
        var rig = Listening(Policy());
        State Said(long reports) => rig.Say(Reports(Bogus, reports)).Condition("bogus", zone: "a").State;
        Assert.Equal([State.NotMet, State.NotMet, State.Met, State.Met, State.NotMet], new long[] { 0, 9, 10, 5000, 9 }.Select(Said));
        Assert.Equal((State.NotMet, State.Met), (rig.Condition("bogus", zone: "b").State, rig.Machine.Zone("ns1", "a", rig.Moment)!.Ready));
    }

    [Fact]
    public void Nobody_has_listened_yet_and_nobody_can_listen_are_both_unknown()
    {
        var rig = new Rig(Policy()).Say([.. Rig.Healthy()]);
        Assert.Equal(State.Unknown, rig.Condition("bogus", zone: "a").State);
        rig.Say(new ChannelOpened(Bogus), Reports(Bogus, 50));
        Assert.Equal(State.Met, rig.Condition("bogus", zone: "a").State);
        rig.Say(new ChannelLost(Bogus, "address in use"));
        Assert.Equal(State.Unknown, rig.Condition("bogus", zone: "a").State);
        // What was said before is over.
        rig.Say(new ChannelOpened(Bogus));
        Assert.Equal(State.Unknown, rig.Condition("bogus", zone: "a").State);
    }

    [Fact]
    public void Two_conditions_hear_each_its_own_channel_alone()
    {
        var rig = Listening(Policy()).Say(Reports(Lame, 5));
        Assert.Equal((State.NotMet, State.Met), (rig.Condition("bogus", zone: "a").State, rig.Condition("lame", zone: "a").State));
        Assert.Equal([Bogus], rig.Condition("bogus", zone: "a").Claims.Select(c => c.Channel));
        rig.Say(Reports(Bogus, 100), new ChannelLost(Lame, "gone"));
        Assert.Equal((State.Met, State.Unknown), (rig.Condition("bogus", zone: "a").State, rig.Condition("lame", zone: "a").State));
    }

    [Fact]
    public void Two_channels_of_one_condition_fold_as_of_what_is_bad()
    {
        const string Other = "error-reports/ns1/bogus/v6";
        var policy = Policy();
        var rig = Listening(policy with { Channels = [.. policy.Channels, Channel(Other, "bogus")] });
        State Now() => rig.Condition("bogus", zone: "a").State;
        Assert.Equal(State.Unknown, Now());
        rig.Say(Reports(Other, 0));
        Assert.Equal(State.NotMet, Now());
        rig.Say(Reports(Other, 10));
        Assert.Equal(State.Met, Now());
        rig.Say(Reports(Other, 1), Reports(Bogus, 10));
        Assert.Equal(State.Met, Now());
        rig.Say(new ChannelLost(Other, "gone"));
        Assert.Equal(State.Met, Now());
        rig.Say(Reports(Bogus, 0));
        Assert.Equal(State.Unknown, Now());
    }

    [Fact]
    public void A_channel_without_a_condition_counts_for_each()
    {
        var policy = Policy();
        var rig = new Rig(policy with { Channels = [.. policy.Channels.Where(c => c.Condition is null), Channel("error-reports/ns1", null)] }).Say(Reports("error-reports/ns1", 4));
        Assert.Equal((State.NotMet, State.Met), (rig.Condition("bogus", zone: "a").State, rig.Condition("lame", zone: "a").State));
    }

    [Fact]
    public void A_route_is_degraded_while_a_zone_of_its_entry_is_reported()
    {
        var rig = Listening(Policy());
        Assert.Equal(RouteForm.Plain, rig.Told!.Routes[0].Form);
        rig.Say(Reports(Bogus, 99, zone: "b"));
        Assert.Equal(RouteForm.Plain, rig.Told!.Routes[0].Form);
        rig.Say(Reports(Bogus, 10));
        Assert.Equal(RouteForm.Degraded, rig.Told!.Routes[0].Form);
        rig.Say(Reports(Bogus, 9));
        Assert.Equal(RouteForm.Plain, rig.Told!.Routes[0].Form);
    }

    [Fact]
    public void Reports_are_a_suspicion_and_withdraw_nothing_whatever_the_policy_says()
    {
        var rig = Listening(Policy(r => r with { WithdrawWhen = [new("bogus") { Zones = new(["a"]) }, new("bogus")], Rise = TimeSpan.Zero }));
        rig.Say(Reports(Bogus, 1_000_000), Reports(Bogus, 1_000_000, zone: "b")).Pass(3600);
        var report = rig.Condition("bogus", zone: "a");
        Assert.Equal((State.Met, false, Evidence.Suspicion, (int?)null), (report.State, report.Proven, report.Claims[0].Evidence, report.Claims[0].Incarnation));
        Assert.DoesNotContain(rig.Effects.OfType<RouterIntent>().SelectMany(i => i.Routes).SkipWhile(r => r.Form == RouteForm.Withdrawn), r => r.Form == RouteForm.Withdrawn);
        Assert.Equal(RouteForm.Plain, rig.Told!.Routes[0].Form);
        // A person's word is a fact.
        rig.Say(new Override("anna", "bogus", "ns1", "b", State.Met, TimeSpan.FromHours(1), "seen"));
        Assert.True(rig.Condition("bogus", zone: "b").Proven);
    }

    [Fact]
    public void A_new_process_of_the_server_has_nothing_to_do_with_what_resolvers_said_of_the_zone()
    {
        var policy = Policy();
        var rig = Listening(policy with { Rules = [new(0, "bogus") { States = [State.Met, State.Unknown], Do = [new("tell")] }] }).Say(Reports(Bogus, 12));
        rig.Say(new ProcessGone("process/ns1", "signal 9"));
        Assert.Equal(State.Met, rig.Condition("bogus", zone: "a").State);
        rig.Say(new ProcessStarted("process/ns1", 11, (long)(rig.Now * 100)));
        Assert.Equal(State.Met, rig.Condition("bogus", zone: "a").State);
        Assert.Equal([("a", State.Met)], rig.Effects.OfType<ReactionIntent>().Select(i => (i.Zone, i.State)));
    }

    [Fact]
    public void A_rule_fires_for_the_zone_with_the_channel_that_said_it()
    {
        var rig = Listening(Policy() with { Rules = [new(0, "bogus") { Zones = new(["*"]), States = [State.Met], Do = [new("tell")] }] });
        rig.Say(Reports(Bogus, 12), Reports(Bogus, 13), Reports(Lame, 50));
        var intent = Assert.Single(rig.Effects.OfType<ReactionIntent>());
        Assert.Equal(("tell", "bogus", "a", State.Met, Bogus), (intent.Action, intent.Condition, intent.Zone, intent.State, intent.Channel));
    }

    [Fact]
    public void A_reload_hands_on_what_was_counted_the_same_way_and_nothing_else()
    {
        var rig = Listening(Policy()).Say(Reports(Bogus, 12, ErrorReports.Remark([6])));
        Assert.Equal(State.Met, rig.Reloaded(Policy()).Condition("bogus", zone: "a").State);
        // The number is the same; only how much is too much has changed.
        Assert.Equal(State.NotMet, rig.Reloaded(Policy(bogus: BogusSpec with { Number = 13 })).Condition("bogus", zone: "a").State);
        foreach (var other in (KindSpec[])[BogusSpec with { Codes = new([6]) }, BogusSpec with { Span = TimeSpan.FromHours(1) }, BogusSpec with { Networks = 4 }])
            Assert.Equal(State.Unknown, rig.Reloaded(Policy(bogus: other)).Condition("bogus", zone: "a").State);
    }

    [Fact]
    public void It_is_explained_with_its_errors_its_window_and_what_to_look_at()
    {
        var rig = Listening(Policy());
        var none = rig.Condition("bogus", zone: "a");
        Assert.Equal($"no reports of 6 (dnssec-bogus), 7 (signature-expired) within 30m from 3 networks or more, met at 10 ({Bogus})", none.Because);
        Assert.Null(none.Advice);
        var met = rig.Say(Reports(Bogus, 12, ErrorReports.Remark([7], "www.a A"))).Condition("bogus", zone: "a");
        Assert.Equal($"12 reports of 7 (signature-expired) within 30m from 3 networks or more, met at 10 (www.a A) ({Bogus})", met.Because);
        Assert.Equal([$"7 (signature-expired): {ErrorInfo.All[7].Advice}"], met.Advice!.Value);
        // A channel that does not say which: it may be each of them.
        Assert.Equal(2, rig.Say(Reports(Bogus, 1)).Condition("bogus", zone: "a").Advice!.Value.Length);
        Assert.StartsWith("1 report of ", rig.Condition("bogus", zone: "a").Because, StringComparison.Ordinal);
        // And `oops zones` has it among what is wrong with the zone.
        Assert.Equal(["condition/bogus/ns1/a"], rig.Say(Reports(Bogus, 10)).Machine.Zone("ns1", "a", rig.Moment)!.Conditions.Select(c => c.Id));
    }

    [Fact]
    public void A_reference_has_no_part_in_it()
    {
        var policy = Policy();
        var rig = Listening(policy with { Channels = [.. policy.Channels, new("primary/ns1", "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(30))] });
        rig.Say(new ZoneSignal("primary/ns1", "a", Measure.Serial, 1), Reports(Bogus, 10));
        Assert.Equal([Bogus], rig.Condition("bogus", zone: "a").Claims.Select(c => c.Channel));
        Assert.Equal(RouteForm.Degraded, rig.Told!.Routes[0].Form);
    }

    [Fact]
    public void A_channel_that_covers_more_measures_of_zones_than_a_row_has_room_for_is_a_bug()
    {
        var all = Enum.GetValues<Measure>().Where(Measures.IsOfZone).ToArray();
        var simple = Rig.Simple();
        Machine With(Measure[] measures) => new(simple with { Channels = [new("all", "ns1", Standing.Witness, [.. measures], Timeout.InfiniteTimeSpan)] });
        With(all[^8..]);
        Assert.Throws<ArgumentException>(() => With(all));
    }

    [Fact]
    public void Measures_of_one_channel_keep_apart_in_whatever_order_it_names_them()
    {
        Measure[] all = [.. Enum.GetValues<Measure>().Where(Measures.IsOfZone).Reverse().Take(8)];
        var rig = new Rig(Rig.Simple() with { Channels = [new("all", "ns1", Standing.Witness, [.. all], Timeout.InfiniteTimeSpan)] });
        for (var i = 0; i < all.Length; i++) rig.Say(new ZoneSignal("all", "a", all[i], i + 1));
        var levels = rig.Machine.Levels(rig.Moment, Rig.Simple()).OfType<ZoneSignal>().ToDictionary(s => s.Measure, s => s.Value);
        Assert.Equal(all.Select((m, i) => (m, (long)i + 1)).OrderBy(p => p.m), levels.Select(l => (l.Key, l.Value)).OrderBy(p => p.Key));
        rig.Say(new ZoneSignal("all", "a", all[3], Signal.Unsaid));
        Assert.Equal(7, rig.Machine.Levels(rig.Moment, Rig.Simple()).OfType<ZoneSignal>().Count());
    }
}
