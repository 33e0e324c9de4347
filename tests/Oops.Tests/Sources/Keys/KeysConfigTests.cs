using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Keys;

public sealed class KeysConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot, address: 192.0.2.1, zones: { list: [d1.test] } }, box: { kind: other, zones: { list: [a] } } }\n";

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    static ConfigErrors Check(string text)
    {
        var loaded = Load(text);
        PolicyCompiler.Compile(loaded.Draft!, Wiring.Of(loaded, loaded.Draft!), loaded.Errors, "");
        return loaded.Errors;
    }

    const string Rules = "actions: { exec: [ { name: tell, command: [/bin/true] } ] }\nrules: [ { on: delegation-mismatch, servers: [ns1], do: [ { run: tell } ] } ]\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Keys/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal((2, TimeSpan.FromDays(15)), (all.Config!.Sources.Keys[0].Parent!.Count, all.Config.Sources.Keys[0].Refresh.Most));
    }

    [Theory]
    [InlineData("refresh: { least: 15s }, retry: { most: 2h }", 15, 15 * 86_400, 300, 7200)]
    [InlineData("refresh: { most: 2h }, retry: { least: 1m }", 3600, 7200, 60, 3600)]
    public void A_bound_that_is_not_written_is_its_default(string written, int least, int most, int retryLeast, int retryMost)
    {
        var loaded = Load($"sources: {{ keys: [ {{ server: ns1, {written} }} ] }}");
        Assert.Empty(loaded.Errors.Lines);
        var target = loaded.Config!.Sources.Keys[0].Target(loaded.Config);
        Assert.Equal((least, most, retryLeast, retryMost), ((int)target.Refresh.Least.TotalSeconds, (int)target.Refresh.Most.TotalSeconds, (int)target.Retry.Least.TotalSeconds, (int)target.Retry.Most.TotalSeconds));
    }

    [Fact]
    public void One_bound_that_does_not_go_with_the_others_default_is_refused() =>
        Assert.Contains("least (20d) is more than most (15d, the default)", Assert.Single(Load("sources: { keys: [ { server: ns1, refresh: { least: 20d } } ] }").Errors.Lines), StringComparison.Ordinal);

    [Fact]
    public void The_delegation_is_covered_where_the_parent_is_asked_and_only_there()
    {
        var lines = Check("sources: { process: [ { server: ns1 } ], keys: [ { server: ns1 } ] }\n" + Rules).Lines;
        Assert.Contains("no source covers delegation-mismatch for server ns1; add one under sources: keys with parent", Assert.Single(lines, l => l.Contains("rules[0]", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(Check("sources: { keys: [ { server: ns1, parent: [198.51.100.1] } ] }\n" + Rules).Lines, l => l.Contains("rules[0]", StringComparison.Ordinal));
    }

    [Fact]
    public void Knots_own_word_about_keys_is_not_heard_beside_it()
    {
        var config = Load("sources: { knot: [ { server: ns1 } ], keys: [ { server: ns1 } ] }").Config!;
        Assert.DoesNotContain(config.Sources.Knot[0].Create(config).Covers, c => c.Measures.Contains(Measure.Keys));
        config = Load("sources: { knot: [ { server: ns1 } ] }").Config!;
        Assert.Contains(config.Sources.Knot[0].Create(config).Covers, c => c.Measures.Contains(Measure.Keys));
    }

    [Fact]
    public void A_mismatch_counts_from_the_severity_on_that_is_written()
    {
        const string Sources = "sources: { keys: [ { server: ns1, parent: [198.51.100.1] } ] }\n";
        var loaded = Load("conditions: { broken: { kind: delegation-mismatch, severity: may-fail }, any: { kind: delegation-mismatch } }\n" + Sources);
        var policy = PolicyCompiler.Compile(loaded.Draft!, Wiring.Of(loaded, loaded.Draft!), loaded.Errors, "");
        Assert.True(loaded.Errors.Ok, string.Join('\n', loaded.Errors.Lines));
        Assert.Equal([new KindSpec("broken", Kind.DelegationMismatch) { Number = 3 }, new KindSpec("any", Kind.DelegationMismatch)], policy!.Conditions);
        Assert.Contains(Check("conditions: { broken: { kind: delegation-mismatch, severity: bad } }\n" + Sources).Lines, l => l.Contains("one of change-wanted, unsigned, may-fail, fails", StringComparison.Ordinal));
        Assert.Contains(Check("conditions: { broken: { kind: zone-invalid, severity: fails } }\n" + Sources).Lines, l => l.Contains("zone-invalid has no parameter 'severity'; remove it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server: box", "whom to ask for the keys? write to, or the address of the server box")]
    [InlineData("server: ns1, to: [192.0.2.1, 192.0.2.1@53]", "192.0.2.1@53 is listed twice; remove one")]
    [InlineData("server: ns1, ignore: [same-tag]", "without parent nothing is judged")]
    [InlineData("server: ns1, parent: [198.51.100.1], ignore: [no-such-thing]", "no-such-thing")]
    [InlineData("server: ns1, refresh: { least: 2h, most: 1h }", "least (2h) is more than most (1h)")]
    public void What_cannot_work_is_refused(string options, string why) =>
        Assert.Contains(Load($"sources: {{ keys: [ {{ {options} }} ] }}").Errors.Lines, l => l.Contains(why, StringComparison.Ordinal));
}
