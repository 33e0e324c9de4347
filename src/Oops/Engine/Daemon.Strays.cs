using Oops.Routers;

namespace Oops.Engine;

/// <summary>Ledgers of ours that no action of the config keeps, and because of which a router announces something: shown while they are there.</summary>
internal sealed partial class Daemon
{
    static readonly TimeSpan StraysEvery = TimeSpan.FromMinutes(1);

    readonly Lock strayGate = new();
    readonly HashSet<string> places = new(StringComparer.Ordinal);
    readonly HashSet<string> strayed = new(StringComparer.Ordinal);
    IReadOnlyDictionary<string, string> unstamped = new Dictionary<string, string>();

    void LookForStrays()
    {
        lock (strayGate)
        {
            // Also where only a config before this one had files.
            places.UnionWith(Places.Read(directories.State));
            places.UnionWith(Strays.Globs(started.Config));
            places.UnionWith(Strays.Globs(plan.Config));
            Notices.Set("ledgers", Places.Remember(directories.State, plan.Config) is { } why ? $"where files of the actions are is not remembered over a restart: {why}" : null);
            // The action's next change writes it, too.
            var untold = unstamped.Where(s => Strays.IsOfNone(s.Key)).Select(s => s.Value).ToList();
            Notices.Set("ledgers/router", untold.Count == 0 ? null : $"which router a file is of is not in it, so that a renamed action would not inherit it: {string.Join("; ", untold)}");
            var told = Strays.Told(plan.Config, places).GroupBy(s => $"stray/{Path.GetFileName(s.Key)}", s => s.Value).ToDictionary(g => g.Key, g => string.Join("; ", g), StringComparer.Ordinal);
            foreach (var id in strayed.Except(told.Keys).ToList()) Notices.Set(id, null);
            foreach (var (id, text) in told) Notices.Set(id, text);
            strayed.Clear();
            strayed.UnionWith(told.Keys);
        }
    }

    /// <summary>What would come to be without an owner with another config.</summary>
    IReadOnlyList<string> Abandoned(Plan next)
    {
        lock (strayGate) return Strays.Abandoned(plan.Config, next.Config, [.. places]);
    }
}
