using FsCheck;
using FsCheck.Fluent;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>Conditions about load, and their hysteresis.</summary>
public sealed class LoadTests
{
    const string Tap = "dnstap/ns1";

    static readonly KindSpec High = new("high", Kind.QueryRateHigh) { Number = 1000 };
    static readonly KindSpec Bogus = new("bogus", Kind.ExtendedError) { Number = 10, Codes = new([6, 9]) };

    static Policy Policy(params ConditionSpec[] conditions)
    {
        var simple = Rig.Simple(r => r with { DegradeWhen = [new("high"), new("bogus")] }, conditions.Length > 0 ? conditions : [High, Bogus]);
        return simple with { Channels = simple.Channels.Add(new(Tap, "ns1", Standing.Messenger, [Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors], TimeSpan.FromSeconds(30))) };
    }

    static ServerSignal Rate(long value) => new(Tap, Measure.QueryRate, value);

    [Fact]
    public void A_condition_that_is_met_ends_only_below_its_clear()
    {
        var rig = new Rig(Policy());
        State Said(long rate) => rig.Say(Rate(rate)).Condition("high").State;
        Assert.Equal([State.NotMet, State.NotMet, State.Met, State.Met, State.NotMet, State.NotMet], new long[] { 900, 1000, 1001, 800, 799, 900 }.Select(Said));
    }

    [Fact]
    public void Each_channel_has_its_own()
    {
        var policy = Policy();
        var rig = new Rig(policy with { Channels = policy.Channels.Add(new("counters/ns1", "ns1", Standing.Witness, [Measure.QueryRate], TimeSpan.FromSeconds(30))) });
        rig.Say(Rate(2000), new ServerSignal("counters/ns1", Measure.QueryRate, 900), Rate(700));
        Assert.Equal(State.NotMet, rig.Condition("high").State);
    }

    [Fact]
    public void A_lost_channel_forgets_and_a_new_incarnation_too()
    {
        var rig = new Rig(Policy()).Say(Rate(2000), new ChannelLost(Tap, "closed"), new ChannelOpened(Tap), Rate(900));
        Assert.Equal(State.NotMet, rig.Condition("high").State);
        rig.Say(Rate(2000), new ProcessStarted("process/ns1", 10, 1000), new ProcessGone("process/ns1", "signal 9"), Rate(900));
        Assert.Equal(State.NotMet, rig.Condition("high").State);
    }

    [Fact]
    public void A_claim_that_was_not_renewed_is_unknown()
    {
        var rig = new Rig(Policy()).Say(Rate(2000)).Pass(29);
        Assert.Equal(State.Met, rig.Condition("high").State);
        rig.Pass(2);
        Assert.Equal(State.Unknown, rig.Condition("high").State);
    }

    [Fact]
    public void A_reload_hands_on_what_stands_and_what_its_new_threshold_says_counts()
    {
        var rig = new Rig(Policy()).Say(Rate(2000), Rate(900));
        Assert.Equal(State.Met, rig.Reloaded(Policy()).Condition("high").State);
        Assert.Equal(State.NotMet, rig.Reloaded(Policy(High with { Clear = 950 }, Bogus)).Condition("high").State);
        Assert.Equal(State.NotMet, rig.Reloaded(Policy(High with { Name = "other" }, High with { Number = 5000 }, Bogus)).Condition("high").State);
        // Twice is as once, and later it counts no more.
        var twice = rig.Reloaded(Policy()).Reloaded(Policy());
        Assert.Equal(State.Met, twice.Condition("high").State);
        Assert.Equal(State.NotMet, twice.Say(Rate(100), Rate(900)).Condition("high").State);
    }

    [Fact]
    public void What_stands_by_a_measurement_that_has_run_out_waits_for_the_next_one_also_in_the_next_machine()
    {
        var rig = new Rig(Policy()).Say(new ChannelOpened(Tap), Rate(2000), Rate(900)).Pass(31);
        var twice = rig.Reloaded(Policy()).Reloaded(Policy());
        Assert.Equal(State.Unknown, twice.Condition("high").State);
        Assert.Equal(State.Met, twice.Say(Rate(900)).Condition("high").State);
        Assert.Equal(State.NotMet, rig.Reloaded(Policy()).Say(Rate(700), Rate(900)).Condition("high").State);
        Assert.Equal(State.NotMet, rig.Reloaded(Policy()).Say(new ChannelOpened(Tap), Rate(900)).Condition("high").State);
        Assert.Equal(State.NotMet, rig.Reloaded(Policy()).Say(new ChannelLost(Tap, "closed"), Rate(900)).Condition("high").State);
    }

    [Fact]
    public void A_restart_forgets() =>
        Assert.Equal(State.NotMet, new Rig(Policy()).Say(Rate(2000), Rate(900)).Restarted(Policy()).Say(new ChannelOpened(Tap), Rate(900)).Condition("high").State);

    [Fact]
    public void Errors_of_a_set_count_together_and_say_their_names()
    {
        var rig = new Rig(Policy()).Say(new ErrorRates(Tap, [new(6, 7.5, "www.a.test"), new(9, 3), new(22, 1000)]));
        Assert.Equal(State.Met, rig.Condition("bogus").State);
        Assert.Equal("10.5 errors/s, more than 10, ends below 8: 6 (dnssec-bogus) 7.5/s, www.a.test; 9 (dnskey-missing) 3/s (dnstap/ns1)", rig.Condition("bogus").Because);
        var again = rig.Reloaded(Policy());
        Assert.Equal((State.Met, rig.Condition("bogus").Because), (again.Condition("bogus").State, again.Condition("bogus").Because));
    }

    [Theory]
    [InlineData(new[] { 6, 10 }, 30, State.Met)]
    [InlineData(new[] { 6, 10 }, 3, State.NotMet)]
    [InlineData(new[] { 6, 22 }, 30, State.Met)]
    [InlineData(new[] { 6, 22 }, 3, State.Unknown)]
    [InlineData(new[] { 22 }, 30, State.Unknown)]
    public void A_channel_that_counts_some_codes_says_nothing_of_the_others(int[] codes, double rate, State expected)
    {
        const string Counters = "powerdns/ns1/rate";
        var policy = Policy(High, Bogus with { Codes = new([.. codes]) });
        var rig = new Rig(policy with { Channels = [.. policy.Channels.Where(c => c.Name != Tap), new(Counters, "ns1", Standing.Witness, [Measure.ExtendedErrors], TimeSpan.FromSeconds(30)) { Codes = new([6, 10]) }] });
        rig.Say(new ErrorRates(Counters, [new(6, rate)]));
        Assert.Equal(expected, rig.Condition("bogus").State);
        rig.Say(new ErrorRates(Counters, []));
        Assert.NotEqual(State.Met, rig.Condition("bogus").State);
    }

    [Fact]
    public void Where_another_channel_counts_all_codes_its_word_stands()
    {
        var policy = Policy(High, Bogus with { Codes = new([22]) });
        var rig = new Rig(policy with { Channels = policy.Channels.Add(new("powerdns/ns1/rate", "ns1", Standing.Witness, [Measure.ExtendedErrors], TimeSpan.FromSeconds(30)) { Codes = new([6, 10]) }) });
        rig.Say(new ErrorRates("powerdns/ns1/rate", [new(6, 100)]), new ErrorRates(Tap, [new(22, 3)]));
        Assert.Equal(State.NotMet, rig.Condition("bogus").State);
    }

    [Fact]
    public void Load_degrades_and_its_end_ends_it()
    {
        var rig = new Rig(Policy()).Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(5);
        Assert.Equal(RouteState.Announced, rig.Route().State);
        rig.Say(Rate(1500));
        Assert.Equal(RouteState.Degraded, rig.Route().State);
        rig.Say(Rate(900));
        Assert.Equal(RouteState.Degraded, rig.Route().State);
        rig.Say(Rate(500), new ErrorRates(Tap, []));
        Assert.Equal(RouteState.Announced, rig.Route().State);
    }

    [Fact]
    public void Every_history_is_as_a_plain_reading_of_the_rule_and_replays_the_same() => Prop.ForAll(Arb.From(Gen.Choose(0, 5000).ArrayOf()), numbers =>
    {
        var (rig, again) = (new Rig(Policy()), new Rig(Policy()));
        bool? stands = null;
        foreach (var n in numbers)
        {
            Input input = (n % 10) switch { 0 => new ChannelLost(Tap, "lost"), 1 => new ChannelOpened(Tap), 2 => Tick.Instance, _ => Rate(n / 2) };
            if (n % 13 == 0) rig = rig.Reloaded(Policy());
            rig.Say(input);
            again.Say(input);
            if (input is Tick)
            {
                rig.Pass(31);
                again.Pass(31);
            }
            else
            {
                stands = input is not ServerSignal said ? null : said.Value > 1000 ? true : said.Value < 800 ? false : stands ?? false;
            }

            // What has run out says nothing, but is not forgotten.
            var expected = input is Tick ? State.Unknown : stands switch { null => State.Unknown, true => State.Met, _ => State.NotMet };
            if (rig.Condition("high").State != expected || again.Condition("high").State != expected) return false;
        }
        return true;
    }).QuickCheckThrowOnFailure();
}
