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
                Channels = [.. simple.Channels, new(Keys, "ns1", Standing.Witness, [Measure.Keys], Timeout.InfiniteTimeSpan), new(Parent, "ns1", Standing.Witness, [Measure.Delegation], Timeout.InfiniteTimeSpan)],
                Rules = [Rule(0, "keys-changed"), Rule(1, "delegation-mismatch")],
            };
        }
    }

    static RuleSpec Rule(int index, string condition) => new(index, condition) { Zones = new(["*"]), Do = [new("tell")] };

    IEnumerable<string> Told => rig.Effects.OfType<ReactionIntent>().Select(r => r.Because);

    void Fits(long value, string? detail = null) => rig.Say(new ZoneSignal(Parent, "a", Measure.Delegation, value, detail));

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
        Assert.Equal(["keys-changed: the keys of a at ns1 are others (keys/ns1): added 9562 (KSK, algorithm 8)", "delegation-mismatch of a at ns1 is met (keys/ns1/parent): the DS is of no key"], Told);
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
