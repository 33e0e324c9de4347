using Oops.Wire.Dns;

namespace Oops.Tests.Wire.Dns;

/// <summary>One message of a transfer, built by hand: header, question, records.</summary>
internal sealed class TransferMessage(ushort id, string zone, DnsType type, ushort flags = DnsHeader.Qr | DnsHeader.Aa, bool question = true, uint ttl = 5)
{
    readonly uint ttl = ttl;

    readonly List<(string Owner, DnsType Type, DnsClass Class, uint Ttl, byte[] Data)> records = [];

    public TransferMessage Soa(uint serial, string? owner = null, uint expire = 3600) => Record(owner ?? zone, DnsType.Soa, [0, 0, .. Numbers(serial, 100, 10, expire, 5)]);

    public TransferMessage Ptr(string owner, string name) => Record(owner, DnsType.Ptr, DnsNameTests.Name(name).Wire.ToArray());

    public TransferMessage Txt(string owner, string text, uint? ttl = null) => Record(owner, DnsType.Txt, [(byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)], ttl: ttl);

    public TransferMessage Record(string owner, DnsType type, byte[] data, DnsClass @class = DnsClass.In, uint? ttl = null)
    {
        records.Add((owner, type, @class, ttl ?? this.ttl, data));
        return this;
    }

    public byte[] Bytes()
    {
        var buffer = new byte[ushort.MaxValue];
        var writer = new DnsWriter(buffer, id, flags);
        if (question)
            writer.Question(DnsNameTests.Name(zone), type);
        foreach (var record in records)
        {
            writer.Bytes(DnsNameTests.Name(record.Owner).Wire);
            writer.UInt16((ushort)record.Type);
            writer.UInt16((ushort)record.Class);
            writer.UInt32(record.Ttl);
            writer.UInt16((ushort)record.Data.Length);
            writer.Bytes(record.Data);
            writer.Count(6);
        }

        return buffer[..writer.Length];
    }

    static byte[] Numbers(params uint[] numbers) => [.. numbers.SelectMany(n => new[] { (byte)(n >> 24), (byte)(n >> 16), (byte)(n >> 8), (byte)n })];
}
