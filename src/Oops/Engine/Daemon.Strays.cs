using Oops.Actions.Bird;

namespace Oops.Engine;

/// <summary>Files of ours that no action of the config owns, and because of which a router announces something: shown while they are there.</summary>
internal sealed partial class Daemon
{
    static readonly TimeSpan StraysEvery = TimeSpan.FromMinutes(1);

    readonly Lock strayGate = new();
    readonly HashSet<string> includes = new(StringComparer.Ordinal);
    readonly HashSet<string> strayed = new(StringComparer.Ordinal);

    void LookForStrays()
    {
        lock (strayGate)
        {
            // Also where only a config before this one had files.
            includes.UnionWith(BirdStrays.Includes(started.Config));
            includes.UnionWith(BirdStrays.Includes(plan.Config));
            var told = BirdStrays.Told(plan.Config, includes);
            foreach (var path in strayed.Except(told.Keys).ToList()) Notices.Set($"stray/{Path.GetFileName(path)}", null);
            foreach (var (path, text) in told) Notices.Set($"stray/{Path.GetFileName(path)}", text);
            strayed.Clear();
            strayed.UnionWith(told.Keys);
        }
    }

    /// <summary>What would come to be without an owner with another config.</summary>
    IEnumerable<string> Abandoned(Plan next)
    {
        var known = BirdStrays.Told(plan.Config, BirdStrays.Includes(plan.Config));
        return BirdStrays.Told(next.Config, BirdStrays.Includes(plan.Config)).Where(s => !known.ContainsKey(s.Key)).Select(s => s.Value);
    }
}
