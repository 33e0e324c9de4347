namespace Oops.Wire.Dnstap;

/// <summary>
/// Frame Streams, the transport of dnstap (fstrm 0.6.1, libfstrm's control.h; all numbers are big endian, 32 bits). A data frame is its length and its octets; a control frame is a length of 0, its own length, its
/// type and fields. In the bidirectional handshake the sender says READY, the receiver ACCEPT, the sender START, data, STOP, the receiver FINISH. A file, and a unidirectional sender, begin with START.
/// </summary>
public static class FrameStream
{
    /// <summary>The content type of dnstap.</summary>
    public static ReadOnlySpan<byte> Dnstap => "protobuf:dnstap.Dnstap"u8;

    /// <summary>Longest control frame, behind its length (libfstrm: FSTRM_CONTROL_FRAME_LENGTH_MAX).</summary>
    public const int MaxControl = 512;

    /// <summary>Longest data frame that libfstrm's own reader takes. What claims to be longer is no Frame Stream.</summary>
    public const int MaxData = 1 << 20;

    /// <summary>Longest content type (libfstrm: FSTRM_CONTROL_FIELD_CONTENT_TYPE_LENGTH_MAX).</summary>
    public const int MaxContentType = 256;

    /// <summary>Octets of the length in front of a data frame.</summary>
    public const int LengthSize = 4;
}

/// <summary>What a control frame says.</summary>
public enum ControlType : uint
{
    /// <summary>Receiver: of the offered content types, this one.</summary>
    Accept = 1,

    /// <summary>Sender: data of this content type follows.</summary>
    Start = 2,

    /// <summary>Sender: no more data.</summary>
    Stop = 3,

    /// <summary>Sender: these content types can be had.</summary>
    Ready = 4,

    /// <summary>Receiver: all data up to STOP was taken.</summary>
    Finish = 5,
}
