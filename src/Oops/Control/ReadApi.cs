using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;

namespace Oops.Control;

/// <summary>What can be read: status, zones, history, watch, metrics, health.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "a semaphore without a wait handle holds nothing")]
internal sealed class ReadApi(Daemon daemon)
{
    const int Most = 100_000;
    internal const string BadLimit = "limit is a number from 1";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Explainer explainer = new(daemon);
    readonly SemaphoreSlim reading = new(1, 1);

    public async Task StatusAsync(HttpContext context) =>
        await ControlServer.WriteAsync(context, 200, await StatusAsync().ConfigureAwait(false), ControlJson.Default.StatusAnswer).ConfigureAwait(false);

    async Task<StatusAnswer> StatusAsync()
    {
        var report = await daemon.Engine.AskAsync((machine, now) => machine.Status(now)).WaitAsync(Patience, daemon.Time).ConfigureAwait(false);
        var counters = daemon.Engine.Counters;
        var own = daemon.Notices.All.ToList();
        if (counters.Faults > 0) own.Add(new("faults", daemon.Started, $"{Words.Count(counters.Faults, "step")} failed by a bug; see the log"));
        return new(
            1, daemon.Version, report.Mode, report.Site, report.ConfigHash, daemon.Time.GetUtcNow(), daemon.Started, daemon.Journal.Broken,
            report.Routes, report.Servers, report.Channels, [.. own, .. report.Alarms], report.People, report.NotMonitored,
            daemon.Pending is { } waiting ? string.Join("; ", waiting.Differences) : null, Counts(counters))
        {
            Sessions = [.. daemon.Actions.SelectMany(a => a.Action.Sessions)],
            ConfigFile = Path.GetFullPath(daemon.ConfigPath),
        };
    }

    ImmutableArray<CountAnswer> Counts(EngineCounters counters) =>
    [
        .. new[] { new CountAnswer("engine", "merged", counters.Merged) }
            .Concat(daemon.Shed.All.Select(s => new CountAnswer("shed", s.Where, s.Count)))
            .Concat(daemon.Counted.Select(c => new CountAnswer(c.Source, c.Count.Name, c.Count.Value)))
            .Where(c => c.Value != 0),
    ];

    public async Task ZonesAsync(HttpContext context)
    {
        var query = context.Request.Query;
        string? server = query["server"], pattern = query["zone"];
        if (server is not null && daemon.Plan.Policy.Servers.All(s => s.Name != server))
        {
            await ControlServer.ErrorAsync(context, 404, NoSuch.Server(daemon.Plan.Policy, server)).ConfigureAwait(false);
            return;
        }

        var stateWord = (string?)query["state"];
        State? wanted = null;
        if (stateWord is not null)
        {
            if (!Words.TryState(stateWord, out var state))
            {
                await ControlServer.ErrorAsync(context, 400, "state is met, not-met or unknown").ConfigureAwait(false);
                return;
            }

            wanted = state;
        }

        if (Limit(query["limit"], Most) is not { } limit)
        {
            await ControlServer.ErrorAsync(context, 400, BadLimit).ConfigureAwait(false);
            return;
        }

        var selector = new ZoneSelector(pattern is null ? ["*"] : [Subject.Canonical(pattern)]);
        var servers = daemon.Plan.Policy.Servers.Select(s => s.Name).Where(s => server is null || s == server).ToList();
        var total = 0;
        var zones = ImmutableArray.CreateBuilder<ZoneReport>();
        await ZonePages.WalkAsync(daemon, servers, zone =>
        {
            if (!selector.Matches(zone.Zone) || (wanted is { } state && zone.Ready != state)) return true;
            total++;
            if (zones.Count < limit) zones.Add(zone);
            return true;
        }, context.RequestAborted).WaitAsync(Patience, daemon.Time, context.RequestAborted).ConfigureAwait(false);
        await ControlServer.WriteAsync(context, 200, new ZonesAnswer(1, total, zones.ToImmutable()), ControlJson.Default.ZonesAnswer).ConfigureAwait(false);
    }

    public async Task ExplainAsync(HttpContext context, string id)
    {
        var (answer, error, misshapen) = await explainer.ExplainAsync(Uri.UnescapeDataString(id)).WaitAsync(Patience, daemon.Time).ConfigureAwait(false);
        if (answer is null) await ControlServer.ErrorAsync(context, misshapen ? 400 : 404, error).ConfigureAwait(false);
        else await ControlServer.WriteAsync(context, 200, answer with { History = [.. await HistoryAsync(answer.Id, 10, context.RequestAborted).ConfigureAwait(false)] }, ControlJson.Default.ExplainAnswer).ConfigureAwait(false);
    }

    public async Task HistoryAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (Limit(query["limit"], Most) is not { } limit)
        {
            await ControlServer.ErrorAsync(context, 400, BadLimit).ConfigureAwait(false);
            return;
        }

        DateTimeOffset? since = double.TryParse(query["since"], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? daemon.Time.GetUtcNow() - TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e9)) : null;
        // What was decided just now is on its way to the disk.
        await daemon.Journal.QueueDurable(done => new SettleItem { Durable = done }).WaitAsync(Patience, daemon.Time).ConfigureAwait(false);
        try
        {
            await ControlServer.WriteAsync(context, 200, new HistoryAnswer(1, [.. await LinesAsync(query["id"], since, limit, context.RequestAborted).ConfigureAwait(false)]), ControlJson.Default.HistoryAnswer).ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            await ControlServer.ErrorAsync(context, 503, e.Message).ConfigureAwait(false);
        }
    }

    public async Task WatchAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        var watcher = daemon.Watchers.Add();
        try
        {
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            await foreach (var line in watcher.Reader.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(new WatchLine(1, line, watcher.TakeMissed()), ControlJson.Default.WatchLine);
                await context.Response.Body.WriteAsync("data: "u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.WriteAsync("\n\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            daemon.Watchers.Remove(watcher);
        }
    }

    public async Task MetricsAsync(HttpContext context)
    {
        var status = await StatusAsync().ConfigureAwait(false);
        var text = new MetricsText();
        text.Write(status, daemon);
        if (status.Servers.Sum(s => s.ZonesExpected) <= MetricsText.MostZones)
        {
            var zones = new List<ZoneReport>();
            await ZonePages.WalkAsync(daemon, daemon.Plan.Policy.Servers.Select(s => s.Name).ToList(), zone =>
            {
                zones.Add(zone);
                return zones.Count <= MetricsText.MostZones;
            }, context.RequestAborted).WaitAsync(Patience, daemon.Time, context.RequestAborted).ConfigureAwait(false);
            if (zones.Count <= MetricsText.MostZones) text.Write(zones);
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>200 while the machine answers; what it says of the servers is not our health.</summary>
    public async Task HealthAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        try
        {
            await daemon.Engine.AskAsync((_, _) => true).WaitAsync(TimeSpan.FromSeconds(2), daemon.Time).ConfigureAwait(false);
            await context.Response.WriteAsync("ok\n", context.RequestAborted).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("the machine does not answer\n", context.RequestAborted).ConfigureAwait(false);
        }
    }

    async Task<IReadOnlyList<Decision>> HistoryAsync(string id, int limit, CancellationToken stop)
    {
        try
        {
            return await LinesAsync(id, null, limit, stop).ConfigureAwait(false);
        }
        catch (SqliteException)
        {
            return [];
        }
    }

    // One at a time: the file may be long, and the threads that read it are those of everything else, too.
    async Task<IReadOnlyList<Decision>> LinesAsync(string? id, DateTimeOffset? since, int limit, CancellationToken stop)
    {
        await reading.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return Lines(id, since, limit);
        }
        finally
        {
            reading.Release();
        }
    }

    IReadOnlyList<Decision> Lines(string? id, DateTimeOffset? since, int limit)
    {
        using var reader = JournalReader.Open(daemon.Journal.FilePath);
        return Subject.Of(id).Select(s => reader.History(s, since, limit)).FirstOrDefault(lines => lines.Count > 0) ?? [];
    }

    // Null: it is no number from 1. What is too much is cut: the answer says how many there are.
    internal static int? Limit(string? word, int most) =>
        word is null ? 1000 : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? Math.Min(n, most) : null;
}
