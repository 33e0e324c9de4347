using System.Text.Json;
using Oops.Actions;
using Oops.Config;
using Oops.Core;
using Oops.Routers;

namespace Oops.Engine;

/// <summary>A source of a plan, and the text of all it depends on: the same text means that a running one may go on.</summary>
internal sealed record PlannedSource(ISource Source, string Fingerprint);

/// <summary>An action of a plan; created only when it is used.</summary>
/// <param name="Fingerprint">The text of all it depends on.</param>
/// <param name="Own">That of its own config alone; empty: not known.</param>
internal sealed record PlannedAction(IActionConfig Config, string Fingerprint, string Own = "");

/// <summary>A good config, resolved: what the daemon shall run.</summary>
internal sealed record Plan(OopsConfig Config, Policy Policy, IReadOnlyList<PlannedSource> Sources, IReadOnlyList<PlannedAction> Actions)
{
    /// <summary>Reads a config. The plan is null if it has errors; warnings may stand beside a good one.</summary>
    public static Plan? Load(string path, out ConfigErrors errors)
    {
        var good = ConfigCheck.Load(path);
        errors = good.Errors;
        if (good is not { Config: { } config, Wiring: { } wiring, Policy: { } policy }) return null;
        // What `Create` may look at beside the adapter's own record: a source its servers and conditions, a router its routes.
        var around = (config.Site ?? "") + All(config.Servers) + All(config.Conditions);
        var routes = config.RuntimeDirectory + (config.Site ?? "") + All(config.Routes);
        return new(
            config,
            policy,
            [.. wiring.Sources.Select(s => new PlannedSource(s.Source, Text(s.Config) + around + s.Config.DependsOn(config))), .. Upstreams(config)],
            [.. wiring.Actions.Select(a => new PlannedAction(a.Config, Text(a.Config) + (a.Config.CarriesRoutes ? routes : config.Site) + a.Config.DependsOn(config), Text(a.Config)))]);
    }

    static IEnumerable<PlannedSource> Upstreams(OopsConfig config) => config.Routes.Where(r => r.Value.Upstream is not null)
        .Select(r => new PlannedSource(UpstreamWatch.Of(r.Key, r.Value, r.Value.Upstream!, config), Text(r.Value) + config.Site));

    /// <summary>What another plan asks for that only a restart gives.</summary>
    public IEnumerable<string> NeedsRestart(Plan next)
    {
        if (Config.StateDirectory != next.Config.StateDirectory) yield return "state-directory";
        if (Config.RuntimeDirectory != next.Config.RuntimeDirectory) yield return "runtime-directory";
        if (Config.Journal != next.Config.Journal) yield return "journal";
        if (Config.Control != next.Config.Control) yield return "control";
        if (Config.Metrics != next.Config.Metrics) yield return "metrics";
    }

    static string Text(object record) =>
        ConfigJson.Default.GetTypeInfo(record.GetType()) is { } info ? JsonSerializer.Serialize(record, info) : Guid.NewGuid().ToString();

    static string All<T>(IReadOnlyDictionary<string, T> records)
        where T : class => string.Concat(records.Select(r => r.Key + Text(r.Value)));
}
