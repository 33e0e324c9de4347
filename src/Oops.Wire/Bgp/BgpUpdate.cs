using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Oops.Wire.Bgp;

/// <summary>
/// Writes UPDATE messages (RFC 4271, 4.3): as many as the prefixes need, each at most 4096 octets. IPv4 prefixes with an IPv4 next hop go the classic way, all others in MP_REACH_NLRI (RFC 4760), which
/// is the first attribute of its message (RFC 7606, 5.1).
/// </summary>
public static class BgpUpdate
{
    const byte Origin = 1, AsPath = 2, NextHop = 3, Med = 4, LocalPref = 5, Communities = 8, MpReach = 14, MpUnreach = 15, As4Path = 17, LargeCommunities = 32;
    const byte WellKnown = 0x40, Optional = 0x80, OptionalTransitive = 0xC0, LongLength = 0x10;
    const byte Unicast = 1;
    const byte Sequence = 2;

    /// <summary>Announces prefixes of one family.</summary>
    /// <param name="to">Gets whole messages.</param>
    /// <param name="family">Of all the prefixes.</param>
    /// <param name="nextHop">For IPv4 prefixes an IPv6 one, too, if the peer takes it (RFC 8950).</param>
    /// <param name="attributes">What is said of all of them.</param>
    /// <param name="fourOctet">The peer knows AS numbers of four octets.</param>
    public static void Announce(IBufferWriter<byte> to, BgpFamily family, IPAddress nextHop, BgpAttributes attributes, bool fourOctet, ReadOnlySpan<IPNetwork> prefixes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attributes.Path.Length, BgpAttributes.MaxPath);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attributes.Communities.Length, BgpAttributes.MaxCommunities);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attributes.LargeCommunities.Length, BgpAttributes.MaxLargeCommunities);
        var classic = family == BgpFamily.Ip4 && nextHop.AddressFamily == AddressFamily.InterNetwork;
        Span<byte> others = stackalloc byte[BgpHeader.MaxMessage];
        while (!prefixes.IsEmpty)
        {
            var message = to.GetSpan(BgpHeader.MaxMessage)[..BgpHeader.MaxMessage];
            var body = message[BgpHeader.Size..];
            BinaryPrimitives.WriteUInt16BigEndian(body, 0);
            var at = 4;
            if (classic)
            {
                at = Paths(body, at, attributes, fourOctet, nextHop);
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(at - 4));
                at = Prefixes(body, at, body.Length, ref prefixes);
            }
            else
            {
                // The others are written behind it once its length is known; how long they are is known by writing them.
                var length = Paths(others, 0, attributes, fourOctet, null);
                at = Reach(body, at, body.Length - length, family, nextHop, ref prefixes);
                others[..length].CopyTo(body[at..]);
                at += length;
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(at - 4));
            }

            Finish(to, message, at);
        }
    }

    /// <summary>Takes prefixes of one family back.</summary>
    public static void Withdraw(IBufferWriter<byte> to, BgpFamily family, ReadOnlySpan<IPNetwork> prefixes)
    {
        while (!prefixes.IsEmpty)
        {
            var message = to.GetSpan(BgpHeader.MaxMessage)[..BgpHeader.MaxMessage];
            var body = message[BgpHeader.Size..];
            int at;
            if (family == BgpFamily.Ip4)
            {
                at = Prefixes(body, 2, body.Length - 2, ref prefixes);
                BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)(at - 2));
                BinaryPrimitives.WriteUInt16BigEndian(body[at..], 0);
                at += 2;
            }
            else
            {
                at = Unreach(body, family, ref prefixes);
            }

            Finish(to, message, at);
        }
    }

    /// <summary>Says that all of a family was sent (RFC 4724, 2).</summary>
    public static void EndOfRib(IBufferWriter<byte> to, BgpFamily family)
    {
        var message = to.GetSpan(BgpHeader.MaxMessage);
        var body = message[BgpHeader.Size..];
        var none = ReadOnlySpan<IPNetwork>.Empty;
        var at = 4;
        if (family == BgpFamily.Ip4) body[..4].Clear();
        else at = Unreach(body, family, ref none);
        Finish(to, message, at);
    }

    static void Finish(IBufferWriter<byte> to, Span<byte> message, int body)
    {
        BgpHeader.Write(message, BgpHeader.Size + body, BgpMessageType.Update);
        to.Advance(BgpHeader.Size + body);
    }

    static int Paths(Span<byte> to, int at, BgpAttributes attributes, bool fourOctet, IPAddress? nextHop)
    {
        at = Attribute(to, at, WellKnown, Origin, [0]);
        Span<byte> value = stackalloc byte[4 + 12 * BgpAttributes.MaxLargeCommunities];
        at = Attribute(to, at, WellKnown, AsPath, value[..Path(value, attributes, fourOctet)]);
        if (nextHop is not null)
        {
            nextHop.TryWriteBytes(value, out var size);
            at = Attribute(to, at, WellKnown, NextHop, value[..size]);
        }

        if (attributes.Med is { } med) at = Attribute(to, at, Optional, Med, Number(value, med));
        if (attributes.LocalPref is { } preference) at = Attribute(to, at, WellKnown, LocalPref, Number(value, preference));
        if (!attributes.Communities.IsEmpty)
        {
            for (var i = 0; i < attributes.Communities.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(value[(4 * i)..], attributes.Communities[i]);
            at = Attribute(to, at, OptionalTransitive, Communities, value[..(4 * attributes.Communities.Length)]);
        }

        // What did not fit in the short path (RFC 6793, 4.2.2).
        if (!fourOctet && attributes.Path.Any(a => a > ushort.MaxValue)) at = Attribute(to, at, OptionalTransitive, As4Path, value[..Path(value, attributes, fourOctet: true)]);
        if (!attributes.LargeCommunities.IsEmpty)
        {
            for (var i = 0; i < attributes.LargeCommunities.Length; i++)
            {
                var large = attributes.LargeCommunities[i];
                var one = value[(12 * i)..];
                BinaryPrimitives.WriteUInt32BigEndian(one, large.Asn);
                BinaryPrimitives.WriteUInt32BigEndian(one[4..], large.First);
                BinaryPrimitives.WriteUInt32BigEndian(one[8..], large.Second);
            }

            at = Attribute(to, at, OptionalTransitive, LargeCommunities, value[..(12 * attributes.LargeCommunities.Length)]);
        }

        return at;
    }

    static int Path(Span<byte> to, BgpAttributes attributes, bool fourOctet)
    {
        if (attributes.Path.IsEmpty) return 0;
        to[0] = Sequence;
        to[1] = (byte)attributes.Path.Length;
        var at = 2;
        foreach (var asn in attributes.Path)
        {
            if (fourOctet) BinaryPrimitives.WriteUInt32BigEndian(to[at..], asn);
            else BinaryPrimitives.WriteUInt16BigEndian(to[at..], BgpAs.Short(asn));
            at += fourOctet ? 4 : 2;
        }

        return at;
    }

    static int Reach(Span<byte> to, int at, int end, BgpFamily family, IPAddress nextHop, ref ReadOnlySpan<IPNetwork> prefixes)
    {
        to[at] = Optional | LongLength;
        to[at + 1] = MpReach;
        var value = at + 4;
        BinaryPrimitives.WriteUInt16BigEndian(to[value..], (ushort)family);
        to[value + 2] = Unicast;
        nextHop.TryWriteBytes(to[(value + 4)..], out var size);
        to[value + 3] = (byte)size;
        to[value + 4 + size] = 0;
        var after = Prefixes(to, value + 5 + size, end, ref prefixes);
        BinaryPrimitives.WriteUInt16BigEndian(to[(at + 2)..], (ushort)(after - value));
        return after;
    }

    static int Unreach(Span<byte> body, BgpFamily family, ref ReadOnlySpan<IPNetwork> prefixes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(body, 0);
        body[4] = Optional | LongLength;
        body[5] = MpUnreach;
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], (ushort)family);
        body[10] = Unicast;
        var at = Prefixes(body, 11, body.Length, ref prefixes);
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], (ushort)(at - 8));
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(at - 4));
        return at;
    }

    /// <summary>As many as fit: a length in bits, and so many octets as have some of them.</summary>
    static int Prefixes(Span<byte> to, int at, int end, ref ReadOnlySpan<IPNetwork> prefixes)
    {
        Span<byte> address = stackalloc byte[16];
        while (!prefixes.IsEmpty)
        {
            var prefix = prefixes[0];
            var octets = (prefix.PrefixLength + 7) / 8;
            if (end - at < 1 + octets) break;
            prefix.BaseAddress.TryWriteBytes(address, out _);
            to[at] = (byte)prefix.PrefixLength;
            address[..octets].CopyTo(to[(at + 1)..]);
            at += 1 + octets;
            prefixes = prefixes[1..];
        }

        return at;
    }

    static int Attribute(Span<byte> to, int at, byte flags, byte type, ReadOnlySpan<byte> value)
    {
        var isLong = value.Length > 255;
        to[at] = (byte)(flags | (isLong ? LongLength : 0));
        to[at + 1] = type;
        if (isLong) BinaryPrimitives.WriteUInt16BigEndian(to[(at + 2)..], (ushort)value.Length);
        else to[at + 2] = (byte)value.Length;
        at += isLong ? 4 : 3;
        value.CopyTo(to[at..]);
        return at + value.Length;
    }

    static ReadOnlySpan<byte> Number(Span<byte> value, uint number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, number);
        return value[..4];
    }
}
