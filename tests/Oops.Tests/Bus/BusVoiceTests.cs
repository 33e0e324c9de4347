using Oops.Bus;
using Oops.Core;
using Oops.Tests.Engine;
using Oops.Wire.Bus;
using Xunit;

namespace Oops.Tests.Bus;

public sealed class BusVoiceTests
{
    readonly FakeTime time = new();
    readonly BusVoice voice;

    public BusVoiceTests() => voice = new("ams1", "n1", c => c == "expired" ? "before=0" : null, c => c == "expired" ? "zone-expiring" : c, TimeSpan.FromHours(3), time);

    [Fact]
    public void What_is_believed_becomes_a_signal_with_its_parameter_its_zone_and_its_end()
    {
        var since = new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero).AddTicks(12345678);
        var signal = voice.Of(new ConditionReport("condition/expired/ns1/a/b.example", "zone-expiring", State.Met, true, since, "expired (nsd/ns1)"));
        Assert.Null(BusRules.Fault(signal));
        Assert.Equal(("expired", "zone-expiring", "ns1", "a/b.example", "before=0", BusState.Met), (signal.Condition, signal.Kind, signal.Server, signal.Zone, signal.Parameter, signal.State));
        Assert.Equal("2026-11-28T12:00:01.234Z", BusJson.Text(signal.Since!.Value));
        Assert.InRange(signal.ValidUntil!.Value - signal.Time, TimeSpan.FromHours(3), TimeSpan.FromHours(3));
    }

    [Fact]
    public void Each_signal_of_a_life_has_a_greater_sequence_and_an_id_of_its_own()
    {
        var (one, two) = (voice.Publisher(BusState.Met, "a"), voice.Publisher(BusState.NotMet, "b"));
        Assert.Equal(one.Life, two.Life);
        Assert.True(two.Sequence > one.Sequence);
        Assert.NotEqual(one.Id, two.Id);
        Assert.NotEqual(one.Life, new BusVoice("ams1", "n1", _ => null, c => c, TimeSpan.FromHours(3), time).Publisher(BusState.Met, "").Life);
        Assert.Equal("dns-oops/v1/ams1/_node/n1", BusTopic.Of(one).ToString());
    }

    [Fact]
    public void A_sum_has_the_numbers_of_zones_and_the_first_in_the_order_of_names()
    {
        var signal = voice.Of(new ConditionReport("condition/zone-ready/ns1", "zone-ready", State.NotMet, true, null, "x") { Counts = new(1, 2, 3, "nl") });
        Assert.Null(BusRules.Fault(signal));
        Assert.Equal([new("first", "nl"), new("met", null, 1), new("not_met", null, 2), new("unknown", null, 3), new("zones", null, 6)], signal.Arguments);
    }

    [Fact]
    public void What_a_rule_fired_for_has_the_same_id_at_each_try_and_both_serials()
    {
        var reaction = new ReactionIntent("bus", 7, "zone-updated: example went on") { Rule = 0, Condition = "zone-updated", Server = "ns1", Zone = "example", State = State.Met, Serial = 2, PreviousSerial = 1, When = time.GetUtcNow() };
        var (one, two) = (voice.Of(reaction), voice.Of(reaction));
        Assert.Null(BusRules.Fault(one));
        Assert.Equal(one.Id, two.Id);
        Assert.True(two.Sequence > one.Sequence);
        Assert.Equal((2L, new BusArgument("previous_serial", null, 1)), (one.Value!.Value, Assert.Single(one.Arguments)));
    }

    [Fact]
    public void That_a_publisher_runs_ends_when_it_is_not_said_again_and_that_it_does_not_stays()
    {
        Assert.Equal(TimeSpan.FromHours(3), voice.Publisher(BusState.Met, "a").ValidUntil - voice.Publisher(BusState.Met, "a").Time);
        Assert.Null(voice.Publisher(BusState.NotMet, "b").ValidUntil);
    }

    [Fact]
    public void A_parameter_that_is_too_long_for_its_field_is_left_out_and_the_signal_goes_out()
    {
        var at = (int length) => new BusVoice("ams1", "n1", _ => new string('1', length), c => c, TimeSpan.FromHours(3), time).Of(new ConditionReport("condition/x/ns1", "external", State.Met, false, null, "x"));
        Assert.Equal(BusRules.LongestArgument, at(BusRules.LongestArgument).Parameter!.Length);
        Assert.Null(at(BusRules.LongestArgument + 1).Parameter);
        Assert.Null(BusRules.Fault(at(BusRules.LongestArgument + 1)));
    }

    [Fact]
    public void Two_hosts_that_are_called_the_same_before_the_first_dot_have_marks_that_differ()
    {
        Assert.NotEqual(BusVoice.Mark("ns1", "ns1", "ns1.ams.example"), BusVoice.Mark("ns1", "ns1", "ns1.fra.example"));
        Assert.Equal(BusVoice.Mark("a", "b"), BusVoice.Mark("a", "b"));
    }

    [Theory]
    [InlineData("\u001b[2J\0")]
    [InlineData("\ud800 half")]
    [InlineData("\u0085\u202e")]
    public void What_a_stranger_wrote_into_the_reason_goes_out_harmless(string because) =>
        Assert.Null(BusRules.Fault(voice.Of(new ConditionReport("condition/x/ns1", "external", State.Met, false, null, because + new string('x', 2000)))));
}
