using System.Collections.Immutable;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

/// <summary>Ledgers that no action of a config keeps, of each router that has its routes in its memory.</summary>
public sealed class StraysTests : IDisposable
{
    const string Route = "a: { prefixes: [192.0.2.0/24], via: edge, announce-when: [server-running] }";

    static readonly ImmutableArray<IPNetwork> One = [IPNetwork.Parse("192.0.2.0/24")];
    static readonly ImmutableArray<IPNetwork> Two = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.51.100.0/24")];

    readonly string directory = Directory.CreateTempSubdirectory("strays").FullName;

    public void Dispose() => Directory.Delete(directory, true);

    public static TheoryData<string, string, string> Routers => new()
    {
        { "frr", "socket: /run/frr/bgpd.vty", "/run/frr/bgpd.vty" },
        { "gobgp", "socket: /run/gobgp.sock", "/run/gobgp.sock" },
        { "gobgp", "address: 127.0.0.1", "127.0.0.1:50051" },
        { "exabgp", "pipes: /run/exabgp/exabgp", "/run/exabgp/exabgp" },
        { "exabgp", "socket: /run/oops/exabgp.sock, neighbors: [192.0.2.2, 192.0.2.1]", "/run/oops/exabgp.sock (neighbors 192.0.2.1 192.0.2.2)" },
    };

    OopsConfig Config(string actions = "", string routes = "")
    {
        var path = Path.Combine(directory, "oops.yaml");
        File.WriteAllText(path, $"mode: act\nservers: {{ ns1: {{ kind: knot, address: 127.0.0.1, pidfile: /run/knot/knot.pid }} }}\nsources: {{ process: [ {{ server: ns1 }} ] }}\nruntime-directory: {directory}\nstate-directory: {directory}/state\n"
            + (actions.Length == 0 ? "" : $"actions:\n  {actions}\n") + (routes.Length == 0 ? "" : $"routes:\n  {routes}\n"));
        var good = ConfigCheck.Load(path);
        Assert.True(good.Config is not null, string.Join('\n', good.Errors.Lines));
        return good.Config;
    }

    string Write(string kind, string router, ImmutableArray<IPNetwork> prefixes, RouteForm form = RouteForm.Plain, string action = "edge")
    {
        var path = Path.Combine(directory, $"{kind}-{action}.routes");
        File.WriteAllText(path, Ledger.Render(action, [new RouteWanted("a", prefixes, form, new Degradation(Prepend: 1))], router));
        return path;
    }

    static string Actions(string kind, string options, string name = "edge") => $"{kind}: [ {{ name: {name}, {options} }} ]";

    [Theory]
    [MemberData(nameof(Routers))]
    public void What_is_announced_and_nobody_keeps_is_told_and_what_was_withdrawn_is_not(string kind, string options, string router)
    {
        var path = Write(kind, router, Two);
        var line = Assert.Single(Strays.Wrong(Config()));
        Assert.Contains($"no action of the config owns {path} (action edge wrote it)", line, StringComparison.Ordinal);
        Assert.Contains($" at {router} was told to announce 192.0.2.0/24 198.51.100.0/24, which", line, StringComparison.Ordinal);
        Assert.Contains($"`rm {path}`", line, StringComparison.Ordinal);
        Assert.Empty(Strays.Wrong(Config(Actions(kind, options), Route)));
        // An action without a route shows nothing of its router.
        Assert.Contains("no route of the config goes via edge", Assert.Single(Strays.Wrong(Config(Actions(kind, options)))), StringComparison.Ordinal);
        Write(kind, router, Two, RouteForm.Withdrawn);
        Assert.Empty(Strays.Wrong(Config()));
    }

    [Theory]
    [MemberData(nameof(Routers))]
    public void An_action_of_the_same_kind_at_the_same_router_inherits_and_one_elsewhere_or_that_observes_does_not(string kind, string options, string router)
    {
        var path = Write(kind, router, Two);
        var renamed = Config(Actions(kind, options, "rand"), Route.Replace("via: edge", "via: rand", StringComparison.Ordinal));
        Assert.Empty(Strays.Wrong(renamed));
        Assert.Equal(path, Assert.Single(Strays.Of(renamed.Actions.KeepLedgers.Single(), renamed)).Path);
        // What has no route there is told of, before it is an orphan.
        var kept = Config(Actions(kind, options), "a: { prefixes: [192.0.2.0/24, 198.51.100.0/24], via: edge, announce-when: [server-running] }");
        Assert.Contains("198.51.100.0/24 of action edge is in no route via rand", Assert.Single(Strays.Abandoned(kept, renamed, [])), StringComparison.Ordinal);
        Write(kind, router, One);
        Assert.Empty(Strays.Abandoned(kept, renamed, []));
        Assert.Single(Strays.Abandoned(kept, Config(), []));
        Assert.Single(Strays.Wrong(Config(Actions(kind, options, "rand"), Route.Replace("via: edge", "mode: observe, via: rand", StringComparison.Ordinal))));
        Write(kind, "elsewhere", Two);
        Assert.Single(Strays.Wrong(renamed));
    }

    [Fact]
    public void A_ledger_of_another_router_than_its_action_has_now_is_told_also_after_it_was_set_aside()
    {
        var path = Write("frr", "/run/frr/other.vty", One);
        var config = Config(Actions("frr", "socket: /run/frr/bgpd.vty"), Route);
        Assert.Contains($"{path} is of another router than action edge has now", Assert.Single(Strays.Wrong(config)), StringComparison.Ordinal);
        File.Move(path, Strays.Aside(path, "/run/frr/other.vty"));
        Assert.Contains("FRR at /run/frr/other.vty was told", Assert.Single(Strays.Wrong(config)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bird", true)]
    [InlineData("frr", false)]
    public void A_prefix_that_goes_to_a_route_via_another_action_is_told_where_a_router_is_told_whole_routes(string kind, bool told)
    {
        const string From = "a: { prefixes: [192.0.2.0/24, 198.51.100.0/24], via: edge, announce-when: [server-running] }";
        var actions = $"{kind}: [ {{ name: edge }}, {{ name: rand }} ]";
        var now = Config(actions, From);
        var next = Config(actions, Route + "\n  b: { prefixes: [198.51.100.0/24], via: rand, announce-when: [server-running] }");
        var lines = Strays.Abandoned(now, next, []);
        Assert.Equal(told ? ["198.51.100.0/24 goes from a (edge) to b (rand): if a is withdrawn before rand has said anything, it leaves with it, and is announced again when that is seen"] : [], lines);
        // A whole route goes without a word.
        Assert.Empty(Strays.Abandoned(now, Config(actions, From.Replace("via: edge", "via: rand", StringComparison.Ordinal) + "\n  b: { prefixes: [203.0.113.0/24], via: edge, announce-when: [server-running] }"), []));
    }

    [Fact]
    public void A_ledger_from_before_it_said_its_router_says_it_once_the_daemon_has_started()
    {
        var path = Write("frr", "", One);
        var config = Config(Actions("frr", "socket: /run/frr/bgpd.vty"), Route);
        var inTheWay = Directory.CreateDirectory(Path.Combine(directory, ".frr-edge.routes.tmp"));
        var (file, why) = Assert.Single(Strays.Stamp(config));
        Assert.Equal((path, true), (file, Strays.IsOfNone(path)));
        Assert.StartsWith($"cannot write {path}", why, StringComparison.Ordinal);
        inTheWay.Delete();
        Assert.Empty(Strays.Stamp(config));
        Assert.False(Strays.IsOfNone(path));
        Assert.Equal("/run/frr/bgpd.vty", Ledger.RouterOf(File.ReadAllText(path)));
        Assert.Equal(One, Ledger.Parse(File.ReadAllText(path)).Single().Prefixes);
    }

    [Fact]
    public void A_folder_that_no_config_names_any_more_is_remembered_while_something_of_ours_is_there()
    {
        var state = Path.Combine(directory, "state");
        var folder = Path.Combine(directory, "elsewhere ü");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "our-edge.conf"), Ledger.Render("edge", [new RouteWanted("a", One, RouteForm.Plain, new Degradation(Prepend: 1))]));
        Assert.Null(Places.Remember(state, Config($"bird: [ {{ name: edge, include: \"{folder}/our-*.conf\" }} ]", Route)));
        var without = Config();
        Assert.Null(Places.Remember(state, without));
        Assert.Contains("BIRD announces 192.0.2.0/24 because of it", Assert.Single(Strays.Wrong(without)), StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "our-edge.conf"));
        Assert.Null(Places.Remember(state, without));
        Assert.DoesNotContain(Places.Read(state), p => p.StartsWith(folder, StringComparison.Ordinal));
    }
}
