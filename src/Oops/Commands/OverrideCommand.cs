using System.CommandLine;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops override CONDITION SUBJECT STATE --for 1h --reason TEXT`, and `--end`.</summary>
internal static class OverrideCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var condition = new Argument<string>("condition") { Description = "The name of a condition, as the config and `oops explain` have it." };
        var subject = new Argument<string>("subject") { Description = "SERVER or SERVER/ZONE." };
        var state = new Argument<string?>("state") { Description = "met, not-met or unknown (required unless --end).", Arity = ArgumentArity.ZeroOrOne };
        var span = Options.Span("--for", "How long; default 1h.");
        var reason = new Option<string?>("--reason", "-r") { Description = "Why (required unless --end); shown to everybody." };
        var end = new Option<bool>("--end") { Description = "Ends the override." };
        return new Command("override", "Makes a condition count as met or not, for a while, whatever is measured.") { condition, subject, state, span, reason, end, socket }.Does((parsed, stop) =>
            Verb.PostAsync(
                parsed.GetValue(socket)!,
                "override",
                new()
                {
                    Condition = parsed.GetValue(condition),
                    Subject = parsed.GetValue(subject),
                    State = parsed.GetValue(state),
                    For = parsed.GetValue(span)?.TotalSeconds,
                    Reason = parsed.GetValue(reason),
                    End = parsed.GetValue(end),
                },
                stop));
    }
}
