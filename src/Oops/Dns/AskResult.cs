using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>How a question ended.</summary>
internal enum AskOutcome
{
    /// <summary>The server answered, whatever the response code.</summary>
    Answered,

    /// <summary>Nothing came in time.</summary>
    Timeout,

    /// <summary>The host of that address said that nobody listens there: ICMP port unreachable, or RST to our SYN.</summary>
    Refused,

    /// <summary>The address cannot be reached: no route, host or network unreachable, not permitted. Says nothing about the server.</summary>
    Unreachable,

    /// <summary>Another node answered than the one that was asked. Says nothing about the server.</summary>
    Elsewhere,

    /// <summary>The address that was asked is to be one of this host, and is not: nobody here was asked.</summary>
    NotHere,

    /// <summary>Something came and cannot be used: malformed, not signed as asked for, a TCP connection that was closed before the answer.</summary>
    Broken,
}

/// <summary>Transport of a question.</summary>
internal enum AskOver
{
    /// <summary>UDP, and TCP when the answer is truncated.</summary>
    Udp,

    /// <summary>TCP only.</summary>
    Tcp,
}

/// <summary>How to ask: the same for many zones.</summary>
internal sealed record AskOptions
{
    public SoaQueryOptions Query { get; init; } = SoaQueryOptions.Expire | SoaQueryOptions.Nsid;

    public AskOver Over { get; init; } = AskOver.Udp;

    /// <summary>For one try on one transport.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Signs the query, and then an answer counts only if it is signed too.</summary>
    public TsigKey? Key { get; init; }
}

/// <summary>What came of one question.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Answer">The answer; default unless <see cref="AskOutcome.Answered"/>.</param>
/// <param name="Took">From sending to the end.</param>
/// <param name="Late">How long after its deadline a timeout was noticed: our own lateness, not the server's. Zero for the other outcomes.</param>
/// <param name="Why">Terminal-safe; null for an answer.</param>
internal readonly record struct AskResult(AskOutcome Outcome, SoaAnswer Answer, TimeSpan Took, TimeSpan Late = default, string? Why = null);
