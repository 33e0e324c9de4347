using System.Text;
using Oops.Wire.Text;
using Xunit;

namespace Oops.Tests.Wire.Text;

public sealed class ControlTextTests
{
    [Theory]
    [InlineData("nsd/stats-4.6.1.txt", "num.queries", 1L)]
    [InlineData("unbound/stats-1.17.1.txt", "total.num.queries", 0L)]
    public void The_counter_of_queries_is_in_the_statistics_once(string vector, string name, long count) =>
        Assert.Equal(count, Assert.Single(TextVectors.Lines(TextVectors.Read(vector)).Select(l => ControlText.Counter(l, Encoding.ASCII.GetBytes(name))), c => c is not null));

    [Theory]
    [InlineData("num.queries=")]
    [InlineData("num.queries=-1")]
    [InlineData("num.queries=1.5")]
    [InlineData("num.queries=99999999999999999999")]
    [InlineData("num.queriess=1")]
    [InlineData("num.queries")]
    [InlineData("xnum.queries=1")]
    public void What_is_no_count_is_none(string line) => Assert.Null(ControlText.Counter(Encoding.ASCII.GetBytes(line), "num.queries"u8));

    [Theory]
    [InlineData("4.8.0", true)]
    [InlineData("4.10.1", true)]
    [InlineData("5.0", true)]
    [InlineData("4.8-rc1", true)]
    [InlineData("4.7.9", false)]
    [InlineData("3.9", false)]
    [InlineData("4", false)]
    [InlineData("four.eight", false)]
    [InlineData("", false)]
    public void Versions_are_compared_by_number(string version, bool isAtLeast) => Assert.Equal(isAtLeast, ControlText.IsAtLeast(version, 4, 8));

    [Fact]
    public void An_error_and_a_version_are_told_by_their_first_word()
    {
        Assert.True(ControlText.TryError("error version mismatch"u8, out var what));
        Assert.Equal("version mismatch", Encoding.ASCII.GetString(what));
        Assert.False(ControlText.TryError("errors=5"u8, out _));
        Assert.True(ControlText.TryVersion("version: 4.6.1"u8, out var version));
        Assert.Equal("4.6.1", Encoding.ASCII.GetString(version));
        Assert.False(ControlText.TryVersion("version: "u8, out _));
    }
}
