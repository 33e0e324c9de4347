using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>
/// Writes a message into a caller's buffer. When something does not fit it is not written, <see cref="Failed"/> is set and stays set, and <see cref="Length"/> is 0; so one
/// check at the end suffices. The header's counts are kept up to date by the methods that add to a section.
/// </summary>
public ref struct DnsWriter
{
    readonly Span<byte> buffer;
    int length;
    int option = -1;

    /// <summary>Starts a message with empty sections.</summary>
    public DnsWriter(Span<byte> buffer, ushort id, ushort flags)
    {
        this.buffer = buffer;
        UInt16(id);
        UInt16(flags);
        UInt16(0);
        UInt16(0);
        UInt16(0);
        UInt16(0);
    }

    DnsWriter(Span<byte> buffer, int length)
    {
        this.buffer = buffer;
        this.length = length;
    }

    /// <summary>The buffer was too small.</summary>
    public bool Failed { get; private set; }

    /// <summary>Octets written; 0 when <see cref="Failed"/>.</summary>
    public readonly int Length => Failed ? 0 : length;

    /// <summary>Goes on behind the <paramref name="length"/> octets that the buffer holds: a message, or at 0 any octets.</summary>
    internal static DnsWriter Resume(Span<byte> buffer, int length) => new(buffer, length);

    public void Question(scoped in DnsName name, DnsType type, DnsClass @class = DnsClass.In)
    {
        Bytes(name.Wire);
        UInt16((ushort)type);
        UInt16((ushort)@class);
        Count(4);
    }

    /// <summary>
    /// Adds the OPT record (RFC 6891) to the additional section; <see cref="Option"/> adds to it while nothing else was written. The eight upper bits of the response code go
    /// here, the lower four were given in the header's flags.
    /// </summary>
    /// <param name="udpSize">UDP payload that we take, octets.</param>
    /// <param name="rcode">The response code.</param>
    /// <param name="dnssecOk">DO: signatures are wanted (RFC 3225).</param>
    /// <param name="version">Of EDNS; there is none but 0 yet.</param>
    public void Opt(ushort udpSize, DnsRcode rcode = DnsRcode.NoError, bool dnssecOk = false, byte version = 0)
    {
        Byte(0);
        UInt16((ushort)DnsType.Opt);
        UInt16(udpSize);
        UInt32((uint)((ushort)rcode >> 4) << 24 | (uint)version << 16 | (dnssecOk ? 0x8000u : 0));
        option = length;
        UInt16(0);
        Count(10);
    }

    /// <summary>Adds an option to the OPT record just written.</summary>
    public void Option(EdnsOption code, scoped ReadOnlySpan<byte> data)
    {
        UInt16((ushort)code);
        UInt16((ushort)data.Length);
        Bytes(data);
        if (!Failed)
            BinaryPrimitives.WriteUInt16BigEndian(buffer[option..], (ushort)(length - option - 2));
    }

    public void Byte(byte value)
    {
        if (Room(1))
            buffer[length++] = value;
    }

    public void UInt16(ushort value)
    {
        if (!Room(2))
            return;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[length..], value);
        length += 2;
    }

    public void UInt32(uint value)
    {
        if (!Room(4))
            return;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[length..], value);
        length += 4;
    }

    public void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (!Room(bytes.Length))
            return;
        bytes.CopyTo(buffer[length..]);
        length += bytes.Length;
    }

    /// <summary>Adds one to the section count at <paramref name="at"/> in the header: 4 question, 6 answer, 8 authority, 10 additional.</summary>
    public readonly void Count(int at)
    {
        if (!Failed)
            BinaryPrimitives.WriteUInt16BigEndian(buffer[at..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(buffer[at..]) + 1));
    }

    bool Room(int size)
    {
        if (buffer.Length - length < size)
            Failed = true;
        return !Failed;
    }
}
