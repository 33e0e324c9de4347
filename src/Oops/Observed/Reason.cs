namespace Oops.Observed;

internal enum ReasonKind
{
    /// <summary>An entry of `withdraw-when` is met.</summary>
    Withdraw,
    Degrade,

    /// <summary>An entry of `announce-when` is not met.</summary>
    Announce,

    /// <summary>The machine says that it stays in spite of one.</summary>
    Stay,

    /// <summary>A server of it is down, by whatever evidence.</summary>
    Down,
}

/// <summary>Something that speaks against a route and stands.</summary>
internal sealed class Reason(ReasonKind kind, string server, string what, Span span, string because)
{
    public ReasonKind Kind => kind;

    public string Server => server;

    /// <summary>In a config's words.</summary>
    public string What => what;

    public Span Span => span;

    public string Because => because;

    public bool IsForced { get; init; }

    /// <summary>Where it is counted; null: nowhere.</summary>
    public CauseStory? Story { get; init; }

    /// <summary>A new machine has not said yet whether it still stands; else null. Since when.</summary>
    public DateTimeOffset? Doubted { get; set; }
}
