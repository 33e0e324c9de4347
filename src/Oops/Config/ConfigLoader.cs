using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Oops.Core;

namespace Oops.Config;

/// <summary>A config that was read: null if it has errors. Warnings may stand beside a good one.</summary>
internal sealed record Loaded<T>(T? Config, ConfigErrors Errors, string Hash)
    where T : class
{
    /// <summary>What could be bound, with placeholders for the sections of <see cref="ConfigErrors.Unbound"/>; other rules may be broken. Enough to look for more mistakes, never to run.</summary>
    public T? Draft { get; init; }

    public ConfigNames Names { get; init; } = new();
}

/// <summary>Files to records: read, parse, merge, walk, bind, validate. Whatever is wrong is in <see cref="Loaded{T}.Errors"/>; nothing is thrown for a bad file.</summary>
internal static class ConfigLoader
{
    /// <summary>The config of the daemon at a path, with <c>conf.d/*.yaml</c> beside it.</summary>
    public static Loaded<OopsConfig> Load(string path) => Load(path, ConfigJson.Default.OopsConfig);

    public static Loaded<T> Load<T>(string path, JsonTypeInfo<T> info)
        where T : class
    {
        var errors = new ConfigErrors();
        return Load(ConfigFiles.Read(path, errors), errors, info);
    }

    /// <summary>The config in texts that are in memory: samples, tests, documentation.</summary>
    public static Loaded<T> LoadText<T>(JsonTypeInfo<T> info, params ReadOnlySpan<ConfigText> texts)
        where T : class
    {
        var errors = new ConfigErrors();
        var good = new List<ConfigText>();
        foreach (var text in texts)
        {
            errors.Reading(text.File);
            if (ConfigFiles.Decode(text.File, Encoding.UTF8.GetBytes(text.Text), errors) is { } decoded)
                good.Add(text with { Text = decoded });
        }

        return Load(good, errors, info);
    }

    static Loaded<T> Load<T>(List<ConfigText> texts, ConfigErrors errors, JsonTypeInfo<T> info)
        where T : class
    {
        var hash = Hash(texts);
        var roots = texts.Select(t => YamlReader.Read(t.File, t.Text, errors)).OfType<MapNode>().ToList();
        if (roots.Count == 0)
            return new(null, errors, hash);
        // What was not read may hold what seems to be missing: then only what is there is judged.
        var complete = errors.Ok;
        var root = ConfigMerge.Merge(roots, errors);
        if (complete && root.Entries.Count == 0)
        {
            errors.Add(root.At, "", "the file has no keys; start with the ten lines of README.md or `oops sample`");
            return new(null, errors, hash);
        }

        var names = new ConfigNames();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            new ConfigWalk(errors, names, json) { Complete = complete }.Root(root, info);
        if (complete)
            names.Check(errors, BuiltIn);
        var config = JsonSerializer.Deserialize(buffer.ToArray(), info)!;
        foreach (var (path, record) in ConfigVisit.Records(config, info))
        {
            if (record is IValidate rules && errors.Unbound.IsWhole(path))
                rules.Validate(errors, path);
        }

        // With so many errors that some were not kept, nobody knows which sections are good.
        return new(errors.Ok ? config : null, errors, hash) { Draft = complete && errors.Shed == 0 ? config : null, Names = names };
    }

    // Kinds without a parameter are conditions by their own name.
    static IEnumerable<string> BuiltIn(Named kind) => kind == Named.Condition ? Kinds.All.Where(k => k.Parameter is null).Select(k => k.Name) : [];

    /// <summary>The hash of the texts with the zone lists that were read from files of their own: another list is another config, though no text changed.</summary>
    public static string Hash(string texts, OopsConfig config, Policy policy)
    {
        var listed = policy.Servers.Where(s => config.Servers.TryGetValue(s.Name, out var server) && server.Zones?.File is not null).ToList();
        if (listed.Count == 0)
            return texts;
        var print = new Fingerprint().Add(texts);
        foreach (var server in listed)
        {
            // What is between the names differs from what is between the servers.
            print.Add("\0" + server.Name);
            foreach (var zone in server.Zones ?? [])
                print.Add("\n" + zone);
        }

        return print.ToString();
    }

    static string Hash(List<ConfigText> texts)
    {
        var print = new Fingerprint();
        foreach (var text in texts)
            print.Add(text.Text).Add("\0");
        return print.ToString();
    }
}
