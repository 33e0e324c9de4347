using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Lab.Harness;

namespace Oops.Lab.Daemon;

/// <summary>A whole node as an operator has it: knotd with one zone, BIRD with its upstream, and the built oops between them. Only the server's death, or a person's `closed`, withdraws.</summary>
internal sealed class Node : IAsyncDisposable
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public UpstreamBird Upstream { get; } = new();

    public Harness.Bird Bird { get; } = new();

    public Knotd Knot { get; } = new() { Files = ["one.test"] };

    public OopsDaemon Oops { get; } = new();

    /// <summary>In which it runs.</summary>
    public string Mode { get; set; } = "act";

    /// <summary>Entries of the route beside its prefix, router and times.</summary>
    public string Withdraw { get; set; } = "[server-down]";

    /// <summary>More of the route.</summary>
    public string Route { get; set; } = "";

    /// <summary>More routes, or more of the config, in YAML.</summary>
    public string Routes { get; set; } = "";

    public string More { get; set; } = "";

    public string Config => $$"""
        mode: {{Mode}}
        site: lab
        servers:
          ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{Knot.PidFile}}, control: {{Knot.Control}}, zones: { list: [one.test] } }
        conditions:
          closed: { kind: external, polarity: bad, class: local, proof: true }
        sources:
          process: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}] } ]
        actions:
          bird: [ { name: edge, socket: {{Bird.Socket}}, include: "{{Bird.Include}}" } ]
        routes:
          anycast: { prefixes: [{{Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running, all-zones-ready], withdraw-when: {{Withdraw}}, rise: 0s, fall: 0s, budget: off{{Route}} }
        {{Routes}}
        {{More}}
        """;

    /// <summary>Starts all of it, and returns when the upstream has the route.</summary>
    public async Task StartAsync()
    {
        LabRequires.Programs("knotd", "knotc", "bird");
        await Task.WhenAll(Upstream.StartAsync(), Knot.StartAsync());
        await Task.WhenAll(Bird.StartAsync(), Oops.StartAsync(Config));
        await Upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(15));
        // Read back, too: what follows is about what happens to a route that is settled.
        await Wait.UntilAsync("oops shows it announced", async () => await RouteAsync() is { State: RouteState.Announced, Router: RouteForm.Plain }, state: State);
    }

    /// <summary>Starts all of it in mode observe, and returns when the route would be announced.</summary>
    public async Task StartObservingAsync()
    {
        await Task.WhenAll(Upstream.StartAsync(), Knot.StartAsync());
        await Task.WhenAll(Bird.StartAsync(), Oops.StartAsync(Config));
        await Wait.UntilAsync("it would be announced", async () => await RouteAsync() is { State: RouteState.Announced, Shadow: true }, TimeSpan.FromSeconds(15), state: State);
    }

    /// <summary>The route as oops reports it.</summary>
    public async Task<RouteReport> RouteAsync()
    {
        using var client = new ControlClient(Oops.ControlSocket);
        var (status, text) = await client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        return status?.Routes.First(r => r.Name == "anycast") ?? throw new InvalidOperationException(text);
    }

    /// <summary>What `oops status` prints.</summary>
    public async Task<string> StatusAsync()
    {
        (int code, string text) = await Oops.RunAsync("status");
        return code == 0 ? text : throw new InvalidOperationException($"oops status: exit {code}: {text}");
    }

    /// <summary>How often the upstream has heard of the prefix.</summary>
    public int Changes => Upstream.Updates(Harness.Lab.Prefix4) + Upstream.Withdraws(Harness.Lab.Prefix4);

    public async Task<bool> AnnouncedAsync() => await Upstream.RouteAsync(Harness.Lab.Prefix4) is not null;

    public string State() => Oops.Process.Tail(30);

    public async ValueTask DisposeAsync()
    {
        await Oops.DisposeAsync();
        await Knot.DisposeAsync();
        await Bird.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
