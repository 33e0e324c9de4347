namespace Oops.Wire.Dns;

/// <summary>Serial number arithmetic (RFC 1982) on SOA serials.</summary>
public static class Serial
{
    /// <summary>
    /// True if <paramref name="a"/> is newer than <paramref name="b"/>. For two serials exactly 2^31 apart RFC 1982 (3.2) leaves the order open: then neither is newer, as in BIND, so
    /// nothing is taken for an update by guess.
    /// </summary>
    public static bool IsNewer(uint a, uint b) => unchecked((int)(a - b)) > 0;

    /// <summary>Negative, 0 or positive as <paramref name="a"/> is older, equal or newer; null when they are exactly 2^31 apart.</summary>
    public static int? Compare(uint a, uint b)
    {
        var difference = unchecked((int)(a - b));
        return difference == int.MinValue ? null : Math.Sign(difference);
    }

    /// <summary>Adds at most 2^31 - 1 (RFC 1982, 3.1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 2^31 - 1 is to be added: a fault of the caller.</exception>
    public static uint Add(uint serial, uint increment)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(increment, (uint)int.MaxValue);
        return unchecked(serial + increment);
    }
}
