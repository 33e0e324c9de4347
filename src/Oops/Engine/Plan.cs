using System.Text.Json;
using Oops.Actions;
using Oops.Config;
using Oops.Core;

namespace Oops.Engine;

/// <summary>A source of a plan, and the text of all it depends on: the same text means that a running one may go on.</summary>
internal sealed record PlannedSource(ISource Source, string Fingerprint);

/// <summary>An action of a plan; created only when it is used.</summary>
internal sealed record PlannedAction(IActionConfig Config, string Fingerprint);

/// <summary>A good config, resolved: what the daemon shall run.</summary>
internal sealed record Plan(OopsConfig Config, Policy Policy, IReadOnlyList<PlannedSource> Sources, IReadOnlyList<PlannedAction> Actions)
{
    /// <summary>Reads a config. The plan is null if it has errors; warnings may stand beside a good one.</summary>
    public static Plan? Load(string path, out ConfigErrors errors)
    {
        var good = ConfigCheck.Load(path);
        errors = good.Errors;
        if (good is not { Config: { } config, Wiring: { } wiring, Policy: { } policy }) return null;
        var servers = Text(config.Servers);
        return new(
            config,
            policy,
            [.. wiring.Sources.Select(s => new PlannedSource(s.Source, Text(s.Config) + servers))],
            [.. wiring.Actions.Select(a => new PlannedAction(a.Config, Text(a.Config) + config.RuntimeDirectory))]);
    }

    static string Text(object record) =>
        ConfigJson.Default.GetTypeInfo(record.GetType()) is { } info ? JsonSerializer.Serialize(record, info) : Guid.NewGuid().ToString();

    static string Text(IReadOnlyDictionary<string, ServerConfig> servers) => string.Concat(servers.Select(s => s.Key + Text(s.Value)));
}
