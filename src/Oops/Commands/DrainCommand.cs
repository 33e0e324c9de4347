using System.Collections.Immutable;
using System.CommandLine;
using Oops.Control;
using Oops.Core;

namespace Oops.Commands;

/// <summary>`oops drain [ROUTE|all] [--server NAME]`: what a person types before maintenance, and what a server's unit runs before it stops.</summary>
internal static class DrainCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var routes = Options.Routes("Names of routes, or all.");
        var server = new Option<string?>("--server") { Description = "The routes that depend on this server." };
        var span = Options.Span("--for", "Ends after so long with a full admission; default 1h.");
        var untilStarted = new Option<bool>("--until-started") { Description = "Ends with the admission of the server's next incarnation, at the latest after --for." };
        var wait = new Option<bool>("--wait", "-w") { Description = "Return when the router has shown the routes withdrawn for the linger time." };
        var timeout = Options.Span("--timeout", "How long --wait waits; default 30s, then exit 3.");
        var force = new Option<bool>("--force") { Description = "Also a last resort, and a route of whose servers' peers none answers." };
        var command = new Command("drain", "Takes routes out of service in an orderly way: says what else covers, sends the graceful-shutdown community (RFC 8326), waits, withdraws, reads back, lingers.") { routes, server, span, untilStarted, wait, timeout, force, socket };
        command.Validators.Add(r =>
        {
            if (r.GetResult(timeout) is not null && !r.GetValue(wait)) r.AddError("--timeout is how long --wait waits; write --wait too, or --for SPAN for how long the drain lasts");
        });
        return command.Does(async (parsed, stop) =>
        {
            // systemd runs ExecStop= also after a crash, then without MAINPID: there is nothing left to drain for. SERVICE_RESULT is set for ExecStop= only (systemd.exec(5)).
            var inUnit = Environment.GetEnvironmentVariable("SERVICE_RESULT") is not null;
            if (inUnit && parsed.GetValue(untilStarted) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MAINPID")))
            {
                Terminal.Line("the server has ended by itself: nothing to drain");
                return Verb.Done;
            }

            var words = parsed.GetValue(routes) ?? [];
            try
            {
                // Without a name nothing is drained, and there is nothing to be covered.
                if (words.Length > 0 || parsed.GetValue(server) is not null)
                    await TellCoversAsync(parsed.GetValue(socket)!, Options.RoutesOf(words), parsed.GetValue(server), stop).ConfigureAwait(false);
                return await Verb.PostAsync(
                    parsed.GetValue(socket)!,
                    "drain",
                    new()
                    {
                        Routes = words is [] ? null : [.. words],
                        Server = parsed.GetValue(server),
                        For = parsed.GetValue(span)?.TotalSeconds,
                        UntilStarted = parsed.GetValue(untilStarted),
                        Force = parsed.GetValue(force),
                        Wait = parsed.GetValue(wait) ? (parsed.GetValue(timeout) ?? TimeSpan.FromSeconds(30)).TotalSeconds : null,
                    },
                    stop).ConfigureAwait(false);
            }
            catch (NoDaemonException e) when (e.Absent && parsed.GetValue(untilStarted))
            {
                // Without oops a server must be able to stop.
                Terminal.Error(e.Message);
                return Verb.Done;
            }
        });
    }

    /// <summary>First of all, who will serve its users meanwhile: a person can still think better of it.</summary>
    static async Task TellCoversAsync(string socket, ImmutableArray<string>? names, string? server, CancellationToken stop)
    {
        using var client = new ControlClient(socket);
        if ((await client.GetAsync("/status", ControlJson.Default.StatusAnswer, stop).ConfigureAwait(false)).Answer is not { } status) return;
        foreach (var route in status.Routes.Where(r => r.State != RouteState.Orphan && (names is not { Length: > 0 } wanted || wanted.Contains(r.Name))))
        {
            if (server is not null && !route.Announce.Concat(route.Withdraw).Any(e => e.Server == server)) continue;
            if (route.Shared is { } shared) Terminal.Line($"{route.Name}: {shared}");
            if (route.Covers.IsEmpty) Terminal.Line($"{route.Name}: what else covers is not known here (its servers have no `peers` that a probe asks)");
            foreach (var cover in route.Covers)
                Terminal.Line($"{route.Name}: {(cover.State switch { State.Met => "covered by", State.NotMet => "not covered by", _ => "perhaps covered by" })} {cover}");
        }
    }
}
