using System.CommandLine;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops signal CONDITION SUBJECT met|not-met --valid-for 5m [key=value]`.</summary>
internal static class SignalCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var condition = new Argument<string>("condition") { Description = "A condition of kind external. Without `proof: true` in the config a claim on it is a suspicion: it may degrade, and never withdraws." };
        var subject = new Argument<string>("subject") { Description = "The server." };
        var state = new Argument<string>("state") { Description = "met, not-met or unknown." };
        var details = new Argument<string[]>("key=value") { Description = "What to show beside it.", Arity = ArgumentArity.ZeroOrMore };
        details.Validators.Add(r =>
        {
            foreach (var token in r.Tokens)
                if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) r.AddError($"'{Terminal.Safe(token.Value)}' is no key=value");
        });
        var valid = Options.Span("--valid-for", "How long the claim stands without being renewed; default 5m. Then unknown: a route degraded by it stays so until somebody says not-met.");
        return new Command("signal", "Claims an external condition.") { condition, subject, state, details, valid, socket }.Does((parsed, stop) =>
            Verb.PostAsync(
                parsed.GetValue(socket)!,
                "signal",
                new()
                {
                    Condition = parsed.GetValue(condition),
                    Subject = parsed.GetValue(subject),
                    State = parsed.GetValue(state),
                    For = parsed.GetValue(valid)?.TotalSeconds,
                    Detail = parsed.GetValue(details) is { Length: > 0 } words ? string.Join(' ', words) : null,
                },
                stop));
    }
}
