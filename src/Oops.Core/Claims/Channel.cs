namespace Oops.Core;

/// <summary>A claim on a server: one measure of one channel.</summary>
/// <param name="Value">See its <see cref="Measure"/>.</param>
/// <param name="Evidence">Proof or suspicion.</param>
/// <param name="Detail">For the operator.</param>
/// <param name="At">When it was said.</param>
/// <param name="From">Since when it was so: <see cref="ServerSignal.For"/> before.</param>
/// <param name="Errors">Of <see cref="Measure.ExtendedErrors"/>: the rates by code.</param>
internal readonly record struct ServerClaim(long Value, Evidence Evidence, string? Detail, At At, At From, ErrorRates? Errors = null);

/// <summary>One channel and what it claims of its server; what it claims of zones is in the server's <see cref="ZoneTable"/>.</summary>
internal sealed class Channel(ChannelSpec spec, Server server, int place, Latches latches)
{
    readonly ServerClaim?[] claims = new ServerClaim?[(int)Measure.ExtendedErrors + 1];

    /// <summary>A bit per measure.</summary>
    readonly uint covered = spec.Measures.Aggregate(0u, (mask, measure) => mask | 1u << (int)measure);

    public ChannelSpec Spec => spec;

    public Server Server => server;

    /// <summary>Its number among the server's channels.</summary>
    public int Place => place;

    public bool Open { get; private set; }

    /// <summary>A complete read was made since it was opened.</summary>
    public bool Read { get; private set; }

    /// <summary>Since when it is open, or lost.</summary>
    public At? Since { get; private set; }

    public At? Heard { get; private set; }

    /// <summary>Since when its claims count: opened, or ended by a new incarnation.</summary>
    public At Began { get; private set; }

    public At LastRead { get; private set; }

    /// <summary>Since when nothing that it asked was answered; null: the last was, or was refused.</summary>
    public At? UnansweredSince { get; private set; }

    /// <summary>Of a channel that has never spoken.</summary>
    public const string Unopened = "not opened yet";

    /// <summary>Why it is not open.</summary>
    public string? Why { get; private set; } = Unopened;

    /// <summary>Which load conditions stand by its claims.</summary>
    public Latches Latches => latches;

    public bool Covers(Measure measure) => (covered >> (int)measure & 1) != 0;

    public void Opened(At at)
    {
        (Open, Read, Why, Heard, Since, Began) = (true, false, null, at, at, at);
        Clear();
    }

    public void Completed(At at)
    {
        Read = true;
        LastRead = at;
        Heard = at;
    }

    public void Lost(At at, string why)
    {
        (Open, Read, Why, Since) = (false, false, why, at);
        Clear();
    }

    /// <summary>A new incarnation of the server: what was claimed of the old one has ended; the channel stays open.</summary>
    public void Ended(At at)
    {
        Began = at;
        Read = false;
        Clear();
    }

    public void Listen(At at) => Heard = at;

    public void Claim(Measure measure, ServerClaim claim)
    {
        claims[(int)measure] = claim;
        latches.Take(measure, claim);
        if (measure == Measure.Unanswered || (measure == Measure.Answering && claim.Value == Signal.Absent))
        {
            // A silence goes on: only its first word knows since when.
            UnansweredSince ??= claim.From;
        }
        else if (measure == Measure.Answering)
        {
            UnansweredSince = null;
            claims[(int)Measure.Unanswered] = null;
        }
    }

    /// <summary>The claim, if it lives.</summary>
    public ServerClaim? Living(Measure measure, At now) => Open && claims[(int)measure] is { } claim && now < Ends(claim) ? claim : null;

    /// <summary>When the first living claim ends by its validity.</summary>
    public At NextEnd(At now)
    {
        var next = At.Never;
        if (!Open || spec.Validity == Timeout.InfiniteTimeSpan) return next;
        foreach (var claim in claims)
            if (claim is { } c && now < Ends(c)) next = At.Min(next, Ends(c));
        return next;
    }

    public TimeSpan? Left(ServerClaim claim, At now) => spec.Validity == Timeout.InfiniteTimeSpan ? null : Ends(claim) - now;

    void Clear()
    {
        UnansweredSince = null;
        Array.Clear(claims);
        latches.End();
    }

    At Ends(ServerClaim claim) => At.Max(claim.At, LastRead) + spec.Validity;
}
