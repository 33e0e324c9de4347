using System.CommandLine;
using Oops.Config;
using Oops.Core;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>`oops schema [NAME]`: the JSON Schema of the config, for editors; or the options of one source or action, or the Extended DNS Errors, or the faults of zones, for a reader.</summary>
internal static class SchemaCommand
{
    const string Errors = "extended-errors", Faults = "zone-faults";

    public static Command New()
    {
        var name = new Argument<string?>("name") { Description = $"A source or an action (actions/NAME where both have the name: powerdns): prints a table of its options instead. {Errors}: one of the INFO-CODEs of Extended DNS Errors. {Faults}: one of what `oops verify` can find.", Arity = ArgumentArity.ZeroOrOne };
        return new Command("schema", "Prints the JSON Schema of the config.") { name }.Does((parsed, _) => Task.FromResult(Print(parsed.GetValue(name))));
    }

    static int Print(string? name)
    {
        var text = name switch
        {
            null => SchemaWriter.Text(ConfigJson.Default.OopsConfig) + "\n",
            Errors => ErrorInfo.Table(),
            Faults => ZoneFaults.Page(),
            _ => OptionTable.Of(ConfigJson.Default.OopsConfig, name),
        };
        if (text is null)
        {
            Terminal.Error($"no source or action {name}; `oops sample` prints their names");
            return Verb.Failed;
        }

        Console.Out.Write(text);
        return Verb.Done;
    }
}
