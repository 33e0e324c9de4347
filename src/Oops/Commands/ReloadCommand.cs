using System.CommandLine;

namespace Oops.Commands;

/// <summary>`oops reload [--confirm]`.</summary>
internal static class ReloadCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var confirm = new Option<bool>("--confirm") { Description = "Take it even if its decisions differ from what stands." };
        return new Command("reload", "Reads the config again. Exit 2: it has errors; 4: it decides differently and waits for `oops confirm`. The old one stays in charge in both cases.") { confirm, socket }.Does((parsed, stop) =>
            Verb.PostAsync(parsed.GetValue(socket)!, "reload", new() { Confirm = parsed.GetValue(confirm) }, stop));
    }
}
