using Oops.Lab.Harness;

namespace Oops.Bench;

/// <summary>The real servers that a bench of the whole daemon stands on: upstream BIRD, a bus and a knotd with the zones. The router between is a <see cref="LocalRouter"/>.</summary>
internal sealed class BenchRig(IReadOnlyList<string> zones) : IAsyncDisposable
{
    public UpstreamBird Upstream { get; } = new();

    public DbusDaemon Bus { get; } = new();

    public Knotd Knot { get; private set; } = null!;

    public IReadOnlyList<string> Zones => zones;

    /// <summary>The one minute's load average, to be told with every figure.</summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>What is not installed here, in words; null: nothing.</summary>
    public static string? Missing(params ReadOnlySpan<string> routers) =>
        Oops.Lab.Harness.Lab.Missing(["knotd", "knotc", "bird", "dbus-daemon", .. routers]);

    public async Task StartAsync()
    {
        await Upstream.StartAsync();
        await Bus.StartAsync();
        Knot = new() { Files = zones, BusAddress = Bus.Address };
        await Knot.StartAsync();
    }

    /// <summary>The daemon's config: the one server, with its sources.</summary>
    /// <param name="action">The router's line under `actions`; empty: none, and no routes.</param>
    /// <param name="routes">Lines of `routes`, indented by two.</param>
    /// <param name="probe">It is also asked.</param>
    public string Config(string action, string routes, bool probe = false) => $$"""
        mode: act
        site: bench
        servers:
          ns1: { kind: knot, address: {{Oops.Lab.Harness.Lab.Anycast4}}@53, pidfile: {{Knot.PidFile}}, control: {{Knot.Control}}, zones: { list: [{{string.Join(", ", zones)}}] } }
        sources:
          knot: [ { server: ns1, bus: "{{Bus.Address}}" } ]
          process: [ { server: ns1 } ]
          {{(probe ? $"probe: [ {{ server: ns1, to: [{Oops.Lab.Harness.Lab.Anycast4}] }} ]" : "")}}
        {{(action.Length == 0 ? "" : $"actions:\n  {action}\nroutes:\n{routes}")}}
        """;

    /// <summary>One route, that comes and goes with the server.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="prefixes">Its prefixes.</param>
    /// <param name="rules">How soon, and more.</param>
    public static string Route(string name, IEnumerable<string> prefixes, string rules = "rise: 0s, fall: 0s, budget: off") =>
        $"  {name}: {{ prefixes: [{string.Join(", ", prefixes)}], via: edge, announce-when: [server-running, all-zones-ready], {rules} }}";

    public async ValueTask DisposeAsync()
    {
        if (Knot is not null) await Knot.DisposeAsync();
        await Bus.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
