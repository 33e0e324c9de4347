using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Zones;

/// <summary>What to transfer, and from whom.</summary>
internal sealed record TransferRequest
{
    public required IPEndPoint Server { get; init; }

    public required DnsName Zone { get; init; }

    /// <summary>The serial that is had: only what has changed since is asked for (IXFR). Null: all of it (AXFR).</summary>
    public uint? Have { get; init; }

    /// <summary>All of it is asked for even so; then the serial that is had only tells what is older.</summary>
    public bool Whole { get; init; }

    /// <summary>Over TLS, and how the server proves then who it is (RFC 9103); null: over TCP.</summary>
    public TlsProof? Tls { get; init; }

    /// <summary>Signs the query, and then the answer counts only if it is signed as RFC 8945 (5.3.1) asks.</summary>
    public TsigKey? Key { get; init; }

    public TransferLimits Limits { get; init; } = new();

    /// <summary>From when on <see cref="TransferLimits.Total"/> counts, as a time stamp; null: from now on.</summary>
    public long? Since { get; init; }
}

/// <summary>What a transfer may cost. Each is a bound on what a peer can do to us, not on what is useful.</summary>
internal sealed record TransferLimits
{
    /// <summary>Octets of all messages.</summary>
    public long Bytes { get; init; } = 1L << 30;

    public long Records { get; init; } = 20_000_000;

    /// <summary>From the first connection to the last octet: of all of it after differences that could not be had, and of all primaries together.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For connecting, for the TLS handshake, and between two whole messages: an octet now and then gains nothing.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>How a transfer ended. Everything but the first three is a failure that <see cref="TransferResult.Why"/> explains.</summary>
internal enum TransferOutcome
{
    /// <summary>The sink has the whole zone.</summary>
    Full,

    /// <summary>The sink has what has changed since the version that is had.</summary>
    Differences,

    /// <summary>The server has the version that is had.</summary>
    UpToDate,

    /// <summary>A response code.</summary>
    Refused,

    /// <summary>No connection, or none over TLS.</summary>
    Unreachable,

    /// <summary>Over TLS: it did not prove who it is.</summary>
    Untrusted,

    /// <summary>The connection ended before the transfer.</summary>
    Cut,

    /// <summary>Nothing came for too long, or all of it took too long.</summary>
    TimedOut,

    /// <summary>More octets or records than allowed: it may be endless.</summary>
    TooLarge,

    /// <summary>It is no transfer of this zone: malformed, another question, an order that cannot be.</summary>
    Broken,

    /// <summary>A signature is missing, wrong or out of time, or the server does not take ours.</summary>
    Unsigned,

    /// <summary>The server has an older version than the one that is had (RFC 1982).</summary>
    Older,
}

/// <summary>What came of a transfer.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Soa">Of the server's version, if it came so far.</param>
/// <param name="Records">Records that came.</param>
/// <param name="Bytes">Octets that came.</param>
/// <param name="Took">From connecting to the end.</param>
/// <param name="Why">Of a failure: one line, terminal-safe. Null: none.</param>
internal sealed record TransferResult(TransferOutcome Outcome, Soa? Soa, long Records, long Bytes, TimeSpan Took, string? Why = null)
{
    /// <summary>Why the differences were not to be had, where all of it was asked for instead.</summary>
    public string? Fallback { get; init; }

    /// <summary>It ended because the time of all was over: there is none left for another.</summary>
    public bool TookAll { get; init; }

    public bool Ok => Why is null;
}
