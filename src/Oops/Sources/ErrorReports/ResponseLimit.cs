using System.Runtime.CompilerServices;
using Oops.Dns;
using Oops.Reports;

namespace Oops.Sources.ErrorReports;

/// <summary>Whether a response may go out.</summary>
internal enum Allowance
{
    Answer,

    /// <summary>An empty one with TC: who is really there comes again over TCP.</summary>
    Truncate,
    Drop,
}

/// <summary>Response-rate limiting, as NSD and Knot have it: so many responses a second to an IPv4 /24 or an IPv6 /56, of whose address nothing proves that it asked; of those beyond each second one goes out truncated.</summary>
/// <param name="perSecond">0: no limit.</param>
internal sealed class ResponseLimit(int perSecond)
{
    const int Bits = 16, Slip = 2;

    readonly TokenBuckets? buckets = perSecond > 0 ? new(Bits, perSecond) : null;
    uint slipped;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    /// <param name="address">To whom.</param>
    /// <param name="now">Milliseconds of a clock that does not go back.</param>
    public Allowance Ask(PeerAddress address, long now)
    {
        if (buckets is null) return Allowance.Answer;
        var prefix = address.IsV4 ? (ulong)address.Bits >> 8 : (ulong)(address.Bits >> 72) | 1UL << 63;
        if (buckets.Take(prefix, now)) return Allowance.Answer;
        return Interlocked.Increment(ref slipped) % Slip == 0 ? Allowance.Truncate : Allowance.Drop;
    }
}
