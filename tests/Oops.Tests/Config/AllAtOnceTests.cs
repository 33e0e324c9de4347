using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Config;

/// <summary>One reading of a config shows every mistake in it, of whatever sort, and none that is only the consequence of another.</summary>
public sealed class AllAtOnceTests
{
    const string Good = """
        mode: observe
        servers:
          ns1: { kind: knot, zones: {list: [nl]}, primaries: [198.51.100.1] }
          ns2: { kind: knot, zones: {list: [nl]}, primaries: [198.51.100.1] }
        actions:
          bird: [{name: edge}]
          exec: [{name: tell}]
        conditions:
          expired: { kind: zone-expiring, before: 0s }
          trouble: { any: [server-down, server-shutting-down] }
        sources:
          knot: [{server: ns1}, {server: ns2}]
          probe: [{server: ns1, to: [192.0.2.53]}, {server: ns2, to: [192.0.2.54]}]
        routes:
          one: { prefixes: [192.0.2.0/25], via: edge, servers: [ns1], announce-when: [all-zones-ready], withdraw-when: [trouble], degrade-when: [{is: expired, share: 10%}] }
          two: { prefixes: [192.0.2.128/25], via: edge, need: 1, announce-when: [all-zones-ready] }
        rules:
          - { on: server-down, do: [{run: tell}] }
          - { on: expired, do: [{run: tell}] }
        """;

    // What stands in every config below, to see that the rest is judged: it can only be found once everything is bound.
    const string Also = "routes.one.withdraw-when[0]: 'server-running' is good when met, so 'server-running' cannot stand in withdraw-when; write 'not server-running'";

    /// <summary>A change of the good config, and all that may be said of it.</summary>
    public static TheoryData<string, string, string[]> Changes => new()
    {
        { "mode: observe", "mode: obsrve", ["mode: 'obsrve' is not one of observe, act (did you mean 'observe'?)"] },
        { "mode: observe", "", ["the key 'mode' is missing: "] },
        { "limits: {}", "limits: {kept-alarm: 5}", ["limits.kept-alarm: 5 has no unit; write 5s for seconds"] },
        { "limits: {}", "limts: {}", ["unknown key 'limts' (did you mean 'limits'?)"] },
        // A server: not the sources, routes and rules that name it.
        { "  ns1: { kind: knot,", "  ns1: { kind: knott,", ["servers.ns1.kind: 'knott' is not one of knot, nsd, bind, unbound, powerdns, recursor, dnsdist, kresd, other (did you mean 'knot'?)"] },
        { "  ns1: { kind: knot,", "  ns1: { knd: knot,", ["servers.ns1: the key 'kind' is missing: Which software it is; powerdns is the authoritative server, recursor the PowerDNS Recursor, kresd Knot Resolver. other: only what every DNS server has (process, probes).", "servers.ns1: unknown key 'knd' (did you mean 'kind'?)"] },
        { "  ns1: { kind: knot,", "  NS1: { kind: knot, adress: 1,", ["servers: 'NS1' is not a name; use a-z, 0-9 and '-', not '-' first, at most 63", "servers.'NS1': unknown key 'adress' (did you mean 'address'?)"] },
        { "servers:\n", "severs:\n", ["the key 'servers' is missing: ", "unknown key 'severs' (did you mean 'servers'?)"] },
        // An action: not the routes and rules that name it.
        { "bird: [{name: edge}]", "bird: [{nam: edge}]", ["actions.bird[0]: the key 'name' is missing: ", "actions.bird[0]: unknown key 'nam' (did you mean 'name'?)"] },
        { "bird: [{name: edge}]", "bird: [{name: edge, nam: 1}]", ["actions.bird[0]: unknown key 'nam' (did you mean 'name'?)"] },
        { "bird: [{name: edge}]", "brid: [{name: edge}]", ["actions: unknown key 'brid' (did you mean 'bird'?)"] },
        { "exec: [{name: tell}]", "exec: {name: tell}", ["actions.exec: must be a list; found a map; begin each item with '- '"] },
        { "actions:", "things:", ["unknown key 'things'; the keys here are: mode, site, servers, conditions, sources, actions, routes, rules, limits"] },
        // A condition: not the compositions, entries and rules that name it.
        { "  expired: { kind: zone-expiring, before: 0s }", "  expired: { kind: zone-expiring, before: 0 s }", ["conditions.expired.before: '0 s' is not a duration such as 250ms, 30s, 5m, 1h30m or 1d"] },
        { "  expired: { kind: zone-expiring, before: 0s }", "  expired: { kind: zone-expiring, before: 0s }\n  server-down: { kind: 1 }", ["conditions.server-down.kind: '1' is not one of "] },
        { "conditions:", "condition:", ["unknown key 'condition' (did you mean 'conditions'?)"] },
        // A source: nothing is concluded of the server that it speaks of, or of all if it does not say of which.
        { "knot: [{server: ns1},", "knot: [{server: ns1, bus: 1},", ["sources.knot[0]: unknown key 'bus'; the keys here are: server"] },
        { "knot: [{server: ns1},", "knot: [{sever: ns1},", ["sources.knot[0]: the key 'server' is missing: ", "sources.knot[0]: unknown key 'sever' (did you mean 'server'?)"] },
        { "knot: [{server: ns1},", "knot: [{server: ns3},", ["sources.knot[0].server: there is no server 'ns3' (did you mean 'ns1'?)"] },
        { "sources:", "surces:", ["unknown key 'surces' (did you mean 'sources'?)"] },
        // A route or a rule: the others.
        { "need: 1,", "need: one,", ["routes.two.need: 'one' is not a whole number"] },
        { "need: 1,", "need: 1, servers: [ns2, ns3],", ["routes.two.servers[1]: there is no server 'ns3' (did you mean 'ns1'?)"] },
        { "  - { on: server-down, do", "  - { on: server-down, fo", ["rules[0]: the key 'do' is missing: What is run. Entries start in parallel; sequences are made by conditions.", "rules[0]: unknown key 'fo' (did you mean 'do'?)"] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_mistake_hides_no_other_and_makes_no_other(string what, string instead, string[] expected)
    {
        var text = (Good + "\nlimits: {}").Replace("withdraw-when: [trouble]", "withdraw-when: [server-running, trouble]", StringComparison.Ordinal);
        Assert.Contains(what, text, StringComparison.Ordinal);

        Assert.Equal([.. expected.Append(Also).Order(StringComparer.Ordinal)], Check(text.Replace(what, instead, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_base_of_the_changes_is_good() => Assert.Empty(Check(Good));

    [Fact]
    public void What_a_good_source_does_not_cover_is_said_beside_a_bad_one()
    {
        var text = Good.Replace("knot: [{server: ns1},", "knot: [{server: ns1, bus: 1},", StringComparison.Ordinal).Replace("{ on: expired,", "{ on: keys-changed, servers: [ns1, ns2],", StringComparison.Ordinal);

        Assert.Equal(
            ["sources.knot[0]: unknown key 'bus'; the keys here are: server", "rules[1].on: no source covers keys-changed for server ns2; add one under sources: knot or keys, or remove the server here"],
            Check(text));
    }

    [Fact]
    public void A_sound_section_of_a_config_with_a_mistake_is_checked_across_its_keys()
    {
        var text = Good.Replace("mode: observe", "mode: x", StringComparison.Ordinal).Replace("before: 0s", "tries: 1", StringComparison.Ordinal);

        Assert.Equal(
            ["mode: 'x' is not one of observe, act", "conditions.expired: zone-expiring needs 'before'; add it", "conditions.expired.tries: zone-expiring has no parameter 'tries'; remove it"],
            Check(text));
    }

    /// <summary>"text" is what stands for a text in a placeholder.</summary>
    [Fact]
    public void What_stands_for_a_route_with_a_mistake_names_no_action()
    {
        var text = Good.Replace("tell", "text", StringComparison.Ordinal).Replace("need: 1,", "need: one,", StringComparison.Ordinal);

        Assert.Equal(["routes.two.need: 'one' is not a whole number"], Check(text));
    }

    [Fact]
    public void A_server_with_a_mistake_does_not_make_a_notify_source_ask_for_its_address()
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("c.yaml", "mode: observe\nservers: {ns1: {kind: knot, adress: 192.0.2.1}}\nsources: {notify: [{server: ns1, listen: [127.0.0.1@5300]}]}"));

        Assert.Equal(["c.yaml:2:29: servers.ns1: unknown key 'adress' (did you mean 'address'?)"], loaded.Errors.Lines);
    }

    static string[] Check(string text)
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("c.yaml", text));
        var config = loaded.Draft!.ToConfig();
        var policy = PolicyCompiler.Compile(config, Wiring.Of(loaded.Draft, TestJson.Default.TestConfig, config, loaded), loaded.Errors, loaded.Hash);
        Assert.Equal(loaded.Errors.Ok, policy is not null);
        // Without places, and without the long end of "is not one of".
        return [.. loaded.Errors.All.Where(e => e.Severity == Severity.Error).Select(e => Cut(e.Path.Length == 0 ? e.Text : $"{e.Path}: {e.Text}"))];
    }

    static string Cut(string line) => line.StartsWith("conditions.server-down.kind", StringComparison.Ordinal) ? line[..(line.IndexOf("one of ", StringComparison.Ordinal) + 7)] : line;
}
