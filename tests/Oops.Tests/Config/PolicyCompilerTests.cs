using System.Collections.Immutable;
using System.Net;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Config;

public sealed class PolicyCompilerTests
{
    /// <summary>A change of the good config (a line replaced by others), and what `oops check` must print for it.</summary>
    public static TheoryData<string, string, string[]> Refusals => new()
    {
        // Conditions.
        { "  base: ok", "  expired: { kind: zone-expiring }", ["9:3: conditions.expired: zone-expiring needs 'before'; add it"] },
        { "  base: ok", "  expired: { kind: zone-expiring, before: 0s, tries: 2 }", ["9:54: conditions.expired.tries: zone-expiring has no parameter 'tries'; remove it"] },
        { "  base: ok", "  zone-ready: { kind: zone-expiring, before: 0s }", ["9:3: conditions.zone-ready: 'zone-ready' is a kind of its own and cannot name a condition of kind zone-expiring; rename it"] },
        { "  base: ok", "  a: { all: [b] }\n  b: { any: [a] }", ["10:3: conditions.b: is composed of itself: a -> b -> a; break the circle"] },
        { "  base: ok", "  a: { all: [server-running, zone-ready] }", ["9:30: conditions.a.all[1]: 'zone-ready' is a condition of each zone, not of the server; compose with all-zones-ready, or use it in a route's entry with zones or share"] },
        { "  base: ok", "  a: { all: [server-running, server-down] }", ["9:30: conditions.a.all[1]: 'server-down' is bad when met and 'server-running' is good; compose one sort at a time"] },
        { "  base: ok", "  a: { any: [zone-updated] }", ["9:14: conditions.a.any[0]: 'zone-updated' is a level: it has values, not states; remove it"] },
        { "  base: ok", "  a: { of: [server-down, server-down] , at-least: 1 }", ["9:26: conditions.a.of[1]: 'server-down' is listed twice; remove one"] },
        { "  base: ok", "  a: { of: [server-down, server-crashed] , at-least: 3 }", ["9:54: conditions.a.at-least: 3 must be a number from 1 to 2, the length of 'of'"] },
        { "  base: ok", "  a: { of: [server-down] }", ["9:3: conditions.a: a composition by 'of' needs 'at-least'; add it"] },
        { "  base: ok", "  a: { kind: zone-ready, all: [server-down] }", ["9:3: conditions.a: has kind and all; only one of them can be written"] },
        { "  base: ok", "  a: { at-least: 1 }", ["9:3: conditions.a: needs one of the keys kind, all, any, of"] },
        // Entries.
        { "    withdraw-when: ok", "    withdraw-when: [server-running]", ["19:21: routes.anycast.withdraw-when[0]: 'server-running' is good when met, so 'server-running' cannot stand in withdraw-when; write 'not server-running'"] },
        { "    withdraw-when: ok", "    degrade-when: [server-running]", ["19:20: routes.anycast.degrade-when[0]: 'server-running' is good when met, so 'server-running' cannot stand in degrade-when; write 'not server-running'"] },
        { "    withdraw-when: ok", "    withdraw-when: [not server-down]", ["19:21: routes.anycast.withdraw-when[0]: 'server-down' is bad when met, so 'not server-down' cannot stand in withdraw-when; write 'server-down'"] },
        { "    announce-when: ok", "    announce-when: [server-down, all-zones-ready]", ["18:21: routes.anycast.announce-when[0]: 'server-down' is bad when met, so 'server-down' cannot stand in announce-when; write 'not server-down'"] },
        { "    announce-when: ok", "    announce-when: [zone-updated, all-zones-ready]", ["18:21: routes.anycast.announce-when[0]: 'zone-updated' is a level: it has values, not states; use it in a rule"] },
        { "    withdraw-when: ok", "    withdraw-when: [busy]", ["19:21: routes.anycast.withdraw-when[0]: 'busy' is about load, which may only degrade (RFC 9199): withdrawing moves the load to the next site; move it to degrade-when"] },
        { "    withdraw-when: ok", "    withdraw-when: [not zone-ready]", ["19:21: routes.anycast.withdraw-when[0]: 'zone-ready' is about data: one bad zone would withdraw the service; say which zones, or which share: {is: not zone-ready, share: 50%}"] },
        { "    withdraw-when: ok", "    withdraw-when: [not all-zones-ready]", ["19:21: routes.anycast.withdraw-when[0]: 'all-zones-ready' is about data: one bad zone would withdraw the service; write {is: not zone-ready, share: 50%}, or a condition of kind all-zones-ready with at-least"] },
        { "    withdraw-when: ok", "    withdraw-when: [{is: server-down, share: 50%}]", ["19:21: routes.anycast.withdraw-when[0]: 'server-down' is a condition of the server; remove share"] },
        { "    withdraw-when: ok", "    withdraw-when: [{is: not zone-ready, share: 0%}]", ["19:49: routes.anycast.withdraw-when[0].share: must be above 0%"] },
        { "    withdraw-when: ok", "    withdraw-when: [{is: server-down, relative: false}]", ["19:49: routes.anycast.withdraw-when[0].relative: 'server-down' is not about data and has no reference; remove it"] },
        { "    withdraw-when: ok", "    withdraw-when: [guess]", ["19:21: routes.anycast.withdraw-when[0]: claims on 'guess' are suspicions, which never withdraw; write 'proof: true' at conditions.guess if they are facts"] },
        { "    withdraw-when: ok", "    withdraw-when: [server-donw]", ["19:21: routes.anycast.withdraw-when[0].is: there is no condition 'server-donw' (did you mean 'server-down'?)"] },
        { "    withdraw-when: ok", "    withdraw-when: [{is: lapsing, share: 10%}]", ["19:21: routes.anycast.withdraw-when[0]: no source covers signatures-expiring for server ns1; add one under sources: knot or probe with signatures: true or verify"] },
        { "    degrade-when", "    withdraw-when: [{is: delegation-mismatch, share: 10%}]\n    degrade-when", ["19:21: routes.anycast.withdraw-when[0]: no source covers delegation-mismatch for server ns1; add one under sources: keys with parent"] },
        { "    withdraw-when: ok", "    withdraw-when: [quite-something-else]", ["19:21: routes.anycast.withdraw-when[0].is: there is no condition 'quite-something-else'; define it under conditions:, or use one of: busy, lapsing, guess, server-running, server-shutting-down, server-down, server-crashed, zone-ready, ..."] },
        // Routes.
        { "    via: edge", "    via: egde", ["17:10: routes.anycast.via: there is no action 'egde' (did you mean 'edge'?)"] },
        { "    via: edge", "    via: tell", ["17:10: routes.anycast.via: the action 'tell' carries no routes; use edge"] },
        { "    via: edge", "    via: edge\n    need: 2", ["18:11: routes.anycast.need: 2 is more than the route's 1 server"] },
        { "    via: edge", "    via: edge\n    last-resort: true\n    on-exit: withdraw", ["19:14: routes.anycast.on-exit: a last resort cannot withdraw when oops stops; write hold"] },
        { "    via: edge", "    via: edge\n    budget: {off: true, per: 1h}", ["18:5: routes.anycast.budget: is off and has limits; write one of them"] },
        { "    prefixes: [192.0.2.0/24]", "    prefixes: [192.0.2.0/24, 192.0.2.0/24]", ["16:30: routes.anycast.prefixes[1]: 192.0.2.0/24 is listed twice; remove one"] },
        { "    prefixes: [192.0.2.0/24]", "    prefixes: [0.0.0.0/0, 192.0.2.0/24]", ["16:16: routes.anycast.prefixes[0]: 0.0.0.0/0 is the default route; write the service's own prefix"] },
        { "  other: none", "  other: { prefixes: [192.0.2.0/24], via: edge, announce-when: [all-zones-ready] }", ["20:23: routes.other.prefixes[0]: 192.0.2.0/24 belongs to another route already, at c.yaml:16:16; two routes cannot decide about one prefix"] },
        // Servers.
        { "  ns1: ok", "  ns1: { kind: knot, zones: {list: [nl]}, primaries: [192.0.2.9] }", ["3:55: servers.ns1.primaries[0]: 192.0.2.9 is inside 192.0.2.0/24 of route 'anycast', so the server would be compared with itself or with whoever is nearest; write a unicast address"] },
        { "  ns1: ok", "  ns1: { kind: knot, zones: {list: [nl], file: /x} , primaries: [198.51.100.1] }", ["3:22: servers.ns1.zones: has list and file; only one of them can be written"] },
        { "  ns1: ok", "  ns1: { kind: knot, zones: {list: [nl, NL.]}, primaries: [198.51.100.1] }", ["3:41: servers.ns1.zones.list[1]: the zone nl is listed twice; the first is at c.yaml:3:37; remove one"] },
        { "  ns1: ok", "  ns1: { kind: knot, zones: {catalog: {zone: c, from: 198.51.100.1}}, primaries: [198.51.100.1] }", ["3:30: servers.ns1.zones.catalog: nobody fetches the catalog zone; add under sources: catalog: [ { server: ns1 } ]"] },
        { "  ns1: ok", "  ns1: { kind: knot, primaries: [198.51.100.1] }", ["18:21: routes.anycast.announce-when[0]: 'all-zones-ready' is judged over the expected zones; write zones at servers.ns1", "19:20: routes.anycast.degrade-when[0]: 'zone-ready' is judged over the expected zones and server ns1 has none; write zones here or at servers.ns1"] },
        { "  ns1: ok", "  ns1: { kind: knot, zones: {list: [nl]}, address: 127.0.0.1, primaries: [127.0.0.1@53] }", ["3:75: servers.ns1.primaries[0]: 127.0.0.1@53 is the server's own address; a server cannot be its own reference"] },
        { "  ns1: ok", "  ns1: { kind: knot, zones: {list: [nl]} }", ["19:20: routes.anycast.degrade-when[0]: there is nothing to compare server ns1 with, so 'not zone-ready' would never count; give the server primaries or peers that a source asks, or write relative: false"] },
        { "  ns1: ok", "  NS1: { kind: knot }", ["3:3: servers: 'NS1' is not a name; use a-z, 0-9 and '-', not '-' first, at most 63"] },
        // Sources.
        { "  knot: [{server: ns1}]", "  knot: [{server: ns1}, {server: ns1}]", ["12:25: sources.knot[1]: asks the same as sources.knot[0] at c.yaml:12:10 (knot/ns1/control); remove one, or join them"] },
        // Rules.
        { "rules: []", "rules: [{on: zone-updated, states: [met], do: [{run: tell}]}]", ["21:28: rules[0].states: 'zone-updated' is a level: it has values, not states, and fires on each new one; remove states"] },
        { "rules: []", "rules: [{on: server-down, zones: [nl], do: [{run: tell}]}]", ["21:27: rules[0].zones: 'server-down' is a condition of the server; remove zones"] },
        { "rules: []", "rules: [{on: server-down, do: [{run: edge}]}]", ["21:38: rules[0].do[0].run: the action 'edge' carries routes and cannot be run by a rule; use tell"] },
        { "rules: []", "rules: [{on: keys-changed, do: [{run: tell}]}]", ["21:14: rules[0].on: no source covers keys-changed for any server; add one under sources: knot or keys"] },
        { "rules: []", "rules: [{on: keys-changed, servers: [ns1], do: [{run: tell}]}]", ["21:14: rules[0].on: no source covers keys-changed for server ns1; add one under sources: knot or keys, or remove the server here"] },
        { "rules: []", "rules: [{on: server-down, do: []}]", ["21:31: rules[0].do: is an empty list; give it at least one item"] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_can_never_work_is_refused_at_its_place(string line, string instead, string[] expected) =>
        Assert.Equal(expected.Select(e => "c.yaml:" + e), Check(Good(line, instead)).Lines);

    [Fact]
    public void The_base_of_the_refusals_is_good() => Assert.Empty(Check(Good("", "")).Lines);

    [Fact]
    public void Rules_over_several_keys_and_semantic_refusals_are_reported_together()
    {
        var text = Good("  base: ok", "  expired: { kind: zone-expiring }\n  x: { all: [server-running, server-down] }");

        Assert.Equal(2, Check(text.Replace("via: edge", "via: tell", StringComparison.Ordinal)).All.Count(e => e.Path.StartsWith("conditions", StringComparison.Ordinal)));
        Assert.Equal(3, Check(text.Replace("via: edge", "via: tell", StringComparison.Ordinal)).Count);
    }

    [Fact]
    public void What_is_doubtful_is_a_warning_and_does_not_stop_the_config()
    {
        var (policy, errors) = Compile("""
            mode: observe
            servers: { a: { kind: other }, b: { kind: other } }
            sources: { probe: [{server: a, to: [198.51.100.9]}] }
            actions: { bird: [{name: edge}] }
            routes:
              x:
                prefixes: [192.0.2.0/24, "2001:db8::/48"]
                via: edge
                servers: [a]
                announce-when: [server-running]
            """);

        Assert.NotNull(policy);
        Assert.Equal(
            [
                "c.yaml:2:32: warning: servers.b: no source speaks of this server, so nothing will be known of it; add one under sources",
                "c.yaml:6:3: warning: routes.x: has no entry about data: a server that answers SERVFAIL for everything is running; add all-zones-ready to announce-when, or {is: not zone-ready, share: 50%} to withdraw-when",
                "c.yaml:6:3: warning: routes.x.withdraw-when[1]: no source covers server-shutting-down for server a: nobody will say when it is asked to stop, so the route is withdrawn only once it is down",
                "c.yaml:7:5: warning: routes.x.prefixes: no source probes an address inside 192.0.2.0/24: nobody sees whether IPv4 answers there; add one to a probe source",
                "c.yaml:7:5: warning: routes.x.prefixes: no source probes an address inside 2001:db8::/48: nobody sees whether IPv6 answers there; add one to a probe source",
            ],
            errors.Lines);
    }

    [Fact]
    public void A_server_that_nobody_asks_is_refused_and_its_missing_witness_said()
    {
        var (policy, errors) = Compile("""
            mode: observe
            servers: { a: { kind: other } }
            actions: { bird: [{name: edge}] }
            routes: { x: { prefixes: [192.0.2.0/24], via: edge, announce-when: [server-running], withdraw-when: [] } }
            """);

        Assert.Null(policy);
        Assert.Contains("c.yaml:4:69: routes.x.announce-when[0]: no source covers server-running for server a; add one under sources: process or probe", errors.Lines);
        Assert.Contains(errors.All, e => e is { Severity: Severity.Warning, Path: "routes.x" } && e.Text.StartsWith("no source witnesses server a", StringComparison.Ordinal));
    }

    [Fact]
    public void More_than_one_server_needs_need()
    {
        var (_, errors) = Compile(SampleConfig.Text.Replace("    need: 1\n", "", StringComparison.Ordinal));

        Assert.Contains("c.yaml:26:3: routes.anycast: has 2 servers and no 'need'; write how many of them are enough (need: 1), or name its servers", errors.Lines);
    }

    [Fact]
    public void The_sample_becomes_the_policy_that_it_says()
    {
        var (policy, errors) = Compile(SampleConfig.Text);

        Assert.Empty(errors.Lines);
        Assert.Equal((Mode.Observe, "ams1", 16), (policy!.Mode, policy.Site, policy.Hash.Length));
        Assert.Equal(["example", "nl", "no"], policy.Servers[0].Zones!.Value.Order());
        Assert.Equal((null, 100), ((ImmutableArray<string>?)policy.Servers[1].Zones, policy.Servers[1].AtLeast));
        Assert.Equal(new KindSpec("stuck", Kind.ZoneNotRefreshed) { Number = 3 }, policy.Conditions[1]);
        Assert.Equal(new KindSpec("most-ready", Kind.AllZonesReady) { Share = 0.98 }, policy.Conditions[2]);
        Assert.Equal(new KindSpec("link-ok", Kind.External) { Polarity = Polarity.Good, Class = ConditionClass.Local }, policy.Conditions[5]);
        Assert.Equal((1, 2), (((ComposedSpec)policy.Conditions[3]).Least, ((ComposedSpec)policy.Conditions[3]).Members.Length));
        Assert.Equal(8, policy.Channels.Length);

        var route = Assert.Single(policy.Routes);
        Assert.Equal([IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8:53::/48")], route.Prefixes);
        Assert.Equal(("edge", 1, TimeSpan.FromSeconds(3), TimeSpan.Zero, Mode.Act), (route.Via, route.Need, route.Rise, route.Fall, route.Mode));
        Assert.Equal(["ns1", "ns2"], route.Servers);
        Assert.Equal(["server-running", "most-ready", "link-ok"], route.AnnounceWhen.Select(e => e.Condition));
        Assert.Equal(new EntrySpec("zone-ready", true) { Share = 0.5, For = TimeSpan.FromSeconds(60) }, route.WithdrawWhen[1]);
        Assert.Equal(new EntrySpec("expired") { Zones = new ZoneSelector(["*.example", "no"]), Relative = false }, route.WithdrawWhen[2]);
        Assert.Equal(new Degradation(2), route.Degrade);
        Assert.Equal((3, TimeSpan.FromHours(1), 1), (route.Budget!.Announcements, route.Budget.Per, route.Budget.Retries.Length));
        Assert.Equal(TimeSpan.FromSeconds(20), route.Graceful);

        Assert.Equal(["*.example"], policy.Rules[0].Zones.Patterns);
        Assert.Equal([State.Met, State.NotMet, State.Unknown], policy.Rules[1].States);
        Assert.Equal([new RunSpec("tell-ops", Each.Every)], policy.Rules[1].Do);
        Assert.Equal((TimeSpan.FromMinutes(10), 0.05), (policy.Limits.KeptAlarm, policy.Limits.ShrinkHeld));
    }

    [Fact]
    public void Zones_of_a_file_are_read_and_its_mistakes_are_at_its_lines()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "# zones\nnl\n  Example.NET.  # ours\n\nnl\n.\n");
            var (policy, errors) = Compile(WithZoneFile(file));
            Assert.True(errors.Ok, string.Join("\n", errors.Lines));
            Assert.Equal([".", "example.net", "nl"], policy!.Servers[0].Zones!.Value.Order(StringComparer.Ordinal));

            File.WriteAllText(file, "nl\na..b\n*.nl\n");
            Assert.Equal(
                [$"{file}:2:1: servers.a.zones.file: 'a..b' is not a zone name such as example.net or '.'; labels have 1 to 63 characters, the whole at most 255, and what is not printable is escaped as \\DDD", $"{file}:3:1: servers.a.zones.file: '*.nl' is a pattern; write each zone's name here"],
                Compile(WithZoneFile(file)).Errors.Lines);

            File.WriteAllText(file, "# nothing\n");
            Assert.Equal([$"{file}:1:1: servers.a.zones.file: the file names no zone; write one name per line"], Compile(WithZoneFile(file)).Errors.Lines);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal([$"{file}:1:1: servers.a.zones.file: the file cannot be read (no such file); check its path and permissions"], Compile(WithZoneFile(file)).Errors.Lines);
    }

    [Fact]
    public void The_compiled_policy_starts_a_machine()
    {
        var machine = new Machine(Compile(SampleConfig.Text).Policy!);

        var moment = new Moment(At.Zero, DateTimeOffset.UnixEpoch);

        machine.Step(moment, Tick.Instance, []);

        Assert.Equal("anycast", Assert.Single(machine.Status(moment).Routes).Name);
    }

    [Fact]
    public void What_an_adapter_computes_is_no_key()
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("c.yaml", SampleConfig.Text), new ConfigText("d.yaml", "actions: {bird: [{name: x, carries-routes: false}]}"));

        Assert.Contains("d.yaml:1:28: actions.bird[1]: unknown key 'carries-routes'; the keys here are: name", loaded.Errors.Lines);
    }

    static string WithZoneFile(string file) => $"mode: observe\nservers: {{ a: {{ kind: knot, zones: {{ file: {file} }} }} }}\nsources: {{ knot: [{{ server: a }}] }}\n";

    static string Good(string line, string instead)
    {
        const string Text = """
            mode: observe
            servers:
              ns1: ok
            actions:
              bird: [{name: edge}]
              exec: [{name: tell}]
            conditions:
              busy: {kind: query-rate-high, threshold: 1000}
              base: ok
              guess: {kind: external, polarity: bad}
            sources:
              knot: [{server: ns1}]
              probe: [{server: ns1, to: [192.0.2.53]}]
            routes:
              anycast:
                prefixes: [192.0.2.0/24]
                via: edge
                announce-when: ok
                withdraw-when: ok
              other: none
            rules: []
            """;
        var text = Text;
        foreach (var (mark, normal) in new[]
        {
            ("  ns1: ok", "  ns1: { kind: knot, zones: {list: [nl]}, primaries: [198.51.100.1] }"),
            ("  base: ok", "  lapsing: { kind: signatures-expiring, before: 1d }"),
            ("    announce-when: ok", "    announce-when: [all-zones-ready]"),
            ("    withdraw-when: ok", "    degrade-when: [not zone-ready]"),
            ("  other: none", "  # no other"),
        })
        {
            text = text.Replace(mark, mark == line ? instead : normal, StringComparison.Ordinal);
        }

        return line.Length == 0 || text.Contains(instead, StringComparison.Ordinal) ? text : text.Replace(line, instead, StringComparison.Ordinal);
    }

    static ConfigErrors Check(string text) => Compile(text).Errors;

    static (Policy? Policy, ConfigErrors Errors) Compile(string text)
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("c.yaml", text));
        if (loaded.Draft is not { } draft)
            return (null, loaded.Errors);
        var config = draft.ToConfig();
        return (PolicyCompiler.Compile(config, Wiring.Of(draft, TestJson.Default.TestConfig, config, loaded), loaded.Errors, loaded.Hash), loaded.Errors);
    }
}
