using System.Text;
using Oops.Wire.Dnsdist;
using Oops.Wire.Json;
using Xunit;

namespace Oops.Tests.Sources.Dnsdist;

public sealed class DnsdistAnswerTests
{
    [Fact]
    public void A_recorded_answer_is_understood()
    {
        var answer = Read(Repository.Text("tests/vectors/dnsdist/localhost.json"));
        Assert.Equal(("dnsdist", "1.7.3", true, null), (answer.Daemon, answer.Version, answer.Listed, answer.Fault));
        Assert.Equal(["one", "t\"w?o", "three", "four"], answer.Backends.Select(b => b.Name));
        Assert.Equal([DnsdistState.Down, DnsdistState.Down, DnsdistState.ForcedUp, DnsdistState.ForcedDown], answer.Backends.Select(b => b.State));
        Assert.Equal([false, false, true, false], answer.Backends.Select(b => b.IsUp));
        Assert.Equal([true, false, false, false], answer.Backends.Select(b => b.IsIn("")));
        Assert.Equal([false, true, true, true], answer.Backends.Select(b => b.IsIn("p1")));
        Assert.Equal("127.0.0.1:5302", answer.Backends[1].Address);
    }

    [Fact]
    public void It_may_be_cut_anywhere()
    {
        var text = Encoding.UTF8.GetBytes(Repository.Text("tests/vectors/dnsdist/localhost.json"));
        for (var cut = 1; cut < text.Length; cut += 7)
        {
            var answer = new DnsdistAnswer();
            var pieces = new JsonPieces(answer.Take);
            Assert.True(pieces.Feed(text.AsSpan(0, cut), false) && pieces.Feed(text.AsSpan(cut), true));
            Assert.Equal(4, answer.Backends.Count);
            Assert.Equal(["p1", "p2"], answer.Backends[1].Pools);
        }
    }

    [Theory]
    [InlineData("""{"servers":[{"name":"a","state":"sleeping"}]}""", "a backend without a state that is known: a ()")]
    [InlineData("""{"servers":[{"name":"a"}]}""", "a backend without a state")]
    [InlineData("""{"servers":[{"name":"a","state":["up"]}]}""", "a backend without a state")]
    [InlineData("""{"servers":["up"]}""", "a list of backends with something else in it")]
    [InlineData("""{"servers":[[{"state":"up"}]]}""", "a list of backends with something else in it")]
    public void What_cannot_be_used_is_told(string text, string fault) => Assert.StartsWith(fault, Read(text).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"x":{"servers":[{"state":"up"}]}}""")]
    [InlineData("""[{"servers":[{"state":"up"}]}]""")]
    [InlineData("""{"servers":{"state":"up"}}""")]
    [InlineData("""{"servers":null}""")]
    [InlineData("{}")]
    public void What_is_not_the_list_is_none(string text)
    {
        var answer = Read(text);
        Assert.False(answer.Listed);
        Assert.Empty(answer.Backends);
    }

    [Fact]
    public void What_follows_the_list_is_no_backend()
    {
        var answer = Read("""{"servers":[],"pools":[{"name":"p","state":"up"}],"servers":[{"state":"up"}],"daemon_type":"dnsdist"}""");
        Assert.Equal((true, 0, "dnsdist"), (answer.Listed, answer.Backends.Count, answer.Daemon));
    }

    [Fact]
    public void Too_many_backends_are_a_fault_and_are_not_kept()
    {
        var answer = Read($"{{\"servers\":[{string.Join(',', Enumerable.Repeat("{\"state\":\"up\"}", DnsdistAnswer.MostBackends + 5))}]}}");
        Assert.Equal(DnsdistAnswer.MostBackends, answer.Backends.Count);
        Assert.StartsWith("more than", answer.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_and_broken_texts_do_no_harm()
    {
        var answer = Read($$"""{"version":"{{new string('v', 5000)}}","servers":[{"name":"\ud800","address":"{{new string('a', 500)}}","state":"up"}]}""");
        Assert.Equal("?", answer.Version);
        Assert.Equal("?", answer.Backends[0].Name);
        Assert.Equal(128, answer.Backends[0].Address.Length);
    }

    static DnsdistAnswer Read(string text)
    {
        var answer = new DnsdistAnswer();
        Assert.True(new JsonPieces(answer.Take).Feed(Encoding.UTF8.GetBytes(text), true));
        return answer;
    }
}
