using System.Net;
using Oops.Actions.Speaker;
using Oops.Core;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

/// <summary>What is told of one peer, by the clock.</summary>
public sealed class SpeakerStoryTests
{
    readonly FakeTime time = new();
    readonly SpeakerStory story;

    public SpeakerStoryTests() => story = new(IPAddress.Parse("10.99.0.2"), time);

    RouterTrouble? Trouble => story.Trouble("edge");

    [Fact]
    public void A_peer_that_never_came_is_a_trouble_after_a_grace_and_over_with_its_session()
    {
        story.Begin();
        story.Missed("connection refused");
        time.Advance(SpeakerStory.Grace - TimeSpan.FromMilliseconds(1));
        Assert.Null(Trouble);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new("session/edge/10.99.0.2", "no session with 10.99.0.2 yet", "connection refused"), Trouble);

        // What it says of itself is the reason, and stays it through the tries that follow.
        story.Ended("it ended the session: OPEN: bad peer AS", stood: false, tells: true);
        Assert.Equal(new("session/edge/10.99.0.2", "no session with 10.99.0.2 yet: it ended the session: OPEN: bad peer AS"), Trouble);
        story.Missed("connection refused");
        Assert.Equal("no session with 10.99.0.2 yet: it ended the session: OPEN: bad peer AS; now: connection refused", $"{Trouble}");
        story.Established();
        Assert.Null(Trouble);
    }

    [Fact]
    public void A_session_that_ended_is_a_trouble_at_once_with_its_reason_until_another_has_stood()
    {
        story.Begin();
        story.Established();
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null(Trouble);
        const string Reason = "it ended the session: Cease, administrative shutdown: maintenance";
        story.Ended(Reason, stood: true, tells: true);
        Assert.Equal(new("session/edge/10.99.0.2", $"no session with 10.99.0.2 any more: {Reason}"), Trouble);
        foreach (var newest in new[] { "connection reset by peer", "connection refused" })
        {
            story.Ended(newest, stood: false, tells: false);
            Assert.Equal($"no session with 10.99.0.2 any more: {Reason}; now: {newest}", $"{Trouble}");
            Assert.Equal($"{newest}; before that, {Reason}", story.Down);
        }

        var lost = time.GetUtcNow();
        time.Advance(TimeSpan.FromMinutes(5));
        story.Established();
        // One that comes and goes is one trouble.
        Assert.Equal($"no session with 10.99.0.2 any more: {Reason}; now: established again", $"{Trouble}");
        time.Advance(SpeakerStory.Steady);
        Assert.Null(Trouble);
        // The end of one that another has taken the place of is no end of that.
        story.Ended(Reason, stood: true, tells: true, another: true);
        Assert.Null(story.Told.Down);
        Assert.Null(Trouble);
        var (since, transitions, down, error) = story.Told;
        Assert.Equal((lost + TimeSpan.FromMinutes(5), 2, null), (since, transitions, down));
        Assert.Equal((Reason, lost + TimeSpan.FromMinutes(5) + SpeakerStory.Steady), error);
    }
}
