using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What the machine makes of the numbers of keys, and of how their DS fits.</summary>
public sealed class DelegationMismatchTests
{
    const string Keys = "keys/ns1", Parent = "keys/ns1/parent";

    readonly Rig rig = new(Policy);

    static Policy Policy
    {
        get
        {
            var simple = Rig.Simple();
            return simple with
            {
                Channels = [.. simple.Channels, new(Keys, "ns1", Standing.Witness, [Measure.Keys], Timeout.InfiniteTimeSpan), new(Parent, "ns1", Standing.Witness, [Measure.Delegation, Measure.CdsWanted], Timeout.InfiniteTimeSpan)],
                Conditions = [new KindSpec("broken", Kind.DelegationMismatch) { Number = 3 }],
                Rules = [Rule(0, "keys-changed"), Rule(1, "delegation-mismatch"), Rule(2, "broken"), Rule(3, "cds-wants-change")],
            };
        }
    }

    static RuleSpec Rule(int index, string condition) => new(index, condition) { Zones = new(["*"]), Do = [new("tell")] };

    IEnumerable<string> Told => rig.Effects.OfType<ReactionIntent>().Select(r => r.Because);

    void Fits(long value, string? detail = null) => rig.Say(new ZoneSignal(Parent, "a", Measure.Delegation, value, detail));

    void Wants(long value, string? detail = null) => rig.Say(new ZoneSignal(Parent, "a", Measure.CdsWanted, value, detail));

    [Fact]
    public void What_does_not_fit_and_breaks_nothing_hides_nothing_that_does()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Parent));
        Fits(0);
        Fits(1, "a change is wanted");
        Assert.Equal(["delegation-mismatch of a at ns1 is met (keys/ns1/parent): a change is wanted"], Told);
        Assert.Equal(State.NotMet, rig.Condition("broken", zone: "a").State);
        Fits(4, "validators fail; a change is wanted");
        Assert.Equal("broken of a at ns1 is met (keys/ns1/parent): validators fail; a change is wanted", Told.Last());
        Fits(2, "no DS");
        Fits(3, "they may fail");
        Assert.Equal((3, "broken of a at ns1 is met (keys/ns1/parent): they may fail"), (Told.Count(), Told.Last()));
    }

    [Fact]
    public void What_the_zone_asks_for_is_told_each_time_it_is_something_else_whatever_else_there_is()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Parent));
        Fits(2, "no DS");
        var before = Told.Count();
        Wants(7, "no DS; the zone asks for the DS 7");
        Wants(7, "the same");
        Wants(8, "the zone asks for the DS 8");
        Assert.Equal(["cds-wants-change: a at ns1 asks for another DS (keys/ns1/parent): no DS; the zone asks for the DS 7", "cds-wants-change: a at ns1 asks for another DS (keys/ns1/parent): the zone asks for the DS 8"], Told.Skip(before));
        Assert.Equal((State.Met, "asks for another DS (00000008)"), (rig.Condition("cds-wants-change", zone: "a").State, rig.Condition("cds-wants-change", zone: "a").Because));
    }

    [Fact]
    public void That_the_parent_did_it_is_no_news_and_that_it_undid_it_is()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Parent));
        Wants(0);
        Wants(7);
        Wants(0);
        Assert.Single(Told);
        Assert.Equal((State.NotMet, "asks for no other DS"), (rig.Condition("cds-wants-change", zone: "a").State, rig.Condition("cds-wants-change", zone: "a").Because));
        Wants(7);
        Assert.Equal(2, Told.Count());
    }

    [Fact]
    public void What_is_wanted_still_after_a_silence_or_a_start_is_told_once()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Parent));
        Wants(7);
        Wants(Signal.Unsaid);
        Wants(7);
        rig.Say(new ChannelLost(Parent, "nobody answers"), new ChannelOpened(Parent));
        Wants(7);
        Assert.Single(Told);
        var next = rig.Restarted(Policy);
        next.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Parent), new ZoneSignal(Parent, "a", Measure.CdsWanted, 7));
        Assert.Empty(next.Effects.OfType<ReactionIntent>());
    }

    [Theory]
    [InlineData(0, State.NotMet, "DS and keys fit")]
    [InlineData(1, State.Met, "a change of the DS is wanted (because)")]
    [InlineData(2, State.Met, "signed, and no DS (because)")]
    [InlineData(3, State.Met, "validators may fail (because)")]
    [InlineData(4, State.Met, "validators fail (because)")]
    public void Anything_that_does_not_fit_is_met_and_says_why(long value, State state, string words)
    {
        rig.Say(new ChannelOpened(Parent));
        Fits(value, value == 0 ? null : "because");
        var condition = rig.Condition("delegation-mismatch", zone: "a");
        Assert.Equal(state, condition.State);
        Assert.Contains(words, condition.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_taken_back_is_unknown()
    {
        rig.Say(new ChannelOpened(Parent));
        Fits(4);
        Fits(Signal.Unsaid);
        Assert.Equal(State.Unknown, rig.Condition("delegation-mismatch", zone: "a").State);
    }

    [Fact]
    public void While_the_wall_clock_does_not_count_nothing_is_known_of_what_caches_have()
    {
        rig.Say(new ChannelOpened(Parent), new ClockTrust(false, "nothing synchronises it"));
        Fits(4, "because");
        var condition = rig.Condition("delegation-mismatch", zone: "a");
        Assert.Equal((State.Unknown, "wall-clock facts do not count: nothing synchronises it"), (condition.State, condition.Because));
        rig.Say(new ClockTrust(true, "synchronised"));
        Assert.Equal(State.Met, rig.Condition("delegation-mismatch", zone: "a").State);
    }

    [Fact]
    public void A_person_is_told_what_changed_and_what_does_not_fit()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Keys), new ChannelOpened(Parent));
        rig.Say(new ZoneSignal(Keys, "a", Measure.Keys, 1));
        Fits(0);
        Assert.Empty(Told);
        rig.Say(new ZoneSignal(Keys, "a", Measure.Keys, 2, "added 9562 (KSK, algorithm 8)"));
        Fits(4, "the DS is of no key");
        Assert.Equal(["keys-changed: the keys of a at ns1 are others (keys/ns1): added 9562 (KSK, algorithm 8)", "broken of a at ns1 is met (keys/ns1/parent): the DS is of no key", "delegation-mismatch of a at ns1 is met (keys/ns1/parent): the DS is of no key"], Told);
    }

    [Fact]
    public void What_changed_while_we_were_down_is_told_after_the_start()
    {
        rig.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Keys), new ZoneSignal(Keys, "a", Measure.Keys, 1));
        var next = rig.Restarted(Policy);
        next.Say([.. Rig.Healthy()]).Say(new ChannelOpened(Keys), new ZoneSignal(Keys, "a", Measure.Keys, 2, "removed 1"));
        Assert.Equal(["keys-changed: the keys of a at ns1 are others (keys/ns1): removed 1"], next.Effects.OfType<ReactionIntent>().Select(r => r.Because));
    }
}
