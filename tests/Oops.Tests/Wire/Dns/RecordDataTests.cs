using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class RecordDataTests
{
    /// <summary>type, compressed data (c00c: Cat.Test), the data written out.</summary>
    [Theory]
    [InlineData(2, "c00c", "03636174047465737400")]
    [InlineData(12, "014dc00c", "016d03636174047465737400")]
    [InlineData(15, "000ac00c", "000a03636174047465737400")]
    [InlineData(6, "c00c00 0000000100000002000000030000000400000005", "0363617404746573740000 0000000100000002000000030000000400000005")]
    [InlineData(33, "000100020003c00c", "00010002000303636174047465737400")]
    [InlineData(35, "000100020141000142c00c", "00010002014100014203636174047465737400")]
    [InlineData(24, "000208020000000500000001000000000001c00cff", "00020802000000050000000100000000000103636174047465737400ff")]
    [InlineData(16, "0141", "0141")]
    [InlineData(65280, "c00cc0ff", "c00cc0ff")]
    public void Data_is_written_out_as_its_type_has_it(int type, string packed, string expected)
    {
        var (message, record) = Message((DnsType)type, packed);
        var into = new byte[RecordData.MaxSize];
        Assert.True(RecordData.TryExpand(message, Read(message), into, out var length));
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(into.AsSpan(0, length)));
        Assert.False(RecordData.TryExpand(message, Read(message), new byte[length - 1], out _));
        Assert.Equal(packed.Replace(" ", "", StringComparison.Ordinal).Length / 2, record);
    }

    [Theory]
    [InlineData(2, "c00c00")]
    [InlineData(2, "")]
    [InlineData(2, "c0")]
    [InlineData(15, "00")]
    [InlineData(15, "000a")]
    [InlineData(6, "c00cc00c00000001")]
    [InlineData(35, "0001000205")]
    [InlineData(33, "00010002c00c")]
    public void Data_that_is_not_what_its_type_asks_for_is_refused(int type, string packed)
    {
        var (message, _) = Message((DnsType)type, packed);
        Assert.False(RecordData.TryExpand(message, Read(message), new byte[RecordData.MaxSize], out _));
    }

    static (byte[] Message, int Length) Message(DnsType type, string hex)
    {
        var data = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var buffer = new byte[1024];
        var writer = new DnsWriter(buffer, 1, DnsHeader.Qr);
        writer.Bytes([3, (byte)'C', (byte)'a', (byte)'t', 4, (byte)'T', (byte)'e', (byte)'s', (byte)'t', 0, 0, 6, 0, 1]);
        writer.Count(4);
        writer.UInt16(0xC00C);
        writer.UInt16((ushort)type);
        writer.UInt16(1);
        writer.UInt32(5);
        writer.UInt16((ushort)data.Length);
        writer.Bytes(data);
        writer.Count(6);
        return (buffer[..writer.Length], data.Length);
    }

    static DnsRecord Read(byte[] message)
    {
        var reader = new DnsReader(message);
        Assert.True(reader.TrySkipQuestion());
        Assert.True(reader.TryReadRecord(out var record));
        return record;
    }
}
