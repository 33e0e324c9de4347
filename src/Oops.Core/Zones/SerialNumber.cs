namespace Oops.Core;

/// <summary>Serial number arithmetic, RFC 1982 section 3.2.</summary>
public static class SerialNumber
{
    /// <summary>Whether <paramref name="a"/> is older than <paramref name="b"/>. Two serials 2^31 apart are not ordered: false both ways.</summary>
    public static bool IsLess(uint a, uint b) => a != b && unchecked(b - a) < 0x8000_0000u;
}
