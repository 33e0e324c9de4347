namespace Oops.Core;

/// <summary>
/// A server that answers nothing: hung or busy? Hung is only who is silent on every probe and was seen idle during that silence, by everybody who looked. What was measured before the silence, or
/// across its beginning, is about the time when it still answered.
/// </summary>
internal readonly record struct Silence
{
    /// <summary>Since when all that ask get no answer; null: somebody got one, or nobody asks.</summary>
    public At? From { get; private init; }

    /// <summary>False: nobody saw it work during the silence, and somebody saw it idle. True: somebody saw it work. Null: nobody looked.</summary>
    public bool? Works { get; private init; }

    /// <summary>What was seen of it: `all 3 processes stopped`.</summary>
    public string? Seen { get; private init; }

    /// <summary>Proof that it is down.</summary>
    public bool IsHung => From is not null && Works == false;

    /// <summary>Never down, however long; alarm `unresponsive`.</summary>
    public bool IsBusy => From is not null && Works == true;

    /// <summary>Whatever a route hears: an answer at any address shows that the server is not hung.</summary>
    public static Silence Of(Server server, At now)
    {
        var silence = new Silence { From = OfAll(server, now) };
        return silence.From is { } from ? silence.With(server, from, now) : silence;
    }

    /// <summary>When the youngest silence of a probe began that lasts, whatever others get; null: all were answered last.</summary>
    public static At? Since(Server server)
    {
        At? since = null;
        foreach (var channel in server.Channels)
            if (IsProbe(channel) && channel.UnansweredSince is { } at && (since is null || at > since)) since = at;
        return since;
    }

    static At? OfAll(Server server, At now)
    {
        At? from = null;
        foreach (var channel in server.Channels)
        {
            if (!IsProbe(channel)) continue;
            if (channel.Living(Measure.Answering, now) is not { } claim || claim.Value == 1) return null;
            // A port that refuses is answered for by the kernel: it says nothing of a process that has other ports.
            if (claim.Value == 0) continue;
            if (claim.Value != Signal.Absent) return null;
            var since = channel.UnansweredSince ?? claim.From;
            if (from is null || since > from) from = since;
        }
        return from is { } begun && !HasAnsweredElsewhere(server, begun, now) ? from : null;
    }

    /// <summary>A control socket that cannot be reached is no probe, but one that answered during the silence is an answer.</summary>
    static bool HasAnsweredElsewhere(Server server, At since, At now)
    {
        foreach (var channel in server.Channels)
            if (channel.Spec.Standing != Standing.Reference && channel.Spec.Target is null && channel.Covers(Measure.Answering)
                && channel.Living(Measure.Answering, now) is { Value: 1 } claim && claim.From >= since) return true;
        return false;
    }

    Silence With(Server server, At from, At now)
    {
        var silence = this;
        foreach (var channel in server.Channels)
        {
            if (channel.Spec.Standing == Standing.Reference || !channel.Covers(Measure.Idle) || channel.Living(Measure.Idle, now) is not { } claim || claim.From < from) continue;
            if (claim.Value == 0) return silence with { Works = true, Seen = claim.Detail };
            // That it did nothing must have been read; a suspicion of that is none of a hang.
            if (claim is { Value: 1, Evidence: Evidence.Proof }) silence = silence with { Works = false, Seen = silence.Seen ?? claim.Detail };
        }
        return silence;
    }

    static bool IsProbe(Channel channel) => channel.Spec is { Standing: Standing.Witness, Target: not null } && channel.Covers(Measure.Answering);
}
