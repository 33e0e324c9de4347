using System.Text.Json.Serialization.Metadata;
using Oops.Actions;
using Oops.Engine;
using Oops.Sources;

namespace Oops.Config;

/// <summary>A source with the place of its record.</summary>
internal sealed record WiredSource(string Path, ISourceConfig Config, ISource Source);

/// <summary>An action's record with its place.</summary>
internal sealed record WiredAction(string Path, IActionConfig Config);

/// <summary>The sources and actions that a config asks for, found by the same walk for every adapter.</summary>
/// <param name="Unsure">Servers of which nothing can be concluded: they, or a source that speaks of them, have errors.</param>
internal sealed record Wiring(IReadOnlyList<WiredSource> Sources, IReadOnlyList<WiredAction> Actions, IReadOnlySet<string> Unsure)
{
    public static Wiring Of(Loaded<OopsConfig> loaded, OopsConfig config) => Of(config, ConfigJson.Default.OopsConfig, config, loaded);

    /// <summary>The sources are created, not run: they do no I/O before that. Those with errors of their own, or in what they name, are left out.</summary>
    /// <param name="root">Where the adapters' records are: the config itself, or another of the same shape.</param>
    /// <param name="loaded">What the loader says of <paramref name="root"/>.</param>
    public static Wiring Of<T>(T root, JsonTypeInfo<T> info, OopsConfig config, Loaded<T> loaded)
        where T : class
    {
        var (errors, names) = (loaded.Errors, loaded.Names);
        var sources = new List<WiredSource>();
        var actions = new List<WiredAction>();
        var unsure = config.Servers.Keys.Where(n => !errors.Unbound.IsComplete("sources") || !errors.Unbound.IsWhole($"servers.{n}")).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, record) in ConfigVisit.Records(root, info))
        {
            if (record is ISourceConfig source)
            {
                if (!errors.Any(path) && names.AreSound(path, errors))
                    sources.Add(new WiredSource(path, source, source.Create(config)));
                else
                    unsure.UnionWith(names.UsedBelow(path, Named.Server).DefaultIfEmpty("").SelectMany(n => config.Servers.ContainsKey(n) ? [n] : config.Servers.Keys));
            }

            if (record is IActionConfig action && errors.Unbound.IsWhole(path))
                actions.Add(new WiredAction(path, action));
        }

        return new(sources, actions, unsure);
    }
}
