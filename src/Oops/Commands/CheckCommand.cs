using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;

namespace Oops.Commands;

/// <summary>`oops check [--live]`: everything that is wrong with a config, at once.</summary>
internal static class CheckCommand
{
    public static Command New()
    {
        var config = Options.Config();
        var file = Options.ConfigFile();
        var live = new Option<bool>("--live") { Description = "Also prove, without moving anything, that the folders can be written, that the routers' sockets and read-back work, and that a speaker can read its passwords and listen. The servers are not asked: see `oops status`, silent." };
        return new Command("check", "Checks the config; needs no privileges. Exit 2: it has errors.") { file, config, live }.Does(async (parsed, stop) =>
        {
            if (!Options.TryConfig(parsed, config, file, out var path)) return Verb.Usage;
            var plan = Plan.Load(path, out var errors);
            foreach (var line in errors.Lines) Console.Error.WriteLine(Terminal.Safe(line));
            if (plan is null) return Verb.Usage;
            Terminal.Line($"{path}: good; config {plan.Policy.Hash}, mode {(plan.Policy.Mode == Mode.Act ? "act" : "observe")}, {Words.Count(plan.Sources.Count, "source")}, {Words.Count(plan.Policy.Routes.Length, "route")}, {Words.Count(plan.Policy.Rules.Length, "rule")}");
            foreach (var stray in Strays.Wrong(plan.Config)) Terminal.Line($"note  {stray}");
            return parsed.GetValue(live) ? await LiveAsync(plan, stop).ConfigureAwait(false) : Verb.Done;
        });
    }

    static async Task<int> LiveAsync(Plan plan, CancellationToken stop)
    {
        var good = Folder("state directory", plan.Config.StateDirectory);
        good &= Folder("runtime directory", plan.Config.RuntimeDirectory);
        if (plan.Config.Control.Socket is { } socket) good &= Folder("control socket's directory", Path.GetDirectoryName(Path.GetFullPath(socket))!);
        await using var probe = new LiveProbe(plan.Policy);
        foreach (var action in plan.Actions.Where(a => a.Config.CarriesRoutes)) good &= await RouterAsync(action.Config.Create(plan.Config), probe, plan.Config.Control.Socket ?? Path.Combine(plan.Config.RuntimeDirectory, "control.sock"), stop).ConfigureAwait(false);
        return good ? Verb.Done : Verb.Failed;
    }

    static async Task<bool> RouterAsync(IAction action, LiveProbe engine, string socket, CancellationToken stop)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = action.SessionActs ? Task.CompletedTask : action.RunAsync(engine, session.Token);
        var guarded = new Guarded(action, TimeProvider.System, NullLogger.Instance, stop);
        var seen = await guarded.ReadAsync(null, stop).ConfigureAwait(false);
        await session.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var problems = await action.ProveAsync(address => LiveProbe.ListensAsync(socket, action.Name, address, stop)).ConfigureAwait(false);
        (action as IDisposable)?.Dispose();
        var writable = action.IncludePath is not { } written || Folder($"folder of {action.Name}'s file:", Path.GetDirectoryName(written)!);
        if (action.NotTaken is { } why) problems = [why, .. problems];
        foreach (var problem in problems) Terminal.Line($"FAIL  action {action.Name}: {problem}");
        return Tell(action, seen) && writable && problems.Count == 0;
    }

    static bool Tell(IAction action, Input? seen)
    {
        switch (seen)
        {
            case RouterObserved o:
                Terminal.Line($"ok    action {action.Name}: read back{(o.Router is null ? "" : $"; the router says: {o.Router}")}; {Words.Count(o.Orphans.Length, "orphan")}");
                foreach (var route in o.Routes.Where(r => r.Others is not null)) Terminal.Line($"note  route {route.Route}: {Words.Shared(route.Others!)}");
                return true;
            case RouterUnseen u:
                Terminal.Line($"FAIL  action {action.Name}: {u.Why}");
                return false;
            default:
                Terminal.Line($"ok    action {action.Name}: nothing to read back");
                return true;
        }
    }

    static bool Folder(string what, string path)
    {
        var probe = Path.Combine(path, $".oops-check-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(probe, "");
            File.Delete(probe);
            Terminal.Line($"ok    {what} {path} can be written");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Line($"FAIL  {what} {path} cannot be written: {Reason.Of(e)}; the user that runs oops needs it (this is {Environment.UserName})");
            return false;
        }
    }
}
