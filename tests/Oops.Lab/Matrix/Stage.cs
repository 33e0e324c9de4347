using System.Text.Json;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix;

/// <summary>A primary, a server, and an oops that watches it: one plan is played on it, turn after turn.</summary>
internal sealed class Stage(MatrixNode node, SiteOptions options) : IAsyncDisposable
{
    public const string Server = "ns1";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    readonly OopsDaemon daemon = new();
    Watcher? watcher;

    public MatrixNode Node => node;

    public MatrixPrimary Primary { get; } = new(options);

    public Truth Truth { get; } = new(node.Address, () => node.Process.Tail());

    public Truth PrimaryTruth { get; } = new(new(System.Net.IPAddress.Parse(Harness.Lab.Upstream4), 53), () => "the primary");

    /// <summary>The one that things happen to.</summary>
    public string Zone => options.Zones[options.Zones.Count / 2];

    public IReadOnlyList<string> Zones => options.Zones;

    static readonly string[] Levels = ["zone-updated", "keys-changed"];

    /// <summary>The daemon's config.</summary>
    string Config => $$"""
        mode: act
        # The clock of a test machine is often nobody's.
        limits: { wall-clock: trusted }
        servers:
          {{Server}}: { kind: {{node.Kind}}, address: {{node.Place}}, pidfile: {{node.PidFile}}{{(node.HasZones ? $", primaries: [{Harness.Lab.Upstream4}]" : "")}}{{node.Keys}} }
        conditions:
          not-refreshed: { kind: zone-not-refreshed, tries: 1 }
          expiring: { kind: zone-expiring, before: {{options.ExpiringBefore.TotalSeconds:0}}s }
          expired: { kind: zone-expiring, before: 0s }
          stale: { kind: zone-stale, behind: 1s }
          signatures: { kind: signatures-expiring, before: 30s }
          rate-high: { kind: query-rate-high, threshold: 500 }
          rate-rising: { kind: query-rate-rising, threshold: 50 }
          extended-error: { kind: extended-error, codes: [{{string.Join(", ", node.ErrorCodes)}}], rate: 5 }
          {{node.Conditions}}
        sources:
          process: [ { server: {{Server}} } ]
          probe: [ { server: {{Server}}, to: [{{node.Place}}], {{node.Probe}} } ]
        {{node.Sources}}
        actions:
          exec: [ { name: told, command: [/bin/true], concurrency: 16 } ]
        rules:{{(node.ZoneConditions.Count == 0 ? " []" : "")}}
        {{string.Join('\n', node.ZoneConditions.Select(c => $"  - {{ on: {c}, {(Levels.Contains(c) ? "" : "states: [met, not-met], ")}do: [ {{ run: told }} ] }}"))}}
        """;

    /// <summary>Starts all of it; returns when the server has its zones, and oops watches it and has believed that it runs.</summary>
    public async Task StartAsync()
    {
        await Primary.StartAsync();
        await node.PrepareAsync();
        // Before the server: what one says when it starts, and then no more, is heard.
        daemon.Before = node.Around;
        await daemon.StartAsync(Config);
        watcher = Watcher.Start(daemon, node.ZoneConditions);
        await node.LaunchAsync();
        // One that has ended at once answers nothing, and says why.
        await Truth.UntilAsync(node.Probed, r => Truth.Answered(r) || !node.Process.Running);
        if (!node.Process.Running) throw new InvalidOperationException(node.Process.Tail());
        if (node.HasZones) await Truth.AllAsync(options.Zones);
        await BelievesAsync("server-running", "met");
    }

    /// <summary>Waits until a condition of the server is so, or so, however long it has been.</summary>
    public Task BelievesAsync(string condition, params string[] states) => Wait.UntilAsync($"{condition} is {string.Join(" or ", states)}", async () =>
        await StateAsync(condition) is { } state && states.Contains(state), Patience, TimeSpan.FromMilliseconds(100), () => daemon.RunAsync("explain", Id(condition)).GetAwaiter().GetResult().Text + "\n" + node.Process.Tail());

    async Task<string?> StateAsync(string condition)
    {
        (int code, string text) = await daemon.RunAsync("explain", Id(condition), "--json");
        if (code != 0) return null;
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("condition").GetProperty("state").GetString();
    }

    /// <summary>When a condition came into that state, at or after `from`, counted from `moment`.</summary>
    public async Task<Seen> SeenAsync(string condition, string state, DateTimeOffset from, DateTimeOffset moment)
    {
        try
        {
            var change = await watcher!.HearAsync(Id(condition), state, from, Patience);
            return new((change.At - moment).TotalMilliseconds, Watcher.By(change) ?? await ByAsync(condition, state, change.At));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{(await daemon.RunAsync("explain", Id(condition))).Text}\n{node.Process.Tail(30)}", e);
        }
    }

    /// <summary>Whose claim is the one of that moment, where that is not told: a time that was claimed has come, or many zones are counted. A reference is what the server is compared with, and says nothing of it.</summary>
    async Task<string> ByAsync(string condition, string state, DateTimeOffset at)
    {
        bool all = condition == "all-zones-ready";
        string text = (await daemon.RunAsync("explain", Id(all ? $"zone-ready/{Zone}" : condition), "--json")).Text;
        double age = (DateTimeOffset.UtcNow - at).TotalSeconds;
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("condition").GetProperty("claims").EnumerateArray()
            .Where(c => c.GetProperty("standing").GetString() != "reference" && c.TryGetProperty("age", out _) && c.GetProperty("state").GetString() == state)
            .OrderBy(c => Math.Abs(c.GetProperty("age").GetDouble() - age))
            .Select(c => c.GetProperty("channel").GetString()!).FirstOrDefault() ?? "?";
    }

    public Task<Seen> SeenAsync(string condition, string state, DateTimeOffset from) => SeenAsync(condition, state, from, from);

    public async ValueTask DisposeAsync()
    {
        if (watcher is not null) await watcher.DisposeAsync();
        await daemon.DisposeAsync();
        await node.DisposeAsync();
        await Primary.DisposeAsync();
    }

    // A condition of a zone is named with it: "zone-ready/one.test".
    static string Id(string condition) => condition.Split('/', 2) is [var name, var zone] ? $"condition/{name}/{Server}/{zone}" : $"condition/{condition}/{Server}";
}
