using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Notify;

public sealed class NotifyConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: nsd, address: 192.0.2.1, zones: { list: [example.net] } }, box: { kind: other } }\n";

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    static string Sample()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "oops.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return File.ReadAllText(Path.Combine(folder, "src/Oops/Sources/Notify/sample.yaml"));
    }

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        Assert.Empty(Load(Sample()).Errors.Lines);
        var all = Load(Regex.Replace(Sample(), "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        var notify = all.Config!.Sources.Notify[0];
        Assert.Equal(("notify-key", 2, "*.example"), (notify.QueryKey?.Text, notify.Allow!.Count, notify.Zones![1].Text));
    }

    [Fact]
    public void Two_entries_for_one_server_are_refused()
    {
        var loaded = Load("sources:\n  notify:\n    - { server: ns1, listen: [127.0.0.1] }\n    - { server: ns1, listen: [127.0.0.2] }\n");
        Assert.Empty(loaded.Errors.Lines);
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, "");
        Assert.Contains("oops.yaml:6:7: sources.notify[1]: asks the same as sources.notify[0] at oops.yaml:5:7 (notify/ns1); remove one, or join them", loaded.Errors.Lines);
    }

    [Fact]
    public void It_covers_the_server_as_a_messenger()
    {
        var config = Load(Sample()).Config!;
        var channel = Assert.Single(config.Sources.Notify[0].Create(config).Covers);
        Assert.True(channel is { Name: "notify/ns1", Server: "ns1", Standing: Standing.Messenger });
        Assert.Equal([Measure.Serial, Measure.RefreshFailures, Measure.CdsNotified, Measure.CsyncNotified], channel.Measures);
        Assert.Equal(Timeout.InfiniteTimeSpan, channel.Validity);
    }

    [Theory]
    [InlineData("server: ns2, listen: [127.0.0.1]", "there is no server 'ns2'")]
    [InlineData("server: ns1", "listen")]
    [InlineData("server: ns1, listen: []", "listen")]
    [InlineData("server: ns1, listen: [127.0.0.1, 127.0.0.1@53]", "listed twice")]
    [InlineData("server: ns1, listen: [0.0.0.0]", "may leave from another address")]
    [InlineData("server: ns1, listen: [127.0.0.1], allow: [ { } ]", "needs a prefix (from) or a key")]
    [InlineData("server: ns1, listen: [127.0.0.1], allow: [ { key: k } ]", "needs a key file")]
    [InlineData("server: ns1, listen: [127.0.0.1], query-key: k", "needs a key file")]
    [InlineData("server: ns1, listen: [127.0.0.1], refresh: { least: 2h, most: 1h }", "least (2h) is more than most (1h)")]
    [InlineData("server: ns1, listen: [127.0.0.1], retry: { least: 2h }", "least (2h) is more than most (1h8m16s, the default)")]
    [InlineData("server: ns1, listen: [127.0.0.1], tries: 0", "tries")]
    [InlineData("server: box, listen: [127.0.0.1], primary: 192.0.2.9", "who may notify?")]
    [InlineData("server: box, listen: [127.0.0.1], allow: [ { from: [192.0.2.0/24] } ], zones: [example.net]", "where are the zones asked for?")]
    public void A_mistake_is_told(string entry, string says) =>
        Assert.Contains(says, Assert.Single(Load($"sources: {{ notify: [ {{ {entry} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    [Theory]
    [InlineData("server: box, listen: [127.0.0.1], allow: [ { from: [192.0.2.0/24] } ], zones: ['*']")]
    [InlineData("server: box, listen: [127.0.0.1], allow: [ { from: [192.0.2.0/24] } ], primary: 192.0.2.9, zones: [example.net]")]
    [InlineData("server: ns1, listen: [127.0.0.1@5353], refresh: { least: 1m }, retry: { most: 2h }")]
    [InlineData("server: ns1, listen: [127.0.0.1@5353, '::1@5353'], zones: ['.', example.net, '*.example']")]
    public void What_is_enough_is_enough(string entry)
    {
        var loaded = Load($"sources: {{ notify: [ {{ {entry} }} ] }}");
        Assert.Empty(loaded.Errors.Lines);
        loaded.Config!.Sources.Notify[0].Create(loaded.Config);
    }
}
