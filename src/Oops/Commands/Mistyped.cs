using System.CommandLine;
using System.CommandLine.Parsing;
using Oops.Config;

namespace Oops.Commands;

/// <summary>What is said of a command line that cannot be run, and the help that belongs to it.</summary>
internal static class Mistyped
{
    /// <summary>True, and said on stderr: nothing can be run. A word that is no verb is a mistake also before `--help`; a verb that needs another, alone, shows which there are.</summary>
    public static bool Told(ParseResult parsed, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        if (NoOption(parsed) is { } dashed)
        {
            Line(error, NoOption(parsed, dashed));
        }
        else if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [{ } word, ..])
        {
            Line(error, Unknown(command, word));
        }
        else if (parsed.Errors.Count == 0)
        {
            return false;
        }
        else if (command.Subcommands.Count > 0 && parsed.Tokens.Count == Path(parsed).Count)
        {
            Root.New().Parse([.. Path(parsed), "--help"]).Invoke(new InvocationConfiguration { Output = error, Error = error });
            return true;
        }
        else
        {
            foreach (var wrong in parsed.Errors) Line(error, wrong.Message);
            if (parsed.CommandResult is { Command.Name: VerifyCommand.Name, Parent: CommandResult { Command: RootCommand } } && parsed.UnmatchedTokens.Count > 0) Line(error, VerifyCommand.TwoWords);
        }

        Line(error, SeeHelp(parsed));
        return true;
    }

    /// <summary>Where the help is about what was mistyped.</summary>
    public static string SeeHelp(ParseResult parsed) => $"see {string.Join(' ', Path(parsed).Prepend("oops"))} --help";

    /// <summary>A word before any `--` that begins as an option does and was taken for something else: no route, zone, file or subject is meant by it.</summary>
    static string? NoOption(ParseResult parsed)
    {
        var words = parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash).Where(t => t.Type == TokenType.Argument && t.Value.Length > 1 && t.Value[0] == '-').ToList();
        if (words.Count == 0) return null;
        // The value of an option may begin as it likes.
        var values = Results(parsed.CommandResult).OfType<OptionResult>().SelectMany(o => o.Tokens).ToHashSet(ReferenceEqualityComparer.Instance);
        return words.Find(w => !values.Contains(w))?.Value;
    }

    static IEnumerable<SymbolResult> Results(CommandResult command)
    {
        for (SymbolResult? at = command; at is CommandResult here; at = at.Parent)
            foreach (var child in here.Children) yield return child;
    }

    static string NoOption(ParseResult parsed, string word)
    {
        var name = word.Split('=')[0];
        List<string> known = [];
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult here; at = at.Parent)
            known.AddRange(here.Command.Options.Where(o => !o.Hidden && (o.Recursive || here == parsed.CommandResult)).Select(o => o.Name));
        var near = name.StartsWith("--", StringComparison.Ordinal) ? Suggest.Nearest(name, known) : null;
        return $"no option {name}{(near is null ? "" : $" (did you mean {near}?)")}";
    }

    static string Unknown(Command command, string word)
    {
        var verbs = command.Subcommands.Select(c => c.Name).ToList();
        var what = command is RootCommand ? "verb" : $"`{command.Name}` of";
        return $"no {what} {ConfigErrors.Show(word)}{Suggest.DidYouMean(word, verbs)}; there are: {string.Join(", ", verbs)}";
    }

    /// <summary>The verbs as they were typed: `import exabgp-healthcheck`.</summary>
    static List<string> Path(ParseResult parsed)
    {
        List<string> names = [];
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } here; at = at.Parent) names.Insert(0, here.Command.Name);
        return names;
    }

    static void Line(TextWriter error, string text) => error.WriteLine("oops: " + Terminal.Safe(text));
}
