using System.Buffers.Binary;

namespace Oops.Wire.Dnstap;

/// <summary>A control frame, of which only the question matters whether it names dnstap as its content.</summary>
/// <param name="Type">What it says; a value that is not in <see cref="ControlType"/> is none that libfstrm knows.</param>
/// <param name="ContentTypes">How many content types it names; none: any (fstrm's own reader takes READY without one so).</param>
/// <param name="HasDnstap">One of them is <see cref="FrameStream.Dnstap"/>.</param>
public readonly record struct ControlFrame(ControlType Type, int ContentTypes, bool HasDnstap)
{
    const uint ContentTypeField = 1;

    /// <summary>Octets of the longest frame that <see cref="Write"/> makes.</summary>
    public const int MaxWritten = 64;

    /// <summary>Reads what follows the control frame's length. False: it is malformed, also for a field of an unknown type, as in libfstrm.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out ControlFrame control)
    {
        control = default;
        if (frame.Length is < 4 or > FrameStream.MaxControl)
            return false;
        var type = (ControlType)BinaryPrimitives.ReadUInt32BigEndian(frame);
        if (type is < ControlType.Accept or > ControlType.Finish)
            return false;
        var rest = frame[4..];
        var (count, found) = (0, false);
        while (!rest.IsEmpty)
        {
            if (rest.Length < 8 || BinaryPrimitives.ReadUInt32BigEndian(rest) != ContentTypeField)
                return false;
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            if (length > FrameStream.MaxContentType || length > rest.Length - 8)
                return false;
            found |= rest.Slice(8, (int)length).SequenceEqual(FrameStream.Dnstap);
            count++;
            rest = rest[(8 + (int)length)..];
        }

        control = new ControlFrame(type, count, found);
        return true;
    }

    /// <summary>Writes a whole control frame, its escape and length included; <see cref="MaxWritten"/> octets suffice. Returns its length.</summary>
    public static int Write(Span<byte> to, ControlType type, bool withDnstap)
    {
        var content = withDnstap ? 8 + FrameStream.Dnstap.Length : 0;
        BinaryPrimitives.WriteUInt32BigEndian(to, 0);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], (uint)(4 + content));
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], (uint)type);
        if (!withDnstap)
            return 12;
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], ContentTypeField);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], (uint)FrameStream.Dnstap.Length);
        FrameStream.Dnstap.CopyTo(to[20..]);
        return 12 + content;
    }
}
