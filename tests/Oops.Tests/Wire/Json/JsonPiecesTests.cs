using System.Text;
using Oops.Wire.Json;
using Xunit;

namespace Oops.Tests.Wire.Json;

public sealed class JsonPiecesTests
{
    const string Zones = """
        {"boot-time":"2025-01-15T12:10:55.898Z","views":{"_default":{"zones":[
          {"name":"a.test","serial":100,"x":{"serial":7,"name":"no"},"y":[1,2,{"serial":9}],"loaded":true},
          {"name":"b\u002etest","serial":null},{}],"more":{"zones":[{"name":"c","serial":"12"}]}}},"opcodes":{"QUERY":66,"NOTIFY":3},"n":[{"opcodes":{"QUERY":1}}]}
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public void Records_and_scalars_are_found_however_the_text_is_cut(int piece)
    {
        List<string> seen = [];
        var records = new JsonRecords("zones", ["name", "serial", "loaded"], r => seen.Add($"{r.Text(0)} {r.Number(1)} {r.Has(1)} {r.Truth(2)}"));
        var scalars = new JsonScalars(["boot-time"], ["opcodes", "QUERY"], ["opcodes"], ["nosuch"]);
        Assert.Null(Feed(Zones, piece, (ref r) =>
        {
            records.Take(ref r);
            scalars.Take(ref r);
        }));
        Assert.Equal(["a.test 100 True True", "b.test  False ", "  False ", "c 12 True "], seen);
        Assert.Equal("2025-01-15T12:10:55.898Z", scalars.Found.Text(0));
        Assert.Equal(66, scalars.Found.Number(1));
        Assert.False(scalars.Found.Has(2));
        Assert.False(scalars.Found.Has(3));
    }

    [Fact]
    public void An_array_at_the_root_gives_its_objects()
    {
        List<string> seen = [];
        var records = new JsonRecords(null, ["name", "value"], r => seen.Add($"{r.Text(0)}={r.Number(1)}"));
        Assert.Null(Feed("""[{"name":"udp-queries","value":"17"},3,[{"name":"inner"}],{"name":"x","value":1.5}]""", 5, records.Take));
        Assert.Equal(["udp-queries=17", "x="], seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[{\"name\":\"a\"},")]
    [InlineData("<html>")]
    [InlineData("{\"a\":1}{\"b\":2}")]
    [InlineData("[{\"\\udc00\":1}]")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]")]
    public void What_is_no_whole_text_is_a_fault(string text) => Assert.NotNull(Feed(text, 3, new JsonRecords(null, ["name"], _ => { }).Take));

    [Fact]
    public void An_endless_word_is_a_fault_before_it_takes_memory()
    {
        var pieces = new JsonPieces(static (ref _) => { });
        var filler = new byte[16 * 1024];
        Array.Fill(filler, (byte)'x');
        Assert.True(pieces.Feed("[\""u8, last: false));
        var fed = 0;
        while (pieces.Feed(filler, last: false)) fed++;
        Assert.InRange(fed, 1, 5);
        Assert.Contains("65536", pieces.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_as_good_as_not_there()
    {
        List<bool> seen = [];
        var records = new JsonRecords(null, ["name"], r => seen.Add(r.Has(0)));
        Assert.Null(Feed("""[{"name":"\ud800"},{"name":"a"}]""", 100, records.Take));
        Assert.Equal([false, true], seen);
    }

    [Fact]
    public void Garbage_never_throws()
    {
        var random = new Random(1);
        var alphabet = Encoding.ASCII.GetBytes("{}[]\",:0123456789.eE-+\\unulltrfas name zones");
        for (var i = 0; i < 20_000; i++)
        {
            var text = new byte[random.Next(60)];
            for (var j = 0; j < text.Length; j++) text[j] = random.Next(10) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            var records = new JsonRecords(random.Next(2) == 0 ? null : "zones", ["name"], r => r.Text(0));
            var scalars = new JsonScalars(["name", "zones"]);
            var pieces = new JsonPieces((ref r) =>
            {
                records.Take(ref r);
                scalars.Take(ref r);
            });
            pieces.Feed(text, last: random.Next(2) == 0);
        }
    }

    static string? Feed(string text, int piece, JsonTokenSink sink)
    {
        var pieces = new JsonPieces(sink);
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length; at += piece)
            if (!pieces.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)), last: false)) return pieces.Fault;
        pieces.Feed([], last: true);
        return pieces.Fault;
    }
}
