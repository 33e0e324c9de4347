using System.CommandLine;

namespace Oops.Commands;

/// <summary>`oops reload [--confirm]`.</summary>
internal static class ReloadCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var confirm = new Option<bool>("--confirm") { Description = "Take it even if its decisions differ from what stands, or sessions end." };
        return new Command("reload", "Reads the config again. Exit 2: it has errors, or would not work; 4: it decides differently, or would end BGP sessions that have routes, and waits for `oops confirm`, or is refused in a hold. The old one stays in charge in all these cases.") { confirm, socket }.Does((parsed, stop) =>
            Verb.PostAsync(parsed.GetValue(socket)!, "reload", new() { Confirm = parsed.GetValue(confirm) }, stop));
    }
}
