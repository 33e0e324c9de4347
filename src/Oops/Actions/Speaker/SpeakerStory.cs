using System.Net;
using Oops.Core;

namespace Oops.Actions.Speaker;

/// <summary>How it went with one peer, for those who ask. What ended a session, or refused one, stays beside what the newest try found: a peer that says why it goes refuses connections the next moment.</summary>
internal sealed class SpeakerStory(IPAddress peer, TimeProvider time)
{
    /// <summary>A peer that was never there is missed after so long: three tries.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>A session that was lost counts as back when it has stood for so long: the longest pause between two tries.</summary>
    internal static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    (long At, DateTimeOffset Wall) since = (time.GetTimestamp(), time.GetUtcNow());
    string newest = "not connected yet";
    (string Why, DateTimeOffset At)? error;
    bool up, lost;
    long transitions;

    /// <summary>Why there is no session, as it was found last, and what matters more.</summary>
    public string Down
    {
        get { lock (gate) return error is { } e && e.Why != newest ? $"{newest}; before that, {e.Why}" : newest; }
    }

    public void Begin()
    {
        lock (gate) since = Now;
    }

    /// <summary>A try ended before there was a word of the peer's.</summary>
    public void Missed(string why)
    {
        lock (gate) newest = why;
    }

    public void Established()
    {
        lock (gate)
        {
            (up, since) = (true, Now);
            transitions++;
        }
    }

    /// <param name="why">In words.</param>
    /// <param name="stood">It was established.</param>
    /// <param name="tells">It was ended by a NOTIFICATION that says why.</param>
    /// <param name="another">Another is established already: the peer was faster than we.</param>
    public void Ended(string why, bool stood, bool tells, bool another = false)
    {
        lock (gate)
        {
            newest = why;
            if (stood || tells) error = (why, time.GetUtcNow());
            lost |= stood;
            if (up && !another) (up, since) = (false, Now);
        }
    }

    /// <summary>Null: there is nothing to look at. A session that comes and goes is one trouble, not one each time.</summary>
    public RouterTrouble? Trouble(string action)
    {
        lock (gate)
        {
            var lasts = time.GetElapsedTime(since.At);
            if (up ? !lost || lasts >= Steady : !lost && lasts < Grace) return null;
            var what = $"no session with {peer} {(lost ? "any more" : "yet")}";
            return new($"session/{action}/{peer}", error is { } e ? $"{what}: {e.Why}" : what, up ? "established again" : newest == error?.Why ? null : newest);
        }
    }

    public (DateTimeOffset Since, long Transitions, string? Down, (string Why, DateTimeOffset At)? Error) Told
    {
        get { lock (gate) return (since.Wall, transitions, up ? null : newest, error); }
    }

    (long, DateTimeOffset) Now => (time.GetTimestamp(), time.GetUtcNow());
}
