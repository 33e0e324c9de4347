using System.CommandLine;
using System.Reflection;

namespace Oops.Commands;

/// <summary>`oops sample [NAME]`: a piece of config with every option, from the adapter's folder.</summary>
internal static class SampleCommand
{
    public static Command New()
    {
        var name = new Argument<string?>("name") { Description = "A source or an action (actions/NAME where both have the name: powerdns); without it, the names.", Arity = ArgumentArity.ZeroOrOne };
        return new Command("sample", "Prints a commented sample of a part of the config.") { name }.Does((parsed, _) => Task.FromResult(Print(parsed.GetValue(name))));
    }

    static int Print(string? name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var samples = assembly.GetManifestResourceNames().Where(n => n.EndsWith(".yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        if (name is null)
        {
            foreach (var sample in samples) Terminal.Line(Path.GetFileNameWithoutExtension(sample));
            return Verb.Done;
        }

        var found = samples.Where(s => Path.GetFileNameWithoutExtension(s) == name || s == name + ".yaml").ToList();
        if (found.Count == 0)
        {
            Terminal.Error($"no sample {name}; there are: {string.Join(", ", samples.Select(Path.GetFileNameWithoutExtension))}");
            return Verb.Failed;
        }

        foreach (var sample in found)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(sample)!);
            Console.Out.Write(reader.ReadToEnd());
        }

        return Verb.Done;
    }
}
