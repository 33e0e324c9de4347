using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>What the COOKIE option of a query says of its sender (RFC 7873, 5.2).</summary>
public enum CookieReading
{
    /// <summary>It is neither 8 nor 16 to 40 octets long: FORMERR.</summary>
    Malformed,

    /// <summary>A client cookie alone, or a server cookie that is not ours, or no longer.</summary>
    Unproved,

    /// <summary>A server cookie of ours: the sender receives what is sent to its address.</summary>
    Valid,

    /// <summary>Valid, and old enough to be replaced.</summary>
    Ageing,
}

/// <summary>Server cookies that servers of other makes with the same secret accept, and we theirs (RFC 9018, 4).</summary>
public static class ServerCookie
{
    /// <summary>Octets of a client cookie.</summary>
    public const int ClientSize = 8;

    /// <summary>Octets of the whole option that we send: client cookie, version, three reserved, time, hash.</summary>
    public const int OptionSize = ClientSize + Size;

    /// <summary>Octets of a secret.</summary>
    public const int SecretSize = SipHash.KeySize;

    const int Size = 16, SignedSize = 8, LeastSize = 8, MostSize = 32;

    // RFC 9018, 4.3: seconds.
    const int Future = 300, Lifetime = 3600, Renewal = 1800;

    /// <summary>Reads the option of a query.</summary>
    /// <param name="option">Its data.</param>
    /// <param name="address">Who sent it: 4 or 16 octets.</param>
    /// <param name="secrets">The secrets that count, each of <see cref="SecretSize"/> octets, one behind the other.</param>
    /// <param name="now">Seconds since 1970.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CookieReading Read(ReadOnlySpan<byte> option, ReadOnlySpan<byte> address, ReadOnlySpan<byte> secrets, uint now)
    {
        if (option.Length == ClientSize) return CookieReading.Unproved;
        if (option.Length is < ClientSize + LeastSize or > ClientSize + MostSize) return CookieReading.Malformed;
        if (option.Length != OptionSize || option[ClientSize] != 1) return CookieReading.Unproved;
        var time = BinaryPrimitives.ReadUInt32BigEndian(option[(ClientSize + 4)..]);
        // Serial arithmetic (RFC 1982), as the RFC asks for: it goes on beyond 2106.
        var age = (int)(now - time);
        if (age is > Lifetime or < -Future) return CookieReading.Unproved;
        Span<byte> hash = stackalloc byte[8];
        for (; secrets.Length >= SecretSize; secrets = secrets[SecretSize..])
        {
            // The reserved octets are hashed as they came (RFC 9018, 4.2).
            Hash(option[..(ClientSize + SignedSize)], address, secrets[..SecretSize], hash);
            // One comparison of 64 bits takes the same time whatever they are.
            if (BinaryPrimitives.ReadUInt64LittleEndian(hash) == BinaryPrimitives.ReadUInt64LittleEndian(option[(ClientSize + SignedSize)..]))
                return age > Renewal ? CookieReading.Ageing : CookieReading.Valid;
        }
        return CookieReading.Unproved;
    }

    /// <summary>Writes the option of a response: the client's cookie and a new one of ours.</summary>
    /// <param name="client">The client cookie.</param>
    /// <param name="address">To whom it is sent: 4 or 16 octets.</param>
    /// <param name="secret">The secret in use.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="option"><see cref="OptionSize"/> octets.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<byte> client, ReadOnlySpan<byte> address, ReadOnlySpan<byte> secret, uint now, Span<byte> option)
    {
        client[..ClientSize].CopyTo(option);
        BinaryPrimitives.WriteUInt32BigEndian(option[ClientSize..], 0x0100_0000);
        BinaryPrimitives.WriteUInt32BigEndian(option[(ClientSize + 4)..], now);
        Hash(option[..(ClientSize + SignedSize)], address, secret, option[(ClientSize + SignedSize)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Hash(ReadOnlySpan<byte> head, ReadOnlySpan<byte> address, ReadOnlySpan<byte> secret, Span<byte> hash)
    {
        Span<byte> data = stackalloc byte[ClientSize + SignedSize + 16];
        head.CopyTo(data);
        address.CopyTo(data[head.Length..]);
        BinaryPrimitives.WriteUInt64LittleEndian(hash, SipHash.Compute(secret, data[..(head.Length + address.Length)]));
    }
}
