using System.Collections.Immutable;
using Oops.Native;

namespace Oops.Doctor;

/// <summary>Where a server's configuration is.</summary>
/// <param name="Paths">The files that stand for it; empty with the reason.</param>
internal sealed record ConfigPlace(ImmutableArray<string> Paths, string Why)
{
    /// <summary>By its command line, else where Debian has it.</summary>
    public static ConfigPlace Of(Software software, Seen? seen)
    {
        if (seen is null) return Usual(software);
        var arguments = seen.Arguments;
        if (software.Word == "knot" && (Option(arguments, "-C") ?? Option(arguments, "--confdb")) is not null) return new([], "its configuration is in a database: see `knotc conf-export`");
        var given = software.ConfigFolder is { } folder
            ? Option(arguments, folder.Option) is { } within ? [Path.Combine(within, Instance(folder.File, Option(arguments, "--config-name")))] : Array.Empty<string>()
            : software.Word == "exabgp" ? [.. arguments.Skip(1).Where(a => a.EndsWith(".conf", StringComparison.Ordinal))] : [.. software.ConfigOptions.SelectMany(o => All(arguments, o))];
        if (given.Length == 0) return Usual(software);
        var root = software.Word == "bind" ? Option(arguments, "-t") : null;
        var paths = ImmutableArray.CreateBuilder<string>();
        foreach (var path in given)
        {
            var full = Path.IsPathRooted(path) ? path : Proc.ReadFolder(seen.Pid) is { } where ? Path.Combine(where, path) : null;
            if (full is null) return new([], $"its configuration is {path} in a folder that we may not see");
            paths.Add(root is null ? full : root.TrimEnd('/') + full);
        }

        return new(paths.ToImmutable(), "");
    }

    static ConfigPlace Usual(Software software)
    {
        var there = software.Configs.Where(p => Permissions.Exists(p) != false).ToImmutableArray();
        return there.Length > 0 ? new(there, "") : new([], $"there is no {string.Join(" or ", software.Configs)}");
    }

    static string? Option(string[] arguments, string option) => All(arguments, option).LastOrDefault();

    /// <summary>`-c X`, `-cX`, `--config X`, `--config=X`.</summary>
    static IEnumerable<string> All(string[] arguments, string option)
    {
        var isLong = option.StartsWith("--", StringComparison.Ordinal);
        for (var i = 1; i < arguments.Length; i++)
        {
            if (arguments[i] == option && i + 1 < arguments.Length) yield return arguments[++i];
            else if (isLong && arguments[i].StartsWith(option + "=", StringComparison.Ordinal)) yield return arguments[i][(option.Length + 1)..];
            else if (!isLong && arguments[i].Length > 2 && arguments[i].StartsWith(option, StringComparison.Ordinal)) yield return arguments[i][2..];
        }
    }

    static string Instance(string file, string? name) => string.IsNullOrEmpty(name) ? file : file.Replace(".conf", $"-{name}.conf", StringComparison.Ordinal);
}
