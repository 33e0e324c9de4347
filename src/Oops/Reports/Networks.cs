using System.Numerics;
using Oops.Dns;

namespace Oops.Reports;

/// <summary>The network of an address: what one operator has, so that many of its resolvers are one voice. An IPv4 /24, an IPv6 /48.</summary>
internal static class Networks
{
    public static ulong Of(PeerAddress address) => address.IsV4 ? (ulong)address.Bits >> 8 : (ulong)(address.Bits >> 80) | 1UL << 63;
}

/// <summary>About how many different networks there were, in 256 bits (linear counting, Whang 1990): exact for few, within a tenth up to 500, which is where it ends.</summary>
internal struct NetworkCount
{
    const int Bits = 256, Most = 500;

    ulong a, b, c, d;

    /// <param name="hash">Of the network, by a key that nobody outside knows.</param>
    public void Add(ulong hash)
    {
        var bit = 1UL << (int)(hash >> 58);
        switch (hash >> 56 & 3)
        {
            case 0:
                a |= bit;
                break;
            case 1:
                b |= bit;
                break;
            case 2:
                c |= bit;
                break;
            default:
                d |= bit;
                break;
        }
    }

    public readonly int Estimate()
    {
        var empty = Bits - BitOperations.PopCount(a) - BitOperations.PopCount(b) - BitOperations.PopCount(c) - BitOperations.PopCount(d);
        return empty == 0 ? Most : Math.Min(Most, (int)Math.Round(-Bits * Math.Log((double)empty / Bits)));
    }
}
