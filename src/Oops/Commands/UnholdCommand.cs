using System.CommandLine;
using Oops.Engine;

namespace Oops.Commands;

/// <summary>`oops unhold`: ends a hold, and removes the break-glass file.</summary>
internal static class UnholdCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var routes = Options.Routes();
        var file = new Option<string>("--file") { Description = "The break-glass file.", DefaultValueFactory = _ => HoldFile.DefaultPath };
        return new Command("unhold", "Ends a hold, the break-glass file's too.") { routes, file, socket }.Does(async (parsed, stop) =>
        {
            var path = parsed.GetValue(file)!;
            var removed = false;
            if (Options.RoutesOf(parsed.GetValue(routes)) is null && File.Exists(path))
            {
                try
                {
                    File.Delete(path);
                    removed = true;
                    Terminal.Line($"removed {path}");
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Terminal.Error($"{path}: {e.Message}");
                    return Verb.Failed;
                }
            }

            try
            {
                return await Verb.PostAsync(parsed.GetValue(socket)!, "unhold", new() { Routes = Options.RoutesOf(parsed.GetValue(routes)) }, stop).ConfigureAwait(false);
            }
            catch (NoDaemonException e) when (removed && e.Absent)
            {
                return Verb.Done;
            }
        });
    }
}
