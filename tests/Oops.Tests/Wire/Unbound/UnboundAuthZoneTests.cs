using System.Text;
using Oops.Wire.Unbound;
using Xunit;

namespace Oops.Tests.Wire.Unbound;

public sealed class UnboundAuthZoneTests
{
    [Fact]
    public void What_1_17_1_lists_is_read() => Assert.Equal(
        [new("sec.test.", null, true), new("file.test.", 7, false), new("never.test.", null, false)],
        TextVectors.Lines(TextVectors.Read("unbound/zones-1.17.1.txt")).Select(l => UnboundAuthZone.TryRead(l, out var zone) ? zone : throw new FormatException()));

    [Theory]
    [InlineData("")]
    [InlineData("a.test.")]
    [InlineData("a.test\tserial 7")]
    [InlineData("a.test.\tserial")]
    [InlineData("a.test.\tserial 7 ")]
    [InlineData("a.test.\tserial -7")]
    [InlineData("a.test.\tserial 4294967296")]
    [InlineData("a.test.\tretired")]
    [InlineData("a test.\tserial 7")]
    [InlineData("\tserial 7")]
    [InlineData("num.queries=7")]
    public void What_is_no_such_line_is_refused(string line) => Assert.False(UnboundAuthZone.TryRead(Encoding.Latin1.GetBytes(line), out _));

    [Theory]
    [InlineData("a.test", "a.test.")]
    [InlineData("a\\009b.test", "a?b.test.")]
    [InlineData("a\\.b.test", "a?b.test.")]
    [InlineData("_x-*.test", "_x-*.test.")]
    [InlineData(".", ".")]
    [InlineData("a..b", null)]
    public void A_name_is_veiled_as_Unbound_does(string zone, string? veiled) => Assert.Equal(veiled, UnboundAuthZone.Veil(zone));

    [Fact]
    public void Status_is_whole_when_it_ends_with_the_pid()
    {
        var reader = new UnboundStatusReader();
        var lines = TextVectors.Lines(TextVectors.Read("unbound/status-1.17.1.txt"));
        foreach (var line in lines[..^1]) reader.Feed(line);
        Assert.Equal(("1.17.1", null), (reader.Version, reader.Pid));
        reader.Feed(lines[^1]);
        Assert.Equal(39, reader.Pid);
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused() => FuzzRun.Mutate([TextVectors.Read("unbound/zones-1.17.1.txt"), TextVectors.Read("unbound/status-1.17.1.txt"), TextVectors.Read("unbound/stats-1.17.1.txt")], 20_000, 7, (bytes, _) =>
    {
        var status = new UnboundStatusReader();
        foreach (var line in TextVectors.Lines(bytes))
        {
            if (UnboundAuthZone.TryRead(line, out var zone)) Assert.DoesNotContain(zone.Zone, c => c is < '!' or > '~');
            status.Feed(line);
        }
    });
}
