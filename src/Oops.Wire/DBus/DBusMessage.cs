namespace Oops.Wire.DBus;

public enum DBusMessageType : byte
{
    MethodCall = 1,
    MethodReturn = 2,
    Error = 3,
    Signal = 4,
}

[Flags]
public enum DBusFlags : byte
{
    None = 0,
    NoReplyExpected = 1,
    NoAutoStart = 2,
    AllowInteractiveAuthorization = 4,
}

/// <summary>One message: its header fields, and its body still marshalled (validated against <see cref="Signature"/> when it was read from the wire).</summary>
public sealed record DBusMessage
{
    /// <summary>May be a type of a later specification: such a message has to be ignored.</summary>
    public required DBusMessageType Type { get; init; }

    public DBusFlags Flags { get; init; }

    /// <summary>Not 0; the sender's own count.</summary>
    public uint Serial { get; init; }

    public string? Path { get; init; }

    public string? Interface { get; init; }

    public string? Member { get; init; }

    public string? ErrorName { get; init; }

    /// <summary>The serial of the call that this answers; 0 when it answers none.</summary>
    public uint ReplySerial { get; init; }

    public string? Destination { get; init; }

    /// <summary>The unique name of the sender. On a bus it is set by the bus, never by the sender.</summary>
    public string? Sender { get; init; }

    /// <summary>Types of the body; empty for an empty body.</summary>
    public string Signature { get; init; } = "";

    /// <summary>File descriptors that came along; we never agree to any.</summary>
    public uint UnixFds { get; init; }

    public bool BigEndian { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public DBusReader Read() => new(Body.Span, BigEndian);
}
