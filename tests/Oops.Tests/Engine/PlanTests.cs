using Oops.Engine;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class PlanTests : IDisposable
{
    const string Config = """
        mode: act
        servers:
          ns1: { kind: knot, address: 127.0.0.1@53, pidfile: /run/knot/knot.pid, zones: { list: [nl] } }
          ns2: { kind: nsd, address: 127.0.0.2@53, pidfile: /run/nsd/nsd.pid, zones: { list: [nl] } }
        sources:
          process: [ { server: ns1 }, { server: ns2 } ]
        actions:
          bird: [ { name: edge } ]
          exec: [ { name: tell, command: [/bin/true] } ]
        routes:
          anycast4: { prefixes: [192.0.2.0/24], via: edge, need: 1, announce-when: [server-running], withdraw-when: [server-down], rise: 60s }
        rules:
          - { on: server-crashed, do: [ { run: tell } ] }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("oops-plan-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    Plan Load(string text)
    {
        var path = Path.Combine(folder, "oops.yaml");
        File.WriteAllText(path, text);
        var plan = Plan.Load(path, out var errors);
        Assert.True(plan is not null, string.Join('\n', errors.Lines));
        return plan;
    }

    [Fact]
    public void The_same_text_keeps_everything()
    {
        var (a, b) = (Load(Config), Load(Config + "\n# a remark\n"));
        Assert.NotEqual(a.Policy.Hash, b.Policy.Hash);
        Assert.Equal(a.Sources.Select(s => s.Fingerprint), b.Sources.Select(s => s.Fingerprint));
        Assert.Equal(a.Actions.Select(s => s.Fingerprint), b.Actions.Select(s => s.Fingerprint));
    }

    [Fact]
    public void A_route_that_changes_renews_its_router_only()
    {
        var (a, b) = (Load(Config), Load(Config.Replace("192.0.2.0/24", "192.0.3.0/24", StringComparison.Ordinal)));
        Assert.Equal(a.Sources.Select(s => s.Fingerprint), b.Sources.Select(s => s.Fingerprint));
        Assert.Equal(["edge"], a.Actions.Zip(b.Actions).Where(p => p.First.Fingerprint != p.Second.Fingerprint).Select(p => p.First.Config.Name));
    }

    [Fact]
    public void A_source_that_changes_is_the_only_one_renewed()
    {
        var (a, b) = (Load(Config), Load(Config.Replace("{ server: ns2 }", "{ server: ns2, recheck: 7s }", StringComparison.Ordinal)));
        Assert.Equal(["process/ns2"], a.Sources.Zip(b.Sources).Where(p => p.First.Fingerprint != p.Second.Fingerprint).Select(p => p.First.Source.Name));
    }

    [Fact]
    public void An_action_that_takes_zones_from_its_server_is_renewed_with_the_servers_address()
    {
        var text = Config.Replace("[ { name: tell, command: [/bin/true] } ]", "[ { name: tell, command: [/bin/true] } ]\n  git: [ { name: git, folder: /srv/git }, { name: fixed, folder: /srv/fixed, from: 127.0.0.9 } ]\n  update: [ { name: update, to: 127.0.0.8 } ]", StringComparison.Ordinal);
        var (a, b) = (Load(text), Load(text.Replace("127.0.0.2@53", "127.0.0.3@53", StringComparison.Ordinal)));
        Assert.Equal(["git", "update"], a.Actions.Zip(b.Actions).Where(static p => p.First.Fingerprint != p.Second.Fingerprint).Select(static p => p.First.Config.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_only_a_restart_gives_is_named() =>
        Assert.Equal(["metrics"], Load(Config).NeedsRestart(Load(Config + "\nmetrics: { listen: 127.0.0.1 }\n")));

    [Fact]
    public void Another_zone_list_in_a_file_of_its_own_is_another_config()
    {
        var file = Path.Combine(folder, "zones");
        var text = Config.Replace("zones: { list: [nl] } }\n  ns2", $"zones: {{ file: {file} }} }}\n  ns2", StringComparison.Ordinal);
        Assert.NotEqual(Config, text);
        string Hash(string zones)
        {
            File.WriteAllText(file, zones);
            return Load(text).Policy.Hash;
        }

        var first = Hash("nl\nbe\n");
        Assert.Equal(first, Hash("nl\nbe\n# a remark\n"));
        Assert.NotEqual(first, Hash("nl\nde\n"));
    }
}
