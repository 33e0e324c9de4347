using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Oops.Config;
using Oops.Control;
using Oops.Engine;

namespace Oops.Commands;

/// <summary>Options that several verbs have: one spelling, one meaning.</summary>
internal static class Options
{
    public const string DefaultConfig = "/etc/oops/oops.yaml";

    public const string DefaultSocket = "/run/oops/control.sock";

    public static Option<string> Config() => new("--config", "-c") { Description = "The config file; conf.d/*.yaml beside it is read too.", DefaultValueFactory = _ => DefaultConfig };

    /// <summary>It stands on the command line, and is no default.</summary>
    public static bool IsWritten(CommandResult command, Option option) => command.GetResult(option) is { Implicit: false };

    /// <summary>The config as a plain word, where a verb is about nothing else.</summary>
    public static Argument<string?> ConfigFile() => new("file") { Description = "The same as --config.", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The config's path, named in one of the two ways. False, and said why, when it is named twice.</summary>
    public static bool TryConfig(ParseResult parsed, Option<string> config, Argument<string?> file, out string path)
    {
        path = parsed.GetValue(file) ?? parsed.GetValue(config)!;
        if (parsed.GetValue(file) is null || parsed.GetResult(config) is not { Implicit: false }) return true;
        Terminal.Error("the config is named twice, by FILE and by --config; write one of them");
        return false;
    }

    /// <summary>The config's path as it is named; else the one of the daemon that runs, else the default.</summary>
    public static async Task<string> ConfigOrDaemonsAsync(ParseResult parsed, Option<string> config, Option<string> socket, CancellationToken stop)
    {
        if (parsed.GetResult(config) is { Implicit: false }) return parsed.GetValue(config)!;
        try
        {
            using var client = new ControlClient(parsed.GetValue(socket)!);
            if ((await client.GetAsync("/status", ControlJson.Default.StatusAnswer, stop).ConfigureAwait(false)).Answer is { ConfigFile: { } path }) return path;
        }
        catch (NoDaemonException)
        {
            // Nobody runs, or this user may not ask.
        }

        return parsed.GetValue(config)!;
    }

    public static Option<string?> JournalFile() => new("--journal", "-j") { Description = "The journal's file; default: the one of the config's state directory." };

    public static Option<string> Socket() => new("--socket", "-s")
    {
        Description = "The daemon's control socket.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OOPS_SOCKET") is { Length: > 0 } path ? path : DefaultSocket,
    };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object, as the control socket gives it." };

    public static Option<TimeSpan?> Span(string name, string description) => Span(name, description, TimeSpan.MinValue, TimeSpan.MaxValue);

    /// <summary>A span, of which one outside the bounds is told with what would be right.</summary>
    public static Option<TimeSpan?> Span(string name, string description, TimeSpan least, TimeSpan most) => new(name) { Description = description, CustomParser = r => ParseSpan(name, least, most, r) };

    /// <summary>One of some words, or more of them; another one is told with what would be right.</summary>
    public static Option<T> Among<T>(this Option<T> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(r =>
        {
            foreach (var token in r.Tokens.Where(t => !words.Contains(t.Value)))
                r.AddError($"{option.Name} {Terminal.Safe(token.Value)}: {string.Join(", ", words[..^1])} or {words[^1]}");
        });
        return option;
    }

    public static Option<int> Limit(string description, int most, params string[] aliases) => Number("--limit", description, 1, int.MaxValue, most, aliases);

    /// <summary>A whole number, of which a wrong one is told with its option and what would be right.</summary>
    public static Option<int> Number(string name, string description, int least, int most, int otherwise, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = r => (int)(ParseNumber(name, least, most, r) ?? least),
    };

    /// <summary>The same, of an option that need not be there.</summary>
    public static Option<long?> NumberOrNone(string name, string description, long least, long most = long.MaxValue) => new(name) { Description = description, CustomParser = r => ParseNumber(name, least, most, r) };

    /// <summary>The break-glass file: of a fixed name, in one of the folders where a daemon looks.</summary>
    public static Option<T> HoldFileOption<T>(string description)
        where T : class?
    {
        var option = new Option<T>("--file") { Description = description };
        option.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var path }] && Path.GetFileName(path) != HoldFile.FileName)
                r.AddError($"--file {Terminal.Safe(path)}: no oops looks there; it is {HoldFile.DefaultPath}, or `{HoldFile.FileName}` in the runtime-directory of the one that is meant");
        });
        return option;
    }

    /// <summary>Route names, or `all`.</summary>
    public static Argument<string[]> Routes(string description = "Names of routes, or all (the default).") => new("route") { Description = description, Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Null: all.</summary>
    public static System.Collections.Immutable.ImmutableArray<string>? RoutesOf(string[]? words) => words is not { Length: > 0 } || words is ["all"] ? null : [.. words];

    static TimeSpan? ParseSpan(string name, TimeSpan least, TimeSpan most, ArgumentResult result)
    {
        // What is wrong begins with the word itself.
        if (Duration.Parse(Word(result), out var problem) is not { } span) result.AddError($"{name}: {Terminal.Safe(problem)}");
        else if (span < least || span > most) result.AddError($"{name} {Terminal.Safe(Word(result))}: from {Duration.Format(least)} to {Duration.Format(most)}");
        else return span;
        return null;
    }

    static long? ParseNumber(string name, long least, long most, ArgumentResult result)
    {
        var word = Word(result);
        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} {Terminal.Safe(word)}: a number from {least}{(most is int.MaxValue or long.MaxValue ? "" : $" to {most}")}"));
        return null;
    }

    static string Word(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
