using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class RecordRelayTests
{
    static readonly DnsName Zone = DnsName.Root;

    /// <summary>Some 4 MB: several blocks.</summary>
    const int Many = 50_000;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3)]
    [InlineData(Many)]
    public void Records_come_in_their_order_with_what_they_hold(int records)
    {
        var sink = new Sink();
        Assert.Null(MasterFile.Read(Text(records), "text", Zone, sink, Stop));
        Assert.Equal(records, sink.Records.Count);
        for (var i = 0; i < records; i++)
            Assert.Equal(($"n{i / 2}", DnsType.Txt, (uint)i, $"{i}"), sink.Records[i]);
    }

    [Fact]
    public void What_the_sink_throws_ends_the_reading()
    {
        var sink = new Sink { Most = 20_000 };
        Assert.Equal("full", Assert.Throws<InvalidOperationException>(() => MasterFile.Read(Text(Many), "text", Zone, sink, Stop)).Message);
        Assert.Equal(20_000, sink.Records.Count);
    }

    [Fact]
    public void Of_a_text_that_is_broken_far_behind_the_fault_is_told_and_what_came_was_in_order()
    {
        var sink = new Sink();
        Assert.StartsWith($"text:{Many + 1}:1: ", MasterFile.Read(Text(Many, "$NOPE\n"), "text", Zone, sink, Stop), StringComparison.Ordinal);
        Assert.NotEmpty(sink.Records);
        for (var i = 0; i < sink.Records.Count; i++)
            Assert.Equal((uint)i, sink.Records[i].Ttl);
    }

    static MemoryStream Text(int records, string last = "")
    {
        var text = new StringBuilder();
        for (var i = 0; i < records; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"n{i / 2} {i} TXT {i} {new string('x', 60)}\n");
        return new(Encoding.ASCII.GetBytes(text.Append(last).ToString()));
    }

    sealed class Sink : IRecordSink
    {
        public int Most { get; init; } = int.MaxValue;

        public List<(string Owner, DnsType Type, uint Ttl, string Text)> Records { get; } = [];

        public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data)
        {
            if (Records.Count == Most)
                throw new InvalidOperationException("full");
            Records.Add((owner.ToString(), type, ttl, Encoding.ASCII.GetString(data.Slice(1, data[0]))));
        }
    }
}
