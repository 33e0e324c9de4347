using System.Globalization;
using System.Text.Json;
using Oops.Lab.Harness;

namespace Oops.Lab.Hung;

/// <summary>An oops that watches a <see cref="ServerUnderTest"/> by its process, by probes and, where it is knotd, by its control socket, and what it believes of it.</summary>
internal sealed class HungWatch : IAsyncDisposable
{
    readonly OopsDaemon daemon = new();

    /// <summary>Probes every 300 ms.</summary>
    public const string Fast = ", interval: 300ms, timeout: 250ms";

    /// <summary>Starts it, and waits until it believes of each server that it is not down. The servers are named by their kinds.</summary>
    public async Task StartAsync(string probe, params IReadOnlyList<ServerUnderTest> servers)
    {
        await daemon.StartAsync($$"""
            mode: observe
            servers:
            {{Each(s => $"  {s.Kind}: {{ kind: {s.Kind}, address: {s.Address}, pidfile: {s.PidFile}{s.Control} }}")}}
            sources:
              knot: [ {{string.Join(", ", servers.Where(s => s.Kind == "knot").Select(s => $"{{ server: {s.Kind} }}"))}} ]
              process:
            {{Each(s => $"    - {{ server: {s.Kind} }}")}}
              probe:
            {{Each(s => $"    - {{ server: {s.Kind}, to: [{s.Address}], zones: [{ServerUnderTest.Zone}]{probe} }}")}}
            """);
        foreach (var server in servers)
            await UntilAsync(server.Kind, "not-met");

        string Each(Func<ServerUnderTest, string> line) => string.Join('\n', servers.Select(line));
    }

    /// <summary>Waits until `server-down` is in that state; gives since when.</summary>
    public async Task<DateTimeOffset> UntilAsync(string server, string state, TimeSpan? limit = null)
    {
        string last = "";
        DateTimeOffset since = default;
        await Wait.UntilAsync($"server-down of {server} is {state}", async () =>
        {
            (string now, since, last) = await DownAsync(server);
            return now == state;
        }, limit ?? TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => last);
        return since;
    }

    /// <summary>What is believed, since when, and the whole explanation.</summary>
    public async Task<(string State, DateTimeOffset Since, string Text)> DownAsync(string server)
    {
        (int code, string text) = await daemon.RunAsync("explain", $"condition/server-down/{server}", "--json");
        if (code != 0)
            throw new InvalidOperationException(text);
        using var json = JsonDocument.Parse(text);
        var condition = json.RootElement.GetProperty("condition");
        string? since = condition.TryGetProperty("since", out var at) ? at.GetString() : null;
        return (condition.GetProperty("state").GetString()!, since is null ? default : DateTimeOffset.Parse(since, CultureInfo.InvariantCulture), text);
    }

    /// <summary>How often `server-down` became met, as the journal has it, and these lines.</summary>
    public async Task<(int Count, string Lines)> AlarmsAsync(string server)
    {
        (int code, string text) = await daemon.RunAsync("history", $"condition/server-down/{server}", "--since", "1d", "-n", "1000", "--json");
        if (code != 0)
            throw new InvalidOperationException(text);
        using var json = JsonDocument.Parse(text);
        return (json.RootElement.GetProperty("history").EnumerateArray().Count(d => d.GetProperty("to").GetString() == "met"), text);
    }

    public Task<(int Code, string Text)> RunAsync(params string[] arguments) => daemon.RunAsync(arguments);

    public ValueTask DisposeAsync() => daemon.DisposeAsync();
}
