using System.Buffers.Binary;

namespace Oops.Wire.Dnstap;

/// <summary>What comes next in a buffer of a Frame Stream.</summary>
public enum FrameKind : byte
{
    /// <summary>The rest is the beginning of a frame, or nothing.</summary>
    Partial,

    /// <summary>A data frame.</summary>
    Data,

    /// <summary>A control frame.</summary>
    Control,

    /// <summary>The head of a data frame that is longer than asked for; its octets follow and are the caller's to skip.</summary>
    Long,

    /// <summary>No Frame Stream, or not any more: where the next frame begins cannot be known.</summary>
    Broken,
}

/// <summary>Cuts frames out of a buffer. Lengths are not trusted: no more is looked at than there is, and no more is waited for than the limits allow.</summary>
/// <param name="buffer">What was received and not consumed yet.</param>
/// <param name="longest">Data frames that are longer are <see cref="FrameKind.Long"/>; at most <see cref="FrameStream.MaxData"/>, beyond which a stream is broken.</param>
public ref struct FrameReader(ReadOnlySpan<byte> buffer, int longest)
{
    readonly ReadOnlySpan<byte> buffer = buffer;
    int offset;

    /// <summary>Octets that have been dealt with; what is behind them belongs in front of what is received next.</summary>
    public readonly int Consumed => offset;

    /// <summary>Of <see cref="FrameKind.Long"/>: octets that the frame has.</summary>
    public int Length { get; private set; }

    /// <summary>The next frame: its octets for <see cref="FrameKind.Data"/>, what <see cref="ControlFrame.TryRead"/> takes for <see cref="FrameKind.Control"/>.</summary>
    public FrameKind Next(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        var rest = buffer[offset..];
        if (rest.Length < FrameStream.LengthSize)
            return FrameKind.Partial;
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length == 0)
            return Control(rest, out frame);
        if (length > FrameStream.MaxData)
            return FrameKind.Broken;
        Length = (int)length;
        if (length > longest)
        {
            offset += FrameStream.LengthSize;
            return FrameKind.Long;
        }

        if (rest.Length - FrameStream.LengthSize < length)
            return FrameKind.Partial;
        frame = rest.Slice(FrameStream.LengthSize, (int)length);
        offset += FrameStream.LengthSize + (int)length;
        return FrameKind.Data;
    }

    FrameKind Control(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (rest.Length < 2 * FrameStream.LengthSize)
            return FrameKind.Partial;
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest[FrameStream.LengthSize..]);
        if (length is < 4 or > FrameStream.MaxControl)
            return FrameKind.Broken;
        if (rest.Length - (2 * FrameStream.LengthSize) < length)
            return FrameKind.Partial;
        frame = rest.Slice(2 * FrameStream.LengthSize, (int)length);
        offset += (2 * FrameStream.LengthSize) + (int)length;
        return FrameKind.Control;
    }
}
