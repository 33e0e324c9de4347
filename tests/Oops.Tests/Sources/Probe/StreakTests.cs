using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Sources.Probe;
using Xunit;

namespace Oops.Tests.Sources.Probe;

public sealed class StreakTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(800);
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    readonly Streak streak = new(3, Timeout);

    [Fact]
    public void Silence_is_told_after_three_tries_as_a_suspicion_and_again_with_each()
    {
        Assert.Equal((Measure.Unanswered, 1, Second), Begun(Take(AskOutcome.Timeout)));
        Assert.True(streak.Failing);
        Assert.Equal((Measure.Unanswered, 2, TimeSpan.Zero), Begun(Take(AskOutcome.Timeout)));
        for (var i = 0; i < 3; i++)
            Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Timeout)));
        Assert.Equal((1, Evidence.Proof), Said(Take(AskOutcome.Answered)));
        Assert.False(streak.Failing);
        Assert.Equal((Measure.Unanswered, 1, Second), Begun(Take(AskOutcome.Timeout)));
    }

    [Theory]
    [InlineData(AskOutcome.Unreachable)]
    [InlineData(AskOutcome.Broken)]
    [InlineData(AskOutcome.Elsewhere)]
    [InlineData(AskOutcome.NotHere)]
    internal void What_did_not_get_through_was_not_silent_until_three_tries_later(AskOutcome failure)
    {
        Take(AskOutcome.Timeout);
        Assert.Null(Take(failure));
        Assert.Equal((Signal.Unasked, Evidence.Suspicion), Said(Take(AskOutcome.Timeout)));
        Assert.Equal((Signal.Unasked, Evidence.Suspicion), Said(Take(AskOutcome.Timeout)));
        Assert.Equal((Measure.Answering, Signal.Absent, Second), Begun(Take(AskOutcome.Timeout)));
        Assert.Equal((Signal.Unasked, Evidence.Suspicion), Said(Take(failure)));
    }

    [Fact]
    public void Where_one_try_is_enough_the_first_word_is_silence_and_says_since_when() =>
        Assert.Equal((Measure.Answering, Signal.Absent, Second), Begun(new Streak(1, Timeout).Take("c", Result(AskOutcome.Timeout), true, IPAddress.Loopback, Second)));

    [Fact]
    public void Three_refusals_in_a_row_by_this_host_are_a_proof()
    {
        Assert.Null(Take(AskOutcome.Refused));
        Assert.Null(Take(AskOutcome.Refused));
        Assert.False(streak.Refused);
        Assert.Equal((0, Evidence.Proof), Said(Take(AskOutcome.Refused)));
        Assert.True(streak.Refused);
    }

    [Fact]
    public void An_address_that_is_none_of_this_host_says_nothing_however_long()
    {
        Take(AskOutcome.Answered);
        Take(AskOutcome.NotHere);
        Take(AskOutcome.NotHere);
        for (var i = 0; i < 10; i++)
            Assert.Equal((Signal.Unasked, Evidence.Suspicion), Said(Take(AskOutcome.NotHere)));
    }

    [Fact]
    public void Three_failures_not_all_of_them_refused_are_silence()
    {
        Take(AskOutcome.Refused);
        Take(AskOutcome.Refused);
        Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Timeout)));
        Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Refused)));
        Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Refused)));
        Assert.Equal((0, Evidence.Proof), Said(Take(AskOutcome.Refused)));
    }

    [Theory]
    [InlineData("198.51.100.1", true)] // not this host's
    [InlineData("127.0.0.1", false)] // over TCP
    public void A_refusal_by_another_host_or_over_TCP_is_a_suspicion(string address, bool proof)
    {
        for (var i = 0; i < 2; i++)
            Assert.Null(Take(AskOutcome.Refused, address, proof));
        Assert.Equal((0, Evidence.Suspicion), Said(Take(AskOutcome.Refused, address, proof)));
    }

    [Fact]
    public void A_timeout_that_we_noticed_late_does_not_count()
    {
        for (var i = 0; i < 10; i++)
            Assert.Null(Take(AskOutcome.Timeout, late: Timeout * 2));
        Assert.False(streak.Failing);
        Assert.Equal((Measure.Unanswered, 1, Second), Begun(Take(AskOutcome.Timeout, late: Timeout / 2)));
        Take(AskOutcome.Timeout);
        Assert.Null(Take(AskOutcome.Timeout, late: Timeout * 2));
        Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Timeout)));
    }

    ServerSignal? Take(AskOutcome outcome, string address = "127.0.0.1", bool proof = true, TimeSpan late = default) =>
        streak.Take("c", Result(outcome, late), proof, IPAddress.Parse(address), Second);

    static AskResult Result(AskOutcome outcome, TimeSpan late = default) => new(outcome, default, Timeout, late, outcome == AskOutcome.Answered ? null : "why");

    static (Measure, long, TimeSpan) Begun(ServerSignal? signal) => (signal!.Measure, signal.Value, signal.For);

    static (long, Evidence) Said(ServerSignal? signal) => (signal!.Value, signal.Evidence);
}
