using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>Judges and makes DNS cookies (RFC 7873, RFC 9018).</summary>
/// <param name="secrets">One secret of 16 octets or several, one behind the other: the first makes cookies, each is accepted. Servers with the same ones accept each other's.</param>
internal sealed class CookieJar(byte[] secrets)
{
    volatile byte[] secrets = secrets;

    /// <summary>Others take the place of the secrets.</summary>
    public void Use(byte[] others) => secrets = others;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public CookieReading Read(ReadOnlySpan<byte> option, PeerAddress address, uint now)
    {
        Span<byte> octets = stackalloc byte[16];
        return ServerCookie.Read(option, Octets(address, octets), secrets, now);
    }

    /// <param name="option">The client's.</param>
    /// <param name="address">The client.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="answer"><see cref="ServerCookie.OptionSize"/> octets.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<byte> option, PeerAddress address, uint now, Span<byte> answer)
    {
        Span<byte> octets = stackalloc byte[16];
        ServerCookie.Write(option, Octets(address, octets), secrets.AsSpan(0, ServerCookie.SecretSize), now, answer);
    }

    static ReadOnlySpan<byte> Octets(PeerAddress address, Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt128BigEndian(octets, address.Bits);
        return address.IsV4 ? octets[12..] : octets;
    }
}
