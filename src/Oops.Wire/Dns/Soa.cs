using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>The numbers of an SOA record (RFC 1035, 3.3.13): the serial, and four intervals in seconds.</summary>
public readonly record struct Soa(uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum)
{
    /// <summary>Reads the data of an SOA record; false if its two names and five numbers do not fill it exactly.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, in DnsRecord record, out Soa soa)
    {
        soa = default;
        var end = record.DataStart + record.Data.Length;
        var offset = record.DataStart;
        if (record.Type != DnsType.Soa || !DnsName.TryRead(message, ref offset, out _) || !DnsName.TryRead(message, ref offset, out _) || end - offset != 20)
            return false;
        soa = Numbers(message.Slice(offset, 20));
        return true;
    }

    /// <summary>As <see cref="TryRead(ReadOnlySpan{byte}, in DnsRecord, out Soa)"/>, of data whose names are not compressed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out Soa soa)
    {
        soa = default;
        var offset = 0;
        if (!DnsName.TrySkip(data, ref offset) || !DnsName.TrySkip(data, ref offset) || data.Length - offset != 20)
            return false;
        soa = Numbers(data[offset..]);
        return true;
    }

    static Soa Numbers(ReadOnlySpan<byte> numbers) => new(
        BinaryPrimitives.ReadUInt32BigEndian(numbers),
        BinaryPrimitives.ReadUInt32BigEndian(numbers[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(numbers[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(numbers[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(numbers[16..]));
}
