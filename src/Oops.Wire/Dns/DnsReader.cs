using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>
/// Walks a message from its first question on. Each method either moves behind what it read and returns true, or returns false and the message is malformed;
/// nothing throws and nothing is allocated. Counts in the header are not trusted: the octets run out first.
/// </summary>
/// <param name="message">The whole of it.</param>
/// <param name="from">Where an item starts.</param>
public ref struct DnsReader(ReadOnlySpan<byte> message, int from = DnsHeader.Size)
{
    int offset = from;

    /// <summary>The whole message: compressed names in record data are read against it.</summary>
    public ReadOnlySpan<byte> Message { get; } = message;

    /// <summary>Where the next item starts.</summary>
    public readonly int Offset => offset;

    /// <summary>True when every octet was read.</summary>
    public readonly bool AtEnd => offset >= Message.Length;

    /// <summary>
    /// Begins to read a message as the answer to the query with this id, name and type; false if it is none. A header alone is an answer if it carries an error: NSD refuses what it does
    /// not know without echoing the question, and so does everything that answers FORMERR.
    /// </summary>
    /// <param name="message">The whole of it.</param>
    /// <param name="id">Of the query.</param>
    /// <param name="name">What was asked for.</param>
    /// <param name="type">And of which type, in class IN.</param>
    /// <param name="header">How it begins.</param>
    /// <param name="reader">Stands behind the question.</param>
    public static bool TryOpenAnswer(ReadOnlySpan<byte> message, ushort id, in DnsName name, DnsType type, out DnsHeader header, out DnsReader reader)
    {
        reader = new DnsReader(message);
        if (!DnsHeader.TryRead(message, out header) || !header.IsResponse || header.Id != id || header.Opcode != DnsOpcode.Query)
            return false;
        if (header.Questions == 0)
            return header.RcodeBits != 0;
        return header.Questions == 1 && reader.TryReadQuestion(out var asked, out var askedType, out var @class) && asked == name && askedType == type && @class == DnsClass.In;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReadQuestion(out DnsName name, out DnsType type, out DnsClass @class)
    {
        type = default;
        @class = default;
        if (!DnsName.TryRead(Message, ref offset, out name) || Message.Length - offset < 4)
            return false;
        type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(Message[offset..]);
        @class = (DnsClass)BinaryPrimitives.ReadUInt16BigEndian(Message[(offset + 2)..]);
        offset += 4;
        return true;
    }

    /// <summary>Skips a question without reading its name.</summary>
    public bool TrySkipQuestion()
    {
        if (!DnsName.TrySkip(Message, ref offset) || Message.Length - offset < 4)
            return false;
        offset += 4;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReadRecord(out DnsRecord record)
    {
        record = default;
        var start = offset;
        if (!DnsName.TrySkip(Message, ref offset) || Message.Length - offset < 10)
            return false;
        var fixedPart = Message[offset..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(fixedPart[8..]);
        var data = offset + 10;
        if (Message.Length - data < length)
            return false;
        record = new DnsRecord
        {
            Start = start,
            DataStart = data,
            Type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(fixedPart),
            Class = (DnsClass)BinaryPrimitives.ReadUInt16BigEndian(fixedPart[2..]),
            Ttl = BinaryPrimitives.ReadUInt32BigEndian(fixedPart[4..]),
            Data = Message.Slice(data, length),
        };
        offset = data + length;
        return true;
    }

    /// <summary>The owner of a record that this reader gave out.</summary>
    public readonly bool TryReadOwner(in DnsRecord record, out DnsName owner)
    {
        var offset = record.Start;
        return DnsName.TryRead(Message, ref offset, out owner);
    }
}

/// <summary>One resource record, as a view on its message.</summary>
public ref struct DnsRecord
{
    /// <summary>Offset of the owner name in the message.</summary>
    public int Start { get; set; }

    /// <summary>Offset of the data in the message.</summary>
    public int DataStart { get; set; }

    public DnsType Type { get; set; }

    public DnsClass Class { get; set; }

    public uint Ttl { get; set; }

    /// <summary>The data; names inside may be compressed against the message.</summary>
    public ReadOnlySpan<byte> Data { get; set; }
}
