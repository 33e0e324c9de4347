using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Config;

/// <summary>Conditions of the kind error-reported: what may be written, who covers them, and where they may stand.</summary>
public sealed class ErrorReportedConfigTests
{
    static (Policy? Policy, ConfigErrors Errors) Compile(string condition, string route = "degrade-when: [bogus]", string rules = "[]", string sources = "[{server: ns1}]", string more = "")
    {
        var text = $$"""
            mode: observe
            servers:
              ns1: { kind: knot, zones: {list: [nl]} }
            actions:
              bird: [{name: edge}]
              exec: [{name: tell}]
            conditions:
              bogus: { kind: error-reported{{condition}} }
              {{more}}
            sources:
              knot: [{server: ns1}]
              probe: [{server: ns1, to: [192.0.2.53]}]
              reports: {{sources}}
            routes:
              anycast:
                prefixes: [192.0.2.0/24]
                via: edge
                announce-when: [all-zones-ready]
                {{route}}
            rules: {{rules}}
            """;
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("c.yaml", text));
        if (loaded.Draft is not { } draft) return (null, loaded.Errors);
        var config = draft.ToConfig();
        return (PolicyCompiler.Compile(config, Wiring.Of(draft, TestJson.Default.TestConfig, config, loaded), loaded.Errors, loaded.Hash), loaded.Errors);
    }

    static KindSpec Good(string condition)
    {
        var (policy, errors) = Compile(condition);
        Assert.Empty(errors.Lines);
        return Assert.IsType<KindSpec>(policy!.Conditions[0]);
    }

    [Fact]
    public void What_is_written_is_what_the_machine_takes()
    {
        Assert.Equal(
            new KindSpec("bogus", Kind.ErrorReported) { Codes = new([6, 7]), Number = 25, Span = TimeSpan.FromHours(1), Networks = 5 },
            Good(", codes: [signature-expired, dnssec-bogus], reports: 25, within: 1h, networks: 5"));
    }

    [Fact]
    public void What_is_not_written_is_careful()
    {
        var spec = Good(", codes: [6]");
        Assert.Equal((10, TimeSpan.FromMinutes(30), 3), (spec.Number, spec.Span, spec.Networks));
        Assert.Equal((Polarity.Bad, ConditionClass.Load), (spec.Polarity, spec.Class));
    }

    [Theory]
    [InlineData("", "8:3: conditions.bogus: error-reported needs 'codes'; add it")]
    [InlineData(", codes: []", "8:41: conditions.bogus.codes: is an empty list; give it at least one item")]
    [InlineData(", codes: [6, dnssec-bogus]", "8:45: conditions.bogus.codes[1]: 6 (dnssec-bogus) is listed twice; remove one")]
    [InlineData(", codes: [dnsec-bogus]", "8:42: conditions.bogus.codes[0]: 'dnsec-bogus' is not an Extended DNS Error: a number from 0 to 65535, or its name, such as dnssec-bogus (did you mean 'dnssec-bogus'?)")]
    [InlineData(", codes: [6], reports: 0", "8:55: conditions.bogus.reports: 0 is too small; the least is 1")]
    [InlineData(", codes: [6], reports: 2.5", "8:55: conditions.bogus.reports: '2.5' is not a whole number")]
    [InlineData(", codes: [6], within: 59s", "8:54: conditions.bogus.within: 59s is too small; the least is 1m")]
    [InlineData(", codes: [6], within: 2d", "8:54: conditions.bogus.within: 2d is too large; the most is 1d")]
    [InlineData(", codes: [6], networks: 0", "8:56: conditions.bogus.networks: 0 is too small; the least is 1")]
    [InlineData(", codes: [6], networks: 65", "8:56: conditions.bogus.networks: 65 is too large; the most is 64")]
    [InlineData(", codes: [6], rate: 5", "8:52: conditions.bogus.rate: error-reported has no parameter 'rate'; remove it")]
    [InlineData(", codes: [6], proof: true", "8:53: conditions.bogus.proof: error-reported has no parameter 'proof'; remove it")]
    public void What_is_wrong_is_refused_at_its_place(string condition, string expected) => Assert.Equal(["c.yaml:" + expected], Compile(condition).Errors.Lines);

    [Theory]
    [InlineData("reports")]
    [InlineData("within")]
    [InlineData("networks")]
    public void No_other_kind_has_its_parameters(string parameter) =>
        Assert.Contains(
            $"conditions.other.{parameter}: extended-error has no parameter '{parameter}'; remove it",
            Assert.Single(Compile(", codes: [6]", more: $"other: {{ kind: extended-error, codes: [6], {parameter}: {(parameter == "within" ? "5m" : "5")} }}").Errors.Lines),
            StringComparison.Ordinal);

    const string Hearsay = "'bogus' is what others report, which may only degrade: whoever can send reports could else take the service away; move it to degrade-when";

    [Theory]
    [InlineData("withdraw-when: [bogus]", "19:21: routes.anycast.withdraw-when[0]: " + Hearsay)]
    [InlineData("withdraw-when: [{is: bogus, zones: [nl]}]", "19:21: routes.anycast.withdraw-when[0]: " + Hearsay)]
    [InlineData("withdraw-when: [{is: bogus, share: 50%, for: 1h}]", "19:21: routes.anycast.withdraw-when[0]: " + Hearsay)]
    [InlineData("withdraw-when: [not bogus]", "19:21: routes.anycast.withdraw-when[0]: 'bogus' is bad when met, so 'not bogus' cannot stand in withdraw-when; write 'bogus'")]
    [InlineData("degrade-when: [{is: bogus, relative: false}]", "19:42: routes.anycast.degrade-when[0].relative: 'bogus' is not about data and has no reference; remove it")]
    public void It_may_only_degrade(string route, string expected) => Assert.Equal(["c.yaml:" + expected], Compile(", codes: [6]", route).Errors.Lines);

    [Fact]
    public void It_is_no_reason_not_to_announce() =>
        Assert.Contains("routes.other.announce-when[0]: " + Hearsay, Assert.Single(Compile(", codes: [6]", "degrade-when: []\n  other:\n    prefixes: [198.51.100.0/24]\n    via: edge\n    announce-when: [not bogus]").Errors.All, e => e.Severity == Severity.Error).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("any: [bogus, server-down]")]
    [InlineData("all: [bogus]")]
    [InlineData("of: [bogus, server-down], at-least: 1")]
    public void A_composition_is_no_way_around_that(string composed) =>
        Assert.Contains(
            "'bogus' is a condition of each zone, not of the server, and may only degrade; use it in a route's degrade-when, with zones or share, or in a rule",
            Assert.Single(Compile(", codes: [6]", "withdraw-when: [site]", more: $"site: {{ {composed} }}").Errors.Lines),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("degrade-when: [bogus]")]
    [InlineData("degrade-when: [{is: bogus, zones: [nl, '*.nl']}]")]
    [InlineData("degrade-when: [{is: bogus, share: 10%, for: 5m}]")]
    public void It_degrades_by_zones_or_share(string route)
    {
        var (policy, errors) = Compile(", codes: [6]", route);
        Assert.Empty(errors.Lines);
        Assert.Equal("bogus", Assert.Single(policy!.Routes[0].DegradeWhen).Condition);
    }

    [Fact]
    public void A_rule_takes_it_with_its_zones()
    {
        var (policy, errors) = Compile(", codes: [6]", rules: "[{on: bogus, zones: ['*.nl'], states: [met, not-met], do: [{run: tell}]}]");
        Assert.Empty(errors.Lines);
        Assert.Equal(["*.nl"], policy!.Rules[0].Zones.Patterns);
    }

    [Fact]
    public void A_condition_is_covered_by_a_channel_that_counts_for_it_and_by_no_other()
    {
        var (policy, errors) = Compile(", codes: [6]", more: "lame: { kind: error-reported, codes: [20] }");
        Assert.Empty(errors.Lines);
        Assert.Equal(["reports/ns1/bogus bogus", "reports/ns1/lame lame"], policy!.Channels.Where(c => c.Condition is not null).Select(c => $"{c.Name} {c.Condition}"));
        var covering = new Oops.Config.Covering([new("sources.reports[0]", new ReportsLikeConfig { Server = "ns1" }, new SilentSource("reports/ns1", [policy.Channels.First(c => c.Condition == "lame")]))], new());
        Assert.Equal((false, true), (covering.Covers("ns1", (KindSpec)policy.Conditions[0]), covering.Covers("ns1", (KindSpec)policy.Conditions[1])));
        Assert.False(covering.Covers("ns2", (KindSpec)policy.Conditions[1]));
        // Who hears of a server from others has not looked at it.
        Assert.False(covering.HasWitness("ns1"));
    }

    [Fact]
    public void Where_nobody_hears_reports_the_entry_is_refused() =>
        Assert.StartsWith("c.yaml:19:20: routes.anycast.degrade-when[0]: no source covers error-reported for server ns1; ", Assert.Single(Compile(", codes: [6]", sources: "[]").Errors.Lines), StringComparison.Ordinal);

    [Fact]
    public void Channels_of_many_conditions_measure_each_its_own()
    {
        string Many(int count) => string.Join("\n  ", Enumerable.Range(0, count).Select(i => $"c{i}: {{ kind: error-reported, codes: [{i}] }}"));
        Assert.Empty(Compile(", codes: [6]", more: Many(20)).Errors.Lines);
        Assert.Contains("is asked in 33 ways", Assert.Single(Compile(", codes: [6]", more: Many(30)).Errors.Lines), StringComparison.Ordinal);
    }
}
