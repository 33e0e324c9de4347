using System.Globalization;
using System.Text.Json;
using Oops.Lab.Harness;

namespace Oops.Lab.Hung;

/// <summary>An oops that watches a <see cref="ServerUnderTest"/> by its process and by probes, and what it believes of it.</summary>
internal sealed class HungWatch : IAsyncDisposable
{
    readonly OopsDaemon daemon = new();

    /// <summary>Probes every 300 ms.</summary>
    public const string Fast = ", interval: 300ms, timeout: 250ms";

    /// <summary>Starts it, and waits until it believes that the server runs and is not down.</summary>
    public async Task StartAsync(ServerUnderTest server, string probe = "")
    {
        await daemon.StartAsync($$"""
            mode: observe
            servers:
              ns1: { kind: {{server.Kind}}, address: {{Oops.Lab.Harness.Lab.Anycast4}}, pidfile: {{server.PidFile}} }
            sources:
              process: [ { server: ns1 } ]
              probe: [ { server: ns1, to: [{{Oops.Lab.Harness.Lab.Anycast4}}], zones: [{{ServerUnderTest.Zone}}]{{probe}} } ]
            """);
        await UntilAsync("not-met");
    }

    /// <summary>Waits until `server-down` is in that state; gives since when.</summary>
    public async Task<DateTimeOffset> UntilAsync(string state, TimeSpan? limit = null)
    {
        string last = "";
        DateTimeOffset since = default;
        await Wait.UntilAsync($"server-down is {state}", async () =>
        {
            (string now, since, last) = await DownAsync();
            return now == state;
        }, limit ?? TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => last);
        return since;
    }

    /// <summary>What is believed, since when, and the whole explanation.</summary>
    public async Task<(string State, DateTimeOffset Since, string Text)> DownAsync()
    {
        (int code, string text) = await daemon.RunAsync("explain", "condition/server-down/ns1", "--json");
        if (code != 0)
            throw new InvalidOperationException(text);
        using var json = JsonDocument.Parse(text);
        var condition = json.RootElement.GetProperty("condition");
        string? since = condition.TryGetProperty("since", out var at) ? at.GetString() : null;
        return (condition.GetProperty("state").GetString()!, since is null ? default : DateTimeOffset.Parse(since, CultureInfo.InvariantCulture), text);
    }

    /// <summary>How often `server-down` became met, of what the journal keeps.</summary>
    public async Task<int> MetCountAsync()
    {
        (_, string text) = await HistoryAsync();
        return text.Split('\n').Count(l => l.Contains("server-down", StringComparison.Ordinal) && l.Contains("-> met", StringComparison.Ordinal));
    }

    public Task<(int Code, string Text)> HistoryAsync() => daemon.RunAsync("history", "condition/server-down/ns1", "--since", "1d");

    public Task<(int Code, string Text)> RunAsync(params string[] arguments) => daemon.RunAsync(arguments);

    public ValueTask DisposeAsync() => daemon.DisposeAsync();
}
