using System.Globalization;
using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Lab.Zones;

/// <summary>A sink of text and of transfers alike: each record as a line, owner, TTL, type and the octets of its data.</summary>
/// <param name="fold">Letters of the data are lower case.</param>
internal sealed class Records(bool fold) : IRecordSink, ITransferSink
{
    readonly byte[] data = new byte[RecordData.MaxSize];
    readonly List<string> lines = [];

    public IEnumerable<string> Sorted => lines.Order(StringComparer.Ordinal);

    public void Begin(TransferForm form, in Soa soa) => lines.Clear();

    public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data)
    {
        byte[] octets = data.ToArray();
        if (fold)
            Ascii.ToLowerInPlace(octets, out _);
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{owner} {ttl} {TypeNames.Of(type)} {Convert.ToHexStringLower(octets)}"));
    }

    public void Add(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        if (RecordData.TryExpand(message, record, data, out int length))
            Add(owner, record.Type, record.Ttl, data.AsSpan(0, length));
        else
            lines.Add($"{owner}: malformed {TypeNames.Of(record.Type)}");
    }

    public void Delete(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message) => throw new NotSupportedException();

    /// <summary>What it reads from a text, with what that includes. Throws where it is broken.</summary>
    public static IEnumerable<string> Of(ReadOnlySpan<byte> text, in DnsName origin, bool fold)
    {
        var records = new Records(fold);
        Read(new MasterReader(origin, records), text);
        return records.Sorted;
    }

    static void Read(MasterReader reader, ReadOnlySpan<byte> text)
    {
        while (reader.Read(text, last: true, out int used) is var reading and not MasterReading.Done)
        {
            if (reading != MasterReading.Include)
                throw new FormatException(reader.Why);
            Read(reader.Child(), File.ReadAllBytes(reader.IncludePath!));
            text = text[used..];
        }
    }
}
