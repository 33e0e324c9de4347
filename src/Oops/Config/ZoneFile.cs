using System.Collections.Immutable;

namespace Oops.Config;

/// <summary>A list of zones in a file of its own: one name per line, blank lines and '#' comments between.</summary>
internal static class ZoneFile
{
    /// <summary>The largest file that is read, in bytes: some millions of names.</summary>
    public const int MostBytes = 128 * 1024 * 1024;

    /// <summary>The zones, canonical and without repetition; null, with its errors added, if the file cannot be read or has a bad line. An empty list is an error: it is how a truncated file looks.</summary>
    public static ImmutableArray<string>? Read(string file, string path, ConfigErrors errors)
    {
        errors.Reading(file);
        var before = errors.Count;
        if (ConfigFiles.ReadOne(file, errors, MostBytes, path) is not { } text)
            return null;
        var zones = new HashSet<string>(StringComparer.Ordinal);
        var line = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            line++;
            var name = raw;
            if (name.IndexOf('#') is >= 0 and var comment)
                name = name[..comment];
            name = name.Trim();
            if (name.IsEmpty)
                continue;
            if (ZoneName.Parse(name.ToString(), out var problem) is { } zone)
                zones.Add(zone.Text);
            else
                errors.Add(new Position(file, line, 1), path, problem);
        }

        if (errors.Count > before)
            return null;
        if (zones.Count == 0)
        {
            errors.Add(new Position(file, 1, 1), path, "the file names no zone; write one name per line");
            return null;
        }

        return [.. zones];
    }
}
