using System.CommandLine;
using Oops.Config;
using Oops.Core;

namespace Oops.Commands;

/// <summary>`oops schema [NAME]`: the JSON Schema of the config, for editors; or the options of one source or action, or the Extended DNS Errors, for a reader.</summary>
internal static class SchemaCommand
{
    const string Errors = "extended-errors";

    public static Command New()
    {
        var name = new Argument<string?>("name") { Description = $"A source or an action: prints a table of its options instead. {Errors}: one of the INFO-CODEs of Extended DNS Errors.", Arity = ArgumentArity.ZeroOrOne };
        return new Command("schema", "Prints the JSON Schema of the config.") { name }.Does((parsed, _) => Task.FromResult(Print(parsed.GetValue(name))));
    }

    static int Print(string? name)
    {
        var text = name is null ? SchemaWriter.Text(ConfigJson.Default.OopsConfig) + "\n" : name == Errors ? ErrorInfo.Table() : OptionTable.Of(ConfigJson.Default.OopsConfig, name);
        if (text is null)
        {
            Terminal.Error($"no source or action {name}; `oops sample` prints their names");
            return Verb.Failed;
        }

        Console.Out.Write(text);
        return Verb.Done;
    }
}
