using System.CommandLine;
using Oops.Control;
using Oops.Engine;
using Oops.Native;

namespace Oops.Commands;

/// <summary>`oops unhold`: ends a hold, and removes the break-glass file.</summary>
internal static class UnholdCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var routes = Options.Routes();
        var file = Options.HoldFileOption<string?>($"The break-glass file; default: {HoldFile.DefaultPath}, and `{HoldFile.FileName}` beside the control socket.");
        return new Command("unhold", "Ends holds: those of the routes named, or every one, the break-glass file's too.") { routes, file, socket }.Does(async (parsed, stop) =>
        {
            var removed = false;
            foreach (var path in Options.RoutesOf(parsed.GetValue(routes)) is null ? Files(parsed.GetValue(file), parsed.GetValue(socket)!) : [])
            {
                if (!File.Exists(path)) continue;
                try
                {
                    File.Delete(path);
                    removed = true;
                    Terminal.Line($"removed {path}");
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Terminal.Error($"{path} cannot be removed: {Reason.Of(e)}");
                    return Verb.Failed;
                }
            }

            try
            {
                // The file that was removed was the hold.
                return await Verb.PostAsync(parsed.GetValue(socket)!, "unhold", new() { Routes = Options.RoutesOf(parsed.GetValue(routes)) }, stop, unsaid: removed ? VerbApi.NoHold : null).ConfigureAwait(false);
            }
            catch (NoDaemonException e) when (removed && e.Absent)
            {
                return Verb.Done;
            }
        });
    }

    // The socket stands in the runtime directory unless the config says otherwise, and the daemon looks for the file there too.
    static IEnumerable<string> Files(string? named, string socket) =>
        named is not null ? [named] : new[] { HoldFile.DefaultPath, HoldFile.Beside(socket) }.Distinct(StringComparer.Ordinal);
}
