namespace Oops.Core;

/// <summary>A claim on a server: one measure of one channel.</summary>
internal readonly record struct ServerClaim(long Value, Evidence Evidence, string? Detail, At At, ErrorRates? Errors = null);

/// <summary>One channel and what it claims of its server; what it claims of zones is in the server's <see cref="ZoneTable"/>.</summary>
internal sealed class Channel(ChannelSpec spec, Server server, int place, Latches latches)
{
    readonly ServerClaim?[] claims = new ServerClaim?[(int)Measure.ExtendedErrors + 1];

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

    /// <summary>Of a channel that has never spoken.</summary>
    public const string Unopened = "not opened yet";

    /// <summary>Why it is not open.</summary>
    public string? Why { get; private set; } = Unopened;

    /// <summary>Which load conditions stand by its claims.</summary>
    public Latches Latches => latches;

    public bool Covers(Measure measure) => spec.Measures.Contains(measure);

    public void Opened(At at)
    {
        (Open, Read, Why, Heard, Since, Began) = (true, false, null, at, at, at);
        Array.Clear(claims);
        latches.End();
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
        Array.Clear(claims);
        latches.End();
    }

    /// <summary>A new incarnation of the server: what was claimed of the old one has ended; the channel stays open.</summary>
    public void Ended(At at)
    {
        Began = at;
        Read = false;
        Array.Clear(claims);
        latches.End();
    }

    public void Listen(At at) => Heard = at;

    public void Claim(Measure measure, ServerClaim claim)
    {
        claims[(int)measure] = claim;
        latches.Take(measure, claim);
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

    At Ends(ServerClaim claim) => At.Max(claim.At, LastRead) + spec.Validity;
}
