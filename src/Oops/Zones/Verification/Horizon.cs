using Oops.Wire.Dns;

namespace Oops.Zones.Verification;

/// <summary>The signature that expires first: until then the zone is as good as it is now.</summary>
/// <param name="Expires">Seconds since 1970.</param>
/// <param name="Key">The owner, as <see cref="Compact.NameKey"/>.</param>
/// <param name="Covered">The type that it covers.</param>
internal sealed record Horizon(long Expires, byte[] Key, DnsType Covered)
{
    /// <summary>The earlier one, and of two that expire together the one whose owner and type come first: the same whatever the order of looking.</summary>
    public static Horizon? Earlier(Horizon? a, Horizon? b) => a is null ? b : b is null || a.IsBefore(b.Expires, b.Key, b.Covered) ? a : b;

    public bool IsBefore(long expires, ReadOnlySpan<byte> key, DnsType covered)
    {
        if (Expires != expires)
            return Expires < expires;
        var order = Key.AsSpan().SequenceCompareTo(key);
        return order != 0 ? order < 0 : Covered <= covered;
    }
}
