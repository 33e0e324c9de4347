using System.CommandLine;
using Oops.Config;
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
        var file = Options.HoldFileOption<string?>($"The break-glass file that is left when oops does not answer: {HoldFile.DefaultPath}, where every oops looks, or `{HoldFile.FileName}` in the runtime-directory of one; default: the former, or beside the control socket where one is named (--socket, OOPS_SOCKET).");
        return new Command("hold", "Freezes routes: nothing moves, whatever happens.") { routes, span, reason, file, socket }.Does(async (parsed, stop) =>
        {
            var named = Options.RoutesOf(parsed.GetValue(routes)) is not null;
            try
            {
                var exit = await Verb.PostAsync(
                    parsed.GetValue(socket)!,
                    "hold",
                    new() { Routes = Options.RoutesOf(parsed.GetValue(routes)), For = parsed.GetValue(span)?.TotalSeconds, Reason = parsed.GetValue(reason) },
                    stop,
                    Patience).ConfigureAwait(false);
                // One that hangs moves nothing now; the next one must not either.
                return exit != Verb.TimedOut ? exit : named ? Unknown() : Break(FileOf(parsed.GetValue(file), parsed.GetValue(socket)!), parsed.GetValue(reason));
            }
            catch (NoDaemonException e) when (e.Exit != Verb.Refused)
            {
                Terminal.Error(e.Message);
                return named ? Unknown() : Break(FileOf(parsed.GetValue(file), parsed.GetValue(socket)!), parsed.GetValue(reason));
            }
        });
    }

    /// <summary>Who names a socket means one oops: others of the host are not to stand still with it.</summary>
    internal static string FileOf(string? named, string socket) =>
        named ?? (socket == Options.DefaultSocket ? HoldFile.DefaultPath : HoldFile.Beside(socket));

    /// <summary>The file knows no routes: who mistyped one, or meant one, must not freeze them all.</summary>
    static int Unknown()
    {
        Terminal.Error("without an answer of oops nobody knows whether there is such a route, and the break-glass file holds all of them: nothing was left; `oops hold` without a name leaves it");
        return Verb.Refused;
    }

    /// <summary>Only the default is looked at by each daemon; which one looks at another nobody could be asked.</summary>
    internal static string Left(string path) => Path.GetFullPath(path) == HoldFile.DefaultPath
        ? $"left {path}: while it exists, oops moves nothing, also after a start; remove it, or `oops unhold`, to end this"
        : $"left {path}: while it exists, an oops whose runtime-directory, or the folder of whose control socket, is {Path.GetDirectoryName(Path.GetFullPath(path))} moves nothing, also after a start, and no other; remove it, or `oops unhold --file {path}`, to end this";

    /// <summary>How routes are moved meanwhile; null: the config has none via BIRD. One that cannot be read may have.</summary>
    internal static string? ByHand(string config)
    {
        var loaded = ConfigLoader.Load(config);
        if (loaded.Errors.Ok && loaded.Config is { Actions.Bird.Count: 0 }) return null;
        return $"without oops a route {(loaded.Config is null ? "via BIRD " : "")}is moved by hand: birdc 'disable \"oops_*\"' withdraws all of ours, birdc configure brings back what the include says";
    }

    static int Break(string path, string? reason)
    {
        if (ByHand(Options.DefaultConfig) is { } advice) Terminal.Line(advice);
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

        Terminal.Line(Left(path));
        return Verb.Done;
    }
}
