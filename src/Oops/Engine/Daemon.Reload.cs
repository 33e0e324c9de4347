using Microsoft.Extensions.Logging;
using Oops.Core;
using Oops.Journal;

namespace Oops.Engine;

/// <summary>A config that was read and waits for a person, because it would decide differently, or end sessions that have routes.</summary>
internal sealed record PendingReload(Plan Plan, IReadOnlyList<string> Differences);

/// <summary>What became of a reload.</summary>
/// <param name="Taken">The new config decides.</param>
/// <param name="Text">In one line.</param>
/// <param name="Lines">Errors, or what would be decided differently.</param>
/// <param name="Bad">The config has errors, or would not work.</param>
internal sealed record ReloadResult(bool Taken, string Text, IReadOnlyList<string> Lines, bool Bad = false);

/// <summary>Taking another config while running.</summary>
internal sealed partial class Daemon
{
    /// <summary>What became of each reload, whoever asked for it.</summary>
    public event Action<ReloadResult>? Reloaded;

    /// <summary>Reads the config again. Errors, or decisions that differ from what stands at the routers, and sessions that would end with their routes leave the old one in charge; <paramref name="confirm"/> takes it in spite of the latter two.</summary>
    public async Task<ReloadResult> ReloadAsync(bool confirm)
    {
        await changing.WaitAsync(stopping.Token).ConfigureAwait(false);
        try
        {
            if (Plan.Load(configPath, out var errors) is not { } next)
            {
                pending = null;
                List<string> lines = [.. errors.Lines];
                Notices.Set("config", $"the config on disk has {Words.Count(errors.Count, "error")}, the old one stays in charge: {lines[0]}");
                Refused(Words.Count(errors.Count, "error"), lines[0]);
                return Told(new(false, $"{configPath} has errors; the old config stays in charge", lines, Bad: true));
            }

            return Told(await TakeAsync(next, confirm).ConfigureAwait(false));
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Takes the config that waits; null: none does.</summary>
    public async Task<ReloadResult?> ConfirmReloadAsync()
    {
        await changing.WaitAsync(stopping.Token).ConfigureAwait(false);
        try
        {
            return pending is { } waiting ? Told(await TakeAsync(waiting.Plan, confirm: true).ConfigureAwait(false)) : null;
        }
        finally
        {
            changing.Release();
        }
    }

    ReloadResult Told(ReloadResult result)
    {
        Reloaded?.Invoke(result);
        return result;
    }

    async Task<ReloadResult> TakeAsync(Plan next, bool confirm)
    {
        if (next.Policy.Hash == plan.Policy.Hash)
        {
            pending = null;
            Notices.Set("config", null);
            return new(true, "the config is unchanged", []);
        }

        if (await graph.ProveAsync(next).ConfigureAwait(false) is { Count: > 0 } problems)
            return Refuse("the new config would not work; the old one stays in charge", problems, Words.Count(problems.Count, "problem"), bad: true);
        var losses = graph.Losses(next);
        if (losses.Count > 0 && await HeldAsync(losses.Select(l => l.Action).ToHashSet(StringComparer.Ordinal)).ConfigureAwait(false))
            return Refuse("refused: the new config would end sessions, and a hold stands; the old one stays in charge; `oops unhold`, then `oops reload` again", [.. losses.Select(l => l.Loss)], Words.Count(losses.Count, "session") + " would end in a hold");

        var decisions = await Engine.AskAsync((machine, now) => (IReadOnlyList<string>)[.. Rehearsal.Differences(machine, next.Policy, now, action => losses.Any(l => l.Action == action)), .. NextHops.Differences(machine.Status(now), plan, next)]).ConfigureAwait(false);
        var abandoned = Abandoned(next);
        IReadOnlyList<string> differences = [.. decisions, .. losses.Select(l => l.Loss), .. abandoned];
        if (differences.Count > 0 && !confirm)
        {
            pending = new(next, differences);
            Notices.Set("config", $"a new config waits for `oops confirm`: {differences[0]}");
            List<string> counted = [];
            if (losses.Count > 0) counted.Add($"{Words.Count(losses.Count, "session")} would end");
            if (abandoned.Count > 0) counted.Add("routes would stay announced without an owner");
            if (decisions.Count > 0 || counted.Count == 0) counted.Add(decisions.Count == 1 ? "1 decision differs" : $"{decisions.Count} decisions differ");
            Waits(string.Join(", ", counted), differences[0]);
            var why = decisions.Count > 0 ? "decides differently" : losses.Count > 0 ? "would end sessions that have routes" : "would leave routes that stay announced and are nobody's";
            return new(false, $"the new config {why}; the old one stays in charge until `oops confirm`", differences);
        }

        var runners = graph.ActionsFor(next);
        await Engine.SwapAsync(next.Policy, (old, now) => Rehearsal.Successor(old, next.Policy, now), runners, Begin).ConfigureAwait(false);
        foreach (var (action, loss) in losses) Engine.Send(new SessionEnded(action, loss));
        List<string> later = [.. plan.NeedsRestart(next).Select(key => $"`{key}` has changed: that takes a restart")];
        var unread = started.NeedsRestart(next).ToList();
        Notices.Set("restart", unread.Count == 0 ? null : $"{string.Join(", ", unread.Select(key => $"`{key}`"))} changed since the start, which only a restart takes");
        plan = next;
        await graph.ApplyAsync(next, runners).ConfigureAwait(false);
        LookForStrays();
        pending = null;
        Notices.Set("config", null);
        Taken(next.Policy.Hash);
        return new(true, $"config {next.Policy.Hash} is in charge", [.. differences, .. later]);
    }

    ReloadResult Refuse(string text, IReadOnlyList<string> lines, string counted, bool bad = false)
    {
        pending = null;
        Notices.Set("config", $"{text}: {lines[0]}");
        Refused(counted, lines[0]);
        return new(false, text, lines, bad);
    }

    /// <summary>Somebody holds everything, or a route that goes via one of these.</summary>
    Task<bool> HeldAsync(HashSet<string> via) =>
        Engine.AskAsync((machine, now) => machine.Holds.Contains("") || machine.Status(now).Routes.Any(r => r.Held && via.Contains(r.Action)));

    // A run of the journal has one policy: the levels that are carried over are the first inputs of the next.
    void Begin(Policy policy, Machine machine, Moment now) =>
        Journal.Queue(new RunItem(now, policy.Hash, Recording.Channels(policy), machine.Snapshot(now)));

    [LoggerMessage(130, LogLevel.Error, "reload: {Errors}, the old config stays in charge; first: {First}")]
    partial void Refused(string errors, string first);

    [LoggerMessage(131, LogLevel.Warning, "reload: {Decisions}, the old config stays in charge until `oops confirm`; first: {First}")]
    partial void Waits(string decisions, string first);

    [LoggerMessage(132, LogLevel.Information, "reload: config {Hash} is in charge")]
    partial void Taken(string hash);
}
