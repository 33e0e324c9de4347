using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>The twelve octets that start each message (RFC 1035, 4.1.1).</summary>
public readonly record struct DnsHeader(ushort Id, ushort Flags, ushort Questions, ushort Answers, ushort Authorities, ushort Additionals)
{
    /// <summary>Octets of the header.</summary>
    public const int Size = 12;

    /// <summary>Bit of <see cref="Flags"/>: this is a response.</summary>
    public const ushort Qr = 0x8000;

    /// <summary>Bit of <see cref="Flags"/>: authoritative answer.</summary>
    public const ushort Aa = 0x0400;

    /// <summary>Bit of <see cref="Flags"/>: truncated.</summary>
    public const ushort Tc = 0x0200;

    /// <summary>Bit of <see cref="Flags"/>: recursion desired.</summary>
    public const ushort Rd = 0x0100;

    public bool IsResponse => (Flags & Qr) != 0;

    public DnsOpcode Opcode => (DnsOpcode)(Flags >> 11 & 0xF);

    public bool Authoritative => (Flags & Aa) != 0;

    public bool Truncated => (Flags & Tc) != 0;

    /// <summary>The lower four bits of the response code; OPT has the rest.</summary>
    public byte RcodeBits => (byte)(Flags & 0xF);

    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        header = default;
        if (message.Length < Size)
            return false;
        header = new DnsHeader(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        return true;
    }
}
