using System.CommandLine;
using Oops.Actions.Exabgp;
using Oops.Native;

namespace Oops.Commands;

/// <summary>`oops exabgp-relay`: what ExaBGP runs as a process of its own, so that its answers to oops are nobody else's.</summary>
internal static class ExabgpRelayCommand
{
    public static Command New()
    {
        var socket = new Option<string>("--socket") { Description = "Where the daemon finds it: the `socket` of an action `exabgp`. 0660, of ExaBGP's user and group.", DefaultValueFactory = _ => "/run/exabgp/oops.sock" };
        var command = new Command("exabgp-relay", "Run by ExaBGP as a `process`: passes commands and answers between it and oops. Ends with ExaBGP.") { socket };
        command.SetAction(async (parsed, stop) =>
        {
            await using var answers = Console.OpenStandardInput();
            await using var commands = Console.OpenStandardOutput();
            await new ExabgpRelay(parsed.GetValue(socket)!, answers, commands, Terminal.Error, BootTime.Instance).RunAsync(stop).ConfigureAwait(false);
            return Verb.Done;
        });
        return command;
    }
}
