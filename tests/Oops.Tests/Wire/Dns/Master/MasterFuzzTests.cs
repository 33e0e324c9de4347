using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Wire.Dns.Master;

/// <summary>Mutations of texts: nothing throws, no text takes more than it has, and what is accepted is well-formed and reads again as the same.</summary>
public sealed class MasterFuzzTests
{
    static readonly DnsName Origin = DnsNameTests.Name("example.");
    readonly byte[] into = new byte[RecordData.MaxSize];

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        var lines = TextVectors.Lines(TextVectors.Read("master/records.txt")).Select(l => Encoding.Latin1.GetString(l)).Where(l => !l.StartsWith('#')).Select(l => l.Split(" | ")).ToList();
        var corpus = lines.Select(v => Encoding.Latin1.GetBytes($"$TTL 5\na {v[0]} {v[1]}\n {v[0]} ( {v[1]}\n ) ; x\n$GENERATE 1-3/2 h${{1,3,x}} {v[0]} \"{v[1]}\"\n$ORIGIN b\n$INCLUDE c d\n")).ToList();
        FuzzRun.Mutate(corpus, 20_000, 1, (text, random) =>
        {
            var sink = new Judge(into);
            var reader = new MasterReader(Origin, sink, new MasterOptions { MaxGenerated = 20 });
            var used = 0;
            var reading = reader.Read(text.AsSpan(0, random.Next(text.Length + 1)), last: false, out var some);
            if (reading is not (MasterReading.More or MasterReading.Include)) return;
            used += some;
            for (var n = 0; n < 100; n++)
            {
                reading = reader.Read(text.AsSpan(used), last: true, out some);
                used += some;
                if (reading is not MasterReading.Include) break;
                Assert.NotNull(reader.Child());
            }

            Assert.True(reading is MasterReading.Broken ? reader.Why is not null : used == text.Length);
            if (reader.Why is { } why) Assert.DoesNotContain(why, c => c is < ' ' or > '~');
        });
    }

    sealed class Judge(byte[] into) : IRecordSink
    {
        public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data)
        {
            Assert.True(DnsName.TryFromWire(owner.Wire, out _));
            Assert.True(TypeNames.IsData(type) && ttl <= int.MaxValue);
            Assert.True(RecordText.IsWellFormed(type, data), $"{type} {Convert.ToHexString(data)}");
            var text = RecordText.Write(type, data);
            Assert.True(RecordText.TryParse(type, Encoding.Latin1.GetBytes(text), default, into, out var length, out var why), $"{type} {text}: {why}");
            Assert.True(data.SequenceEqual(into.AsSpan(0, length)), $"{type} {text}");
        }
    }
}
