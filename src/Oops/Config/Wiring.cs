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
internal sealed record Wiring(IReadOnlyList<WiredSource> Sources, IReadOnlyList<WiredAction> Actions)
{
    /// <summary>The sources are created, not run: they do no I/O before that.</summary>
    public static Wiring Of(OopsConfig config) => Of(config, ConfigJson.Default.OopsConfig, config);

    /// <summary>As <see cref="Of(OopsConfig)"/>, with the adapters' records taken from another root of the same shape.</summary>
    public static Wiring Of(object root, JsonTypeInfo info, OopsConfig config)
    {
        var sources = new List<WiredSource>();
        var actions = new List<WiredAction>();
        foreach (var (path, record) in ConfigVisit.Records(root, info))
        {
            if (record is ISourceConfig source)
                sources.Add(new WiredSource(path, source, source.Create(config)));
            if (record is IActionConfig action)
                actions.Add(new WiredAction(path, action));
        }

        return new(sources, actions);
    }
}
