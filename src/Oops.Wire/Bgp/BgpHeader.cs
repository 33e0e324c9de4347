using System.Buffers.Binary;

namespace Oops.Wire.Bgp;

/// <summary>What the beginning of the octets that came so far is.</summary>
public enum BgpReading
{
    /// <summary>More must come first.</summary>
    Partial,
    Message,
    Broken,
}

/// <summary>The nineteen octets that start each message: a marker of ones, length, type (RFC 4271, 4.1).</summary>
public static class BgpHeader
{
    public const int Size = 19;

    /// <summary>The longest message. Longer ones (RFC 8654) come only to those who say that they take them.</summary>
    public const int MaxMessage = 4096;

    const int MinOpen = 29;
    const int MinUpdate = 23;
    const int MinNotification = 21;
    const int RefreshSize = 23;

    /// <summary>The first message of a stream.</summary>
    /// <param name="bytes">What came and was not consumed yet.</param>
    /// <param name="type">Its type.</param>
    /// <param name="body">What follows its header.</param>
    /// <param name="fault">Of what is broken: what to answer.</param>
    public static BgpReading TryRead(ReadOnlySpan<byte> bytes, out BgpMessageType type, out ReadOnlySpan<byte> body, out BgpFault fault)
    {
        type = default;
        body = default;
        fault = default;
        if (bytes[..Math.Min(bytes.Length, 16)].ContainsAnyExcept((byte)0xFF))
            return Broken(BgpFault.NotSynchronized, out fault);
        if (bytes.Length < Size)
            return BgpReading.Partial;
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
        type = (BgpMessageType)bytes[18];
        if (length is < Size or > MaxMessage)
            return Broken(BgpFault.BadLength(length), out fault);
        if (type is < BgpMessageType.Open or > BgpMessageType.RouteRefresh)
            return Broken(BgpFault.BadType(bytes[18]), out fault);
        if (!Fits(type, length))
            return Broken(type == BgpMessageType.RouteRefresh ? BgpFault.BadRefreshLength : BgpFault.BadLength(length), out fault);
        if (bytes.Length < length)
            return BgpReading.Partial;
        body = bytes[Size..length];
        return BgpReading.Message;
    }

    /// <summary>Writes a header; the length is that of the whole message.</summary>
    public static void Write(Span<byte> to, int length, BgpMessageType type)
    {
        to[..16].Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(to[16..], (ushort)length);
        to[18] = (byte)type;
    }

    /// <summary>A message without a body.</summary>
    public static byte[] Keepalive()
    {
        var message = new byte[Size];
        Write(message, Size, BgpMessageType.Keepalive);
        return message;
    }

    static bool Fits(BgpMessageType type, int length) => type switch
    {
        BgpMessageType.Open => length >= MinOpen,
        BgpMessageType.Update => length >= MinUpdate,
        BgpMessageType.Notification => length >= MinNotification,
        BgpMessageType.Keepalive => length == Size,
        // With filters to be installed (RFC 5291), which we do not offer, it would be longer.
        _ => length == RefreshSize,
    };

    static BgpReading Broken(BgpFault what, out BgpFault fault)
    {
        fault = what;
        return BgpReading.Broken;
    }
}
