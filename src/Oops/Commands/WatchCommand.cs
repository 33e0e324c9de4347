using System.CommandLine;
using System.Text.Json;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops watch`: the history as it happens.</summary>
internal static class WatchCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        return new Command("watch", "Prints what changes, is decided and done, as it happens; until Ctrl-C.") { socket, json }.Does(async (parsed, stop) =>
        {
            using var client = new ControlClient(parsed.GetValue(socket)!);
            await foreach (var text in client.EventsAsync("/watch", stop).ConfigureAwait(false))
            {
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(text);
                    continue;
                }

                if (JsonSerializer.Deserialize(text, ControlJson.Default.WatchLine) is not { } line) continue;
                if (line.Missed > 0) Terminal.Error($"{line.Missed} lines were missed");
                Terminal.Decision(line.Decision);
            }

            Terminal.Error("oops has ended");
            return Verb.Failed;
        });
    }
}
