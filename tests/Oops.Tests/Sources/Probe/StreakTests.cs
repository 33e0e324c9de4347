using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Sources.Probe;
using Xunit;

namespace Oops.Tests.Sources.Probe;

public sealed class StreakTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(800);
    readonly Streak streak = new(3, Timeout);

    [Fact]
    public void Silence_is_told_after_three_tries_as_a_suspicion_and_again_with_each()
    {
        Assert.Null(Take(AskOutcome.Timeout));
        Assert.Null(Take(AskOutcome.Timeout));
        Assert.True(streak.Failing);
        for (var i = 0; i < 3; i++)
            Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Broken)));
        Assert.Equal((1, Evidence.Proof), Said(Take(AskOutcome.Answered)));
        Assert.False(streak.Failing);
        Assert.Null(Take(AskOutcome.Timeout));
    }

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
        Assert.Null(Take(AskOutcome.Timeout, late: Timeout / 2));
        Assert.Null(Take(AskOutcome.Timeout));
        Assert.Null(Take(AskOutcome.Timeout, late: Timeout * 2));
        Assert.NotNull(Take(AskOutcome.Timeout));
    }

    [Theory]
    [InlineData(AskOutcome.Unreachable)]
    [InlineData(AskOutcome.Elsewhere)]
    internal void A_question_that_did_not_get_to_the_server_is_no_silence_and_what_is_known_ends(AskOutcome outcome)
    {
        Take(AskOutcome.Timeout);
        Take(AskOutcome.Timeout);
        Assert.Null(Take(outcome));
        Assert.Null(Take(outcome));
        Assert.Equal("why, 3 in a row: says nothing about the server", Assert.IsType<ChannelLost>(Take(outcome)).Why);
        Assert.Null(Take(outcome));
        Assert.True(streak.Failing);
        Assert.Null(Take(AskOutcome.Timeout));
        Assert.Null(Take(AskOutcome.Timeout));
        Assert.Equal((Signal.Absent, Evidence.Suspicion), Said(Take(AskOutcome.Timeout)));
    }

    Signal? Take(AskOutcome outcome, string address = "127.0.0.1", bool proof = true, TimeSpan late = default) =>
        streak.Take("c", new AskResult(outcome, default, Timeout, late, outcome == AskOutcome.Answered ? null : "why"), proof, IPAddress.Parse(address));

    static (long, Evidence) Said(Signal? signal) => Assert.IsType<ServerSignal>(signal) is { } said ? (said.Value, said.Evidence) : default;
}
