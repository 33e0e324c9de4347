using System.CommandLine;
using Oops.Control;
using Oops.Engine;
using Oops.Native;

namespace Oops.Commands;

/// <summary>`oops hold`: nothing moves. It works without a daemon and with a broken config: then it leaves the break-glass file.</summary>
internal static class HoldCommand
{
    /// <summary>Whoever types this is in a hurry.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static Command New()
    {
        var socket = Options.Socket();
        var routes = Options.Routes();
        var span = Options.Span("--for", "How long; default 1h.");
        var reason = new Option<string?>("--reason", "-r") { Description = "Why; shown to everybody." };
        var file = new Option<string>("--file") { Description = "The break-glass file that is left when oops does not answer; every oops looks at the default.", DefaultValueFactory = _ => HoldFile.DefaultPath };
        return new Command("hold", "Freezes routes: nothing moves, whatever happens.") { routes, span, reason, file, socket }.Does(async (parsed, stop) =>
        {
            try
            {
                var exit = await Verb.PostAsync(
                    parsed.GetValue(socket)!,
                    "hold",
                    new() { Routes = Options.RoutesOf(parsed.GetValue(routes)), For = parsed.GetValue(span)?.TotalSeconds, Reason = parsed.GetValue(reason) },
                    stop,
                    Patience).ConfigureAwait(false);
                // One that hangs moves nothing now; the next one must not either.
                return exit == Verb.TimedOut ? Break(parsed.GetValue(file)!, parsed.GetValue(reason)) : exit;
            }
            catch (NoDaemonException e) when (e.Exit != Verb.Refused)
            {
                Terminal.Error(e.Message);
                return Break(parsed.GetValue(file)!, parsed.GetValue(reason));
            }
        });
    }

    static int Break(string path, string? reason)
    {
        Terminal.Line("without oops a route is moved by hand: birdc 'disable \"oops_*\"' withdraws all of ours, birdc configure brings back what the include says");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, (reason ?? $"oops hold by {Environment.UserName}") + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Error($"{path} cannot be written: {Reason.Of(e)}");
            return Verb.Failed;
        }

        Terminal.Line($"left {path}: while it exists, oops moves nothing, also after a start; remove it, or `oops unhold`, to end this");
        return Verb.Done;
    }
}
