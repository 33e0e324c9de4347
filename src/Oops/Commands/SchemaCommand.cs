using System.CommandLine;
using Oops.Config;

namespace Oops.Commands;

/// <summary>`oops schema`: the JSON Schema of the config, for editors.</summary>
internal static class SchemaCommand
{
    public static Command New() => new Command("schema", "Prints the JSON Schema of the config.").Does((_, _) =>
    {
        Console.Out.WriteLine(SchemaWriter.Text(ConfigJson.Default.OopsConfig));
        return Task.FromResult(Verb.Done);
    });
}
