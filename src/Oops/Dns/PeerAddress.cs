using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Oops.Dns;

/// <summary>An IP address by value: IPv4 as ::ffff:a.b.c.d, so that both families compare in one way. No allocation, unlike <see cref="IPAddress"/>.</summary>
internal readonly record struct PeerAddress(UInt128 Bits)
{
    static readonly UInt128 Mapped = (UInt128)0xFFFF << 32;

    public bool IsV4 => Bits >> 32 == 0xFFFF;

    public static PeerAddress From(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var length);
        return length == 4 ? V4(octets) : V6(octets);
    }

    /// <summary>From a Linux sockaddr_in or sockaddr_in6, as recvmsg(2) and accept(2) fill it.</summary>
    public static PeerAddress From(ReadOnlySpan<byte> name, out ushort port)
    {
        const int FamilyV4 = 2;
        port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        return MemoryMarshal.Read<ushort>(name) == FamilyV4 ? V4(name[4..]) : V6(name[8..]);
    }

    public IPAddress ToAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Bits);
        return new IPAddress(IsV4 ? octets[12..] : octets);
    }

    public override string ToString() => ToAddress().ToString();

    static PeerAddress V4(ReadOnlySpan<byte> octets) => new(Mapped | BinaryPrimitives.ReadUInt32BigEndian(octets));

    static PeerAddress V6(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt128BigEndian(octets));
}

/// <summary>A prefix to compare addresses with, by value.</summary>
internal readonly record struct PeerPrefix
{
    readonly UInt128 bits;
    readonly UInt128 mask;

    public PeerPrefix(IPNetwork network)
    {
        var length = network.PrefixLength + (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 96 : 0);
        mask = length == 0 ? 0 : UInt128.MaxValue << 128 - length;
        bits = PeerAddress.From(network.BaseAddress).Bits & mask;
    }

    public bool Contains(PeerAddress address) => (address.Bits & mask) == bits;
}

/// <summary>How a request came.</summary>
internal enum Transport
{
    Udp,
    Tcp,

    /// <summary>DNS over TLS (RFC 7858).</summary>
    Tls,
}

/// <summary>When something was taken, by both clocks: read once for all that one system call brings, since reading them costs as much as answering does.</summary>
/// <param name="Steady">Milliseconds of a clock that does not go back.</param>
/// <param name="Wall">Milliseconds since 1970.</param>
internal readonly record struct Arrival(long Steady, long Wall)
{
    public static Arrival Now(TimeProvider time) => new(SteadyOf(time), time.GetUtcNow().ToUnixTimeMilliseconds());

    public static long SteadyOf(TimeProvider time) => time.GetTimestamp() / (time.TimestampFrequency / 1000);
}

/// <summary>Who sent a request, and to which of our addresses.</summary>
/// <param name="Address">Its source address.</param>
/// <param name="Port">Its source port.</param>
/// <param name="Over">TCP and TLS prove that it can receive at that address; UDP does not.</param>
/// <param name="Local">Our address that it came to.</param>
internal readonly record struct Peer(PeerAddress Address, ushort Port, Transport Over, IPEndPoint Local)
{
    public Arrival At { get; init; }
}
