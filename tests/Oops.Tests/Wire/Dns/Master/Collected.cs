using System.Globalization;
using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Tests.Wire.Dns.Master;

/// <summary>A sink that keeps what came, as text: "owner ttl type data".</summary>
internal sealed class Collected : IRecordSink
{
    public List<string> Records { get; } = [];

    public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data) =>
        Records.Add(string.Create(CultureInfo.InvariantCulture, $"{owner} {ttl} {TypeNames.Of(type)} {RecordText.Write(type, data)}"));

    /// <summary>Reads a text in pieces of at most so many octets; says how it ended, last.</summary>
    public static List<string> Of(string text, int piece = int.MaxValue, MasterOptions? options = null, string origin = "example.")
    {
        var sink = new Collected();
        var reader = new MasterReader(DnsNameTests.Name(origin), sink, options);
        sink.Records.Add($"{Feed(reader, Encoding.Latin1.GetBytes(text), piece)}{(reader.Why is { } why ? ": " + why : "")}");
        return sink.Records;
    }

    /// <summary>As a caller does it that has a buffer: what was not used comes again, with more behind it.</summary>
    public static MasterReading Feed(MasterReader reader, ReadOnlySpan<byte> text, int piece)
    {
        for (var (from, to) = (0, 0); ;)
        {
            to += Math.Min(piece, text.Length - to);
            var reading = reader.Read(text[from..to], last: to == text.Length, out var used);
            from += used;
            if (reading != MasterReading.More) return reading;
        }
    }
}
