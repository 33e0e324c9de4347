using Oops.Config;
using Oops.Core;
using Oops.Sources.Dnstap;
using Xunit;

namespace Oops.Tests.Sources.Dnstap;

public sealed class DnstapConfigTests
{
    const string Head = "mode: observe\nservers:\n  ns1: { kind: nsd, address: 127.0.0.1 }\n  ns2: { kind: nsd, address: 127.0.0.2 }\nsources:\n  dnstap:\n";

    [Fact]
    public void A_path_is_enough()
    {
        var (config, _) = Load("    - { server: ns1, listen: /run/oops/ns1.dnstap }");
        var spec = Assert.Single(new DnstapSourceOf(config!).Source.Covers);
        Assert.Equal(("dnstap/ns1", "ns1", Standing.Messenger, TimeSpan.FromSeconds(30)), (spec.Name, spec.Server, spec.Standing, spec.Validity));
        Assert.Equal([Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors], spec.Measures);
    }

    [Theory]
    [InlineData("listen: 127.0.0.1", "has no port")]
    [InlineData("listen: ns1.dnstap", "is not the absolute path of a Unix socket")]
    [InlineData("listen: 192.0.2.1@6000", "can be reached from elsewhere")]
    [InlineData("listen: \"::@6000\"", "can be reached from elsewhere")]
    [InlineData("listen: /a, tls: { certificate: /c, key: /k }", "is for an address")]
    [InlineData("listen: 127.0.0.1@6000, group: root", "is for a Unix socket")]
    [InlineData("listen: 127.0.0.1@6000, mode: 0600", "is for a Unix socket")]
    [InlineData("listen: /a, mode: 0999", "is not permissions in octal")]
    [InlineData("listen: /a, mode: rw", "is not permissions in octal")]
    [InlineData("listen: /a, window: 40s", "shorter than the window")]
    [InlineData("listen: /a, connections: 1001", "1000")]
    [InlineData("listen: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "longer than the path of a socket can be")]
    public void What_cannot_work_is_said(string options, string problem)
    {
        var (_, errors) = Load($"    - {{ server: ns1, {options} }}");
        Assert.Contains(errors.Lines, l => l.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("listen: 127.0.0.1@6000")]
    [InlineData("listen: \"::1@6000\"")]
    [InlineData("listen: 192.0.2.1@6000, tls: { certificate: /c, key: /k, ca: /ca }")]
    [InlineData("listen: /run/oops/a, mode: 0666")]
    [InlineData("listen: /run/oops/a, mode: 660, group: root")]
    public void What_can_work_is_taken(string options)
    {
        var (config, errors) = Load($"    - {{ server: ns1, {options} }}");
        Assert.NotNull(config);
        Assert.True(errors.Ok, string.Join('\n', errors.Lines));
    }

    [Fact]
    public void Two_servers_cannot_connect_to_one_place()
    {
        var (config, errors) = Load("    - { server: ns1, listen: /run/oops/a }\n    - { server: ns2, listen: /run/oops/a }");
        _ = config;
        Assert.Contains(errors.Lines, l => l.Contains("is where ns1 connects already", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_conditions_have_their_codes_their_rate_and_their_clear()
    {
        var (_, policy, errors) = Conditions("""
              flooded: { kind: query-rate-high, threshold: 1000, clear: 100 }
              usual: { kind: query-rate-rising, threshold: 50 }
              bogus: { kind: extended-error, codes: [9, dnssec-bogus, 49152], rate: 2.5 }
            """);
        Assert.True(errors.Ok, string.Join('\n', errors.Lines));
        var specs = policy!.Conditions.OfType<KindSpec>().ToDictionary(c => c.Name);
        Assert.Equal((1000, 100), (specs["flooded"].Number, specs["flooded"].ClearsBelow));
        Assert.Equal((50, 40), (specs["usual"].Number, specs["usual"].ClearsBelow));
        Assert.Equal((2.5, 2), (specs["bogus"].Number, specs["bogus"].ClearsBelow));
        Assert.Equal([6, 9, 49152], specs["bogus"].Codes.Codes);
    }

    [Theory]
    [InlineData("a: { kind: extended-error }", "needs 'codes'")]
    [InlineData("a: { kind: extended-error, codes: [65536] }", "is not an Extended DNS Error")]
    [InlineData("a: { kind: extended-error, codes: [dnssec-bogous] }", "did you mean 'dnssec-bogus'")]
    [InlineData("a: { kind: extended-error, codes: [6, dnssec-bogus] }", "6 (dnssec-bogus) is listed twice")]
    [InlineData("a: { kind: extended-error, codes: [6], threshold: 1 }", "has no parameter 'threshold'")]
    [InlineData("a: { kind: query-rate-high, threshold: 10, rate: 1 }", "has no parameter 'rate'")]
    [InlineData("a: { kind: query-rate-high, threshold: 10, clear: 11 }", "it would end before it begins")]
    [InlineData("a: { kind: extended-error, codes: [6], clear: 2 }", "it would end before it begins")]
    [InlineData("a: { kind: zone-expiring, before: 1h, clear: 1 }", "has no parameter 'clear'")]
    public void A_load_condition_that_cannot_be_is_refused(string condition, string problem)
    {
        var (_, _, errors) = Conditions("  " + condition);
        Assert.Contains(errors.Lines, l => l.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("withdraw-when", "may only degrade")]
    [InlineData("degrade-when", null)]
    public void Extended_errors_may_degrade_and_never_withdraw(string list, string? problem)
    {
        var (_, _, errors) = Conditions($$"""
              bogus: { kind: extended-error, codes: [6] }
            actions: { bird: [ { name: edge, asn: 64500 } ] }
            routes:
              r: { prefixes: [192.0.2.0/24], via: edge, servers: [ns1], announce-when: [not flooded], {{list}}: [bogus] }
            """.Replace("announce-when: [not flooded], ", "announce-when: [server-running], ", StringComparison.Ordinal));
        Assert.Equal(problem is not null, errors.Lines.Any(l => problem is not null && l.Contains(problem, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_names_of_the_registry_are_those_of_RFC_8914()
    {
        Assert.Equal((0, 6, 20, 24), (ErrorCodes.Find("other"), ErrorCodes.Find("dnssec-bogus"), ErrorCodes.Find("not-authoritative"), ErrorCodes.Find("invalid-data")));
        Assert.Equal(31, ErrorCodes.Names.Count);
        Assert.Null(ErrorCodes.Find("bogus"));
    }

    sealed record DnstapSourceOf(OopsConfig Config)
    {
        public Oops.Engine.ISource Source => Config.Sources.Dnstap[0].Create(Config);
    }

    static (OopsConfig? Config, ConfigErrors Errors) Load(string sources)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, [new ConfigText("oops.yaml", Head + sources + "\n")]);
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return (loaded.Config, loaded.Errors);
    }

    static (OopsConfig? Config, Policy? Policy, ConfigErrors Errors) Conditions(string conditions)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, [new ConfigText("oops.yaml", Head + "    - { server: ns1, listen: /run/oops/a }\n  process: [ { server: ns1 } ]\nconditions:\n" + conditions + "\n")]);
        return loaded.Config is { } config ? (config, PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash), loaded.Errors) : (null, null, loaded.Errors);
    }
}
