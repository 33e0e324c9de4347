using Oops.Config;
using Oops.Servers;
using Oops.Sources.Kresd;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Kresd;

public sealed class KresdConfigTests
{
    const string Head = "mode: observe\nservers: { r1: { kind: kresd }, r2: { kind: kresd, control: /c }, k1: { kind: knot }, r3: { kind: kresd, zones: { list: [a] } } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Sources/Kresd/sample.yaml");
        Assert.Empty(Load("mode: observe\n", sample).Errors.Lines);
        var all = Load("mode: observe\n", SampleText.WithAllOptions(sample));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal(2, all.Config!.Sources.Kresd[0].Controls!.Count);
    }

    [Theory]
    [InlineData("{ server: r1 }", "kresd/r1/control")]
    [InlineData("{ server: r2 }", "kresd/r2/control")]
    [InlineData("{ server: r1, controls: [/a, /b] }", "kresd/r1/control")]
    [InlineData("{ server: r1, web: 127.0.0.1 }", "kresd/r1/web")]
    public void It_is_asked_by_its_control_socket_unless_only_the_web_is_there(string source, string channel)
    {
        var config = Load("mode: observe\nservers: { r1: { kind: kresd }, r2: { kind: kresd, control: /c } }\n", $"sources: {{ kresd: [ {source} ] }}").Config!;
        Assert.Equal(channel, config.Sources.Kresd[0].Create(config).Covers[0].Name);
    }

    [Theory]
    [InlineData("{ server: k1 }", "is of kind knot; this source asks servers of kind kresd")]
    [InlineData("{ server: r2, web: 127.0.0.1 }", "has a control already")]
    [InlineData("{ server: r2, controls: [/a] }", "has a control already")]
    [InlineData("{ server: r1, controls: [/a], web: 127.0.0.1 }", "is not asked where control sockets are")]
    [InlineData("{ server: r1, controls: [/a, /a] }", "is listed twice")]
    [InlineData("{ server: r1, controls: [a] }", "absolute path")]
    [InlineData("{ server: r1, ca: /ca }", "is for the module http")]
    [InlineData("{ server: r3 }", "a resolver serves no zones")]
    public void A_mistake_is_told(string source, string says) =>
        Assert.Contains(Load(Head, $"sources: {{ kresd: [ {source} ] }}").Errors.Lines, l => l.Contains(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("{}", "not the statistics of a Knot Resolver")]
    [InlineData("{\"request.total\":7}", "not the statistics of a Knot Resolver")]
    [InlineData("{\"worker.queries\":1.5}", "not the statistics of a Knot Resolver")]
    [InlineData("<html>", "not a JSON text")]
    public async Task An_answer_of_something_else_opens_nothing(string answer, string says)
    {
        await using var api = new CannedApi { Answer = _ => answer };
        var said = await RunAsync(api, "web lost: kresd: *");
        Assert.Contains(said, s => s.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.Contains("opened", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Recorded_statistics_are_understood()
    {
        await using var api = new CannedApi { Answer = path => path == "/stats" ? Repository.Text("tests/vectors/kresd/stats.json") : null };
        await RunAsync(api, "web opened", "web Answering 1", "web read", "rate QueryRate 0");
    }

    static async Task<List<string>> RunAsync(CannedApi api, params string[] words)
    {
        var engine = new SpokenEngine();
        using var stop = new CancellationTokenSource();
        var source = new KresdSource(new KresdOptions("r1", [], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)) { Web = new HttpApiOptions("kresd", api.Address, TimeSpan.FromSeconds(5)) });
        var running = source.RunAsync(engine, stop.Token);
        var said = await engine.HearAsync(words);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return said;
    }

    static Loaded<OopsConfig> Load(string head, string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", head + text));
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return loaded;
    }
}
