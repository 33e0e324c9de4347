using Oops.Config;
using Oops.Core;
using Oops.Servers;
using Oops.Sources.Dnsdist;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Dnsdist;

public sealed class DnsdistSourceTests
{
    const string Head = "mode: observe\nservers: { lb1: { kind: dnsdist }, k1: { kind: knot } }\nconditions: { ok: { kind: external, polarity: good }, late: { kind: zone-expiring, before: 1h } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Sources/Dnsdist/sample.yaml");
        Assert.Empty(Load("mode: observe\n", sample).Errors.Lines);
        var all = Load("mode: observe\n", SampleText.WithAllOptions(sample));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal("default", Assert.Single(all.Config!.Sources.Dnsdist[0].Backends).Pool);
        Assert.Equal(["dnsdist/lb1/api", "dnsdist/lb1/rate"], all.Config.Sources.Dnsdist[0].Create(all.Config).Covers.Select(c => c.Name));
    }

    [Theory]
    [InlineData("{ server: lb1 }", "key-file")]
    [InlineData("{ server: k1, key-file: /k }", "is of kind knot; this source asks servers of kind dnsdist")]
    [InlineData("{ server: lb1, key-file: /k, backends: [ { condition: late } ] }", "is not of kind external")]
    [InlineData("{ server: lb1, key-file: /k, backends: [ { condition: none } ] }", "there is no condition 'none'")]
    [InlineData("{ server: lb1, key-file: /k, backends: [ { condition: ok }, { condition: ok, pool: p } ] }", "is claimed twice")]
    [InlineData("{ server: lb1, key-file: /k, backends: [ { condition: ok, at-least: 0 } ] }", "at-least")]
    public void A_mistake_is_told(string source, string says) =>
        Assert.Contains(Load(Head, $"sources: {{ dnsdist: [ {source} ] }}").Errors.Lines, l => l.Contains(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("{\"daemon_type\":\"authoritative\",\"servers\":[]}", "answers 'authoritative', not a dnsdist")]
    [InlineData("{\"daemon_type\":\"dnsdist\"}", "no list of backends")]
    [InlineData("{\"daemon_type\":\"dnsdist\",\"servers\":[{\"name\":\"a\",\"state\":\"sleeping\"}]}", "a backend without a state that is known: a")]
    [InlineData("{\"daemon_type\":\"dnsdist\",\"servers\":[", "ends within itself")]
    [InlineData("hang", "silent for 0.5 s")]
    public async Task An_answer_that_is_none_becomes_unknown_and_never_trouble(string broken, string says)
    {
        await using var api = new CannedApi();
        var answer = Repository.Text("tests/vectors/dnsdist/localhost.json");
        api.Answer = path => path.StartsWith("/jsonstat", StringComparison.Ordinal) ? Repository.Text("tests/vectors/dnsdist/stats.json") : answer;
        var engine = new SpokenEngine();
        using var stop = new CancellationTokenSource();
        var rule = new BackendsRule("ok", Polarity.Good, Evidence.Proof, "p1", 1, TimeSpan.Zero);
        var source = new DnsdistSource(new DnsdistOptions("lb1", new HttpApiOptions("dnsdist", api.Address, TimeSpan.FromSeconds(0.5)), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), [rule]));
        var running = source.RunAsync(engine, stop.Token);
        var said = await engine.HearAsync("api opened", "api Answering 1", "api read");
        Assert.Contains(said, s => s.Contains("State = Met", StringComparison.Ordinal) && s.Contains("1 of 3 backends of pool 'p1' up", StringComparison.Ordinal));
        answer = broken;
        said = await engine.HearAsync("api lost: dnsdist: *");
        Assert.Contains(said, s => s.StartsWith("api lost", StringComparison.Ordinal) && s.Contains(says, StringComparison.Ordinal));
        Assert.Contains(said, s => s.Contains("State = Unknown", StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.Contains("State = NotMet", StringComparison.Ordinal));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    static Loaded<OopsConfig> Load(string head, string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", head + text));
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return loaded;
    }
}
