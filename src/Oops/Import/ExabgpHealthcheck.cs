using System.Globalization;
using System.Net;

namespace Oops.Import;

/// <summary>Reads what `exabgp healthcheck` 4.2 was told: its arguments, or the file of its --config, a line for each option.</summary>
internal static class ExabgpHealthcheck
{
    // Short options, and how the long ones are called; those with no value end with '!'.
    static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["-s"] = "silent",
        ["-sF"] = "syslog-facility",
        ["-a"] = "no-ack",
        ["-d"] = "debug",
        ["-n"] = "name",
        ["-F"] = "config",
        ["-p"] = "pid",
        ["-i"] = "interval",
        ["-f"] = "fast-interval",
        ["-t"] = "timeout",
        ["-c"] = "command",
        ["-N"] = "next-hop",
    };

    static readonly HashSet<string> Flags = ["silent", "no-syslog", "no-ack", "sudo", "debug", "deaggregate-networks", "no-ip-setup", "dynamic-ip-setup", "withdraw-on-down"];

    static readonly HashSet<string> Values =
    [
        "syslog-facility", "name", "config", "pid", "user", "group", "interval", "fast-interval", "timeout", "rise", "fall", "disable", "command", "next-hop", "ip", "local-preference", "label", "start-ip",
        "up-metric", "down-metric", "disabled-metric", "increase", "community", "extended-community", "large-community", "disabled-community", "as-path", "up-as-path", "down-as-path", "disabled-as-path",
        "path-id", "neighbor", "execute", "up-execute", "down-execute", "disabled-execute",
    ];

    // They were about its own process, which is not there any more.
    static readonly HashSet<string> Silently = ["silent", "no-syslog", "no-ack", "sudo", "debug", "syslog-facility", "pid", "user", "group", "config", "name", "no-ip-setup"];

    public static Imported Read(IReadOnlyList<string> arguments)
    {
        var imported = new Imported("exabgp healthcheck", "exabgp");
        var options = new List<(string Name, string Value, string Where)>();
        Arguments(arguments, options, imported.Errors);
        // What is in the file goes before what is beside it.
        if (options.FindLast(o => o.Name == "config") is { Value: { } file } && file.Length > 0) options.InsertRange(0, Lines(file, imported.Errors));
        if (imported.Errors.Count == 0) Check(options, imported);
        return imported;
    }

    /// <summary>The same of the file alone.</summary>
    public static Imported ReadFile(string file) => Read(["--config", file]);

    static void Arguments(IReadOnlyList<string> arguments, List<(string, string, string)> options, List<string> errors)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            var (name, value) = word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is > 2 and var at ? (word[2..at], word[(at + 1)..]) : (Short.GetValueOrDefault(word) ?? (word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word), null);
            if (name == "cmd") name = "command";
            if (Flags.Contains(name)) options.Add((name, "", word));
            else if (!Values.Contains(name)) errors.Add($"{Config.ConfigErrors.Show(word)} is no option of exabgp healthcheck 4.2");
            else if ((value ?? (i + 1 < arguments.Count ? arguments[++i] : null)) is { } given) options.Add((name, given, word));
            else errors.Add($"{Config.ConfigErrors.Show(word)} has no value");
        }
    }

    static List<(string, string, string)> Lines(string file, List<string> errors)
    {
        var options = new List<(string, string, string)>();
        var number = 0;
        foreach (var raw in TextFile.Read(file, errors).Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            var at = line.IndexOf('=', StringComparison.Ordinal);
            var name = (at < 0 ? line : line[..at]).Trim();
            if (name == "cmd") name = "command";
            if (at < 0 ? !Flags.Contains(name) : !Values.Contains(name)) errors.Add($"{file}:{number}: {Config.ConfigErrors.Show(line)} is no option of exabgp healthcheck 4.2{(Values.Contains(name) ? " without a value" : "")}");
            else options.Add((name, at < 0 ? "" : line[(at + 1)..].Trim(), $"{file}:{number}"));
        }

        return options;
    }

    static void Check(List<(string Name, string Value, string Where)> options, Imported imported)
    {
        string? Get(string name) => options.FindLast(o => o.Name == name) is { Name: not null } found ? found.Value : null;
        IEnumerable<string> All(string name) => options.Where(o => o.Name == name).Select(o => o.Value);
        var fast = Number("fast-interval", 1);
        var (timeout, rise, fall) = (Number("timeout", 5), (int)Number("rise", 3), (int)Number("fall", 3));
        var prefixes = new List<IPNetwork>();
        foreach (var text in All("ip"))
        {
            if (AnycastHealthchecker.TryPrefix(text, out var prefix)) prefixes.Add(prefix);
            else imported.Errors.Add($"--ip {Config.ConfigErrors.Show(text)} is no address or network");
        }

        if (prefixes.Count == 0) imported.Errors.Add("without --ip it announces each address of the loopback interface; name them: --ip 192.0.2.53");
        if (Get("command") is not { Length: > 0 } command) imported.Errors.Add("without --command there is nothing to check");
        else if (imported.Errors.Count == 0)
        {
            imported.Checks.Add(new(Get("name") ?? "service", ["/bin/sh", "-c", command], [.. prefixes.Distinct()])
            {
                Interval = TimeSpan.FromSeconds(fast),
                Timeout = TimeSpan.FromSeconds(timeout),
                Rise = rise,
                Fall = fall,
                Degrade = Get("withdraw-on-down") is null ? Degraded(Get) : null,
                Executes = [.. All("execute").Select(c => ("met, not-met", c)), .. All("up-execute").Select(c => ("met", c)), .. All("down-execute").Select(c => ("not-met", c))],
                Notes = [.. Notes(options, Get)],
            });
        }

        double Number(string name, double otherwise)
        {
            if (Get(name) is not { } text) return otherwise;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0.1 and <= 86_400) return value;
            imported.Errors.Add($"--{name} {Config.ConfigErrors.Show(text)} is not a number from 0.1 to 86400");
            return otherwise;
        }
    }

    // While it fails it was announced with a higher metric, or a longer path.
    static string Degraded(Func<string, string?> get)
    {
        if (get("down-as-path") is { } path && path.Split([' ', ',', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Length is >= 2 and <= 21 and var length)
            return string.Create(CultureInfo.InvariantCulture, $"prepend {length - 1}");
        return uint.TryParse(get("down-metric"), NumberStyles.None, CultureInfo.InvariantCulture, out var metric) ? string.Create(CultureInfo.InvariantCulture, $"med {metric}") : "med 1000";
    }

    static IEnumerable<string> Notes(List<(string Name, string Value, string Where)> options, Func<string, string?> get)
    {
        yield return $"It was checked every {get("interval") ?? "5"} s, and every {get("fast-interval") ?? "1"} s once a change began; here it is always the latter, so that a change takes as many checks as before.";
        if (get("withdraw-on-down") is null) yield return "While it fails the route stays, degraded, as it did there without --withdraw-on-down.";
        if (get("disable") is { } file) yield return $"In place of the file {file}: `oops drain`, or `oops hold`.";
        foreach (var (name, value, _) in options)
        {
            var note = name switch
            {
                "up-metric" => $"--up-metric {value}: the plain form has no MED; let the neighbours' filter set it.",
                "community" or "extended-community" or "large-community" or "as-path" or "up-as-path" => $"--{name} {value}: the plain form has nothing but the prefix; set it in the neighbours' export policy.",
                "disabled-metric" or "disabled-community" or "disabled-as-path" or "disabled-execute" => $"--{name} {value}: a drained route has the graceful-shutdown community, and is then withdrawn.",
                "increase" or "start-ip" or "path-id" or "local-preference" or "label" or "deaggregate-networks" or "dynamic-ip-setup" => $"--{name}{(value.Length > 0 ? " " + value : "")} has no place here, and was left out.",
                "next-hop" => $"--next-hop {value}: write it into the action.",
                "neighbor" => $"--neighbor {value}: write it into the action's neighbors.",
                _ => null,
            };
            if (note is not null && !Silently.Contains(name)) yield return note;
        }

        if (get("no-ip-setup") is null) yield return "It put the addresses on the loopback interface itself; let the system's own network configuration do that.";
    }
}
