using System.Buffers.Binary;
using System.Text;

namespace Oops.Wire.DBus;

/// <summary>Messages to bytes and back. D-Bus specification, "Message Protocol".</summary>
public static class DBusCodec
{
    /// <summary>The part of a header that tells the length of the whole message.</summary>
    public const int FixedHeader = 16;

    /// <summary>The specification's bound on a message, 128 MiB.</summary>
    public const int SpecificationMax = 1 << 27;

    /// <summary>Our own default bound. A bus sends us names, signals and short answers; 1 MiB is far more than any of them.</summary>
    public const int DefaultMax = 1 << 20;

    /// <summary>The length of a message, from its first 16 bytes.</summary>
    /// <param name="start">At least <see cref="FixedHeader"/> bytes.</param>
    /// <param name="max">Longest message that is accepted, in bytes.</param>
    /// <param name="length">The whole message's length, when there is no fault.</param>
    public static DBusFault Measure(ReadOnlySpan<byte> start, int max, out int length)
    {
        length = 0;
        if (start.Length < FixedHeader) return DBusFault.Truncated;
        if (start[0] is not ((byte)'l' or (byte)'B')) return DBusFault.Endianness;
        if (start[3] != 1) return DBusFault.Version;
        var big = start[0] == (byte)'B';
        var body = UInt32At(start, 4, big);
        var fields = UInt32At(start, 12, big);
        if (fields > DBusReader.MaxArray) return DBusFault.TooLong;
        var total = FixedHeader + (((long)fields + 7) & ~7L) + body;
        if (total > Math.Min(max, SpecificationMax)) return DBusFault.TooLong;
        length = (int)total;
        return DBusFault.None;
    }

    /// <summary>Reads exactly one whole message.</summary>
    /// <param name="bytes">The message, of the length that <see cref="Measure"/> gave.</param>
    /// <param name="message">The message when there is no fault; its body is a copy.</param>
    public static DBusFault Read(ReadOnlySpan<byte> bytes, out DBusMessage? message)
    {
        message = null;
        var fault = Measure(bytes, SpecificationMax, out var length);
        if (fault != DBusFault.None) return fault;
        if (bytes.Length != length) return bytes.Length < length ? DBusFault.Truncated : DBusFault.Body;
        var big = bytes[0] == (byte)'B';
        if (bytes[1] == 0 || UInt32At(bytes, 8, big) == 0) return DBusFault.Invalid;

        var bodyLength = (int)UInt32At(bytes, 4, big);
        var header = new DBusReader(bytes[..^bodyLength], big);
        var fields = default(DBusFields);
        fault = fields.Read(ref header);
        if (fault != DBusFault.None) return fault;
        fault = fields.Require((DBusMessageType)bytes[1]);
        if (fault != DBusFault.None) return fault;

        var body = bytes[^bodyLength..];
        if (bodyLength == 0) body = default;
        var reader = new DBusReader(body, big);
        if (!reader.TrySkip(fields.Signature)) return reader.Fault;
        if (!reader.AtEnd) return DBusFault.Body;

        message = new DBusMessage
        {
            Type = (DBusMessageType)bytes[1],
            Flags = (DBusFlags)bytes[2],
            Serial = UInt32At(bytes, 8, big),
            Path = Text(fields.Path),
            Interface = Text(fields.Interface),
            Member = Text(fields.Member),
            ErrorName = Text(fields.ErrorName),
            ReplySerial = fields.ReplySerial,
            Destination = Text(fields.Destination),
            Sender = Text(fields.Sender),
            Signature = Encoding.ASCII.GetString(fields.Signature),
            UnixFds = fields.UnixFds,
            BigEndian = big,
            Body = body.ToArray(),
        };
        return DBusFault.None;
    }

    /// <summary>Writes a message in the endianness of its body. Names must be valid: they are ours.</summary>
    public static byte[] Write(DBusMessage message)
    {
        var writer = new DBusWriter(message.BigEndian);
        writer.Byte(message.BigEndian ? (byte)'B' : (byte)'l').Byte((byte)message.Type).Byte((byte)message.Flags).Byte(1);
        writer.UInt32((uint)message.Body.Length).UInt32(message.Serial);
        var fields = writer.BeginArray('(');
        Field(1, "o", message.Path);
        Field(2, "s", message.Interface);
        Field(3, "s", message.Member);
        Field(4, "s", message.ErrorName);
        if (message.ReplySerial != 0) writer.Struct().Byte(5).Variant("u").UInt32(message.ReplySerial);
        Field(6, "s", message.Destination);
        Field(7, "s", message.Sender);
        if (message.Signature.Length > 0) writer.Struct().Byte(8).Variant("g").Signature(message.Signature);
        if (message.UnixFds != 0) writer.Struct().Byte(9).Variant("u").UInt32(message.UnixFds);
        writer.EndArray(fields).Struct().Raw(message.Body.Span);
        return writer.Written.ToArray();

        void Field(byte code, string signature, string? value)
        {
            if (value is not null) writer.Struct().Byte(code).Variant(signature).String(value);
        }
    }

    static uint UInt32At(ReadOnlySpan<byte> bytes, int at, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    // A field that is absent is null; no field may be empty but the signature.
    static string? Text(ReadOnlySpan<byte> name) => name.IsEmpty ? null : Encoding.ASCII.GetString(name);
}
