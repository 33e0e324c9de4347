using System.Globalization;
using System.IO.Enumeration;
using System.Net;
using Oops.Actions;
using Oops.Config;
using Oops.Core;

namespace Oops.Routers;

/// <summary>
/// Finds what is left of actions that the config does not have any more. One that an action of the config inherits (it was renamed) is taken over by that action, at its next change; what nobody inherits is shown and
/// not touched, since taking it away would be a withdraw that nobody asked for.
/// </summary>
internal static class Strays
{
    /// <summary>The ledgers that a glob takes in, but for those in <paramref name="kept"/>. What cannot be read is passed over.</summary>
    /// <param name="glob">One star, in the name.</param>
    /// <param name="kept">Paths.</param>
    public static IReadOnlyList<Stray> In(string glob, IReadOnlyCollection<string> kept)
    {
        try
        {
            var folder = Folder(glob);
            var names = kept.Select(Normal).ToHashSet(StringComparer.Ordinal);
            var name = Path.GetFileName(glob);
            if (!Directory.Exists(folder)) return [];
            return [.. Directory.EnumerateFiles(folder)
                .Where(p => FileSystemName.MatchesSimpleExpression(name, Path.GetFileName(p), ignoreCase: false) && !names.Contains(p))
                .Order(StringComparer.Ordinal).Select(p => Stray.Read(p, ActionsConfig.KindOf(glob).Word)).OfType<Stray>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>What nobody of the config keeps or inherits and still announces something, in words: for each ledger, by its path.</summary>
    /// <param name="config">The config in charge, or to be.</param>
    /// <param name="globs">Of configs before it.</param>
    public static IReadOnlyDictionary<string, string> Told(OopsConfig config, IEnumerable<string> globs)
    {
        var told = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var stray in All(config, globs).Where(s => s.Announced.Count > 0 && Heir(s, config) is null)) told[stray.Path] = Say(stray, config);
        return told;
    }

    /// <summary>What would be nobody's, or an orphan of an heir, with another config than the one in charge.</summary>
    public static IReadOnlyList<string> Abandoned(OopsConfig now, OopsConfig next, IEnumerable<string> globs)
    {
        List<string> places = [.. globs];
        var known = Told(now, places);
        List<string> lines = [.. Told(next, places).Where(s => !known.ContainsKey(s.Key)).Select(s => s.Value)];
        foreach (var stray in All(next, places))
        {
            if (Heir(stray, next) is not { } heir) continue;
            // What had no route before is an orphan as it was.
            var routed = Prefixes(now, stray.Action).Except(Prefixes(next, heir.Name)).ToHashSet();
            if (stray.Announced.Where(routed.Contains).ToList() is { Count: > 0 } left)
                lines.Add($"{string.Join(' ', left)} of action {stray.Action} {(left.Count == 1 ? "is" : "are")} in no route via {heir.Name}, which inherits from it; the router keeps {(left.Count == 1 ? "it" : "them")} until `oops release PREFIX`");
        }

        return [.. lines, .. Moves(now, next)];
    }

    /// <summary>Prefixes that go from one route to another, which is via another action at the same router, where what is said to a router is of whole routes: they are in the old one until the other action writes.</summary>
    static IEnumerable<string> Moves(OopsConfig now, OopsConfig next)
    {
        foreach (var from in next.Actions.KeepLedgers.Where(a => !a.Kind.IsInMemory))
            foreach (var to in next.Actions.KeepLedgers.Where(a => a.Name != from.Name && a.Kind == from.Kind && a.Router == from.Router))
                foreach (var was in RouterRoute.Via(from.Name, now).Where(r => !r.Observed && next.Routes.TryGetValue(r.Name, out var stays) && stays.Via == from.Name))
                    foreach (var route in RouterRoute.Via(to.Name, next).Where(r => !r.Observed))
                        if (route.Prefixes.Intersect(was.Prefixes).Where(p => !next.Routes[was.Name].Prefixes.Contains(p)).ToList() is { Count: > 0 } moved)
                            yield return $"{string.Join(' ', moved)} goes from {was.Name} ({from.Name}) to {route.Name} ({to.Name}): if {was.Name} is withdrawn before {to.Name} has said anything, it leaves with it, and is announced again when that is seen";
    }

    /// <summary>Where to look for ledgers of a config.</summary>
    public static IEnumerable<string> Globs(OopsConfig config) =>
        config.Actions.KeepLedgers.Select(a => a.LedgerGlob(config)).Concat(ActionsConfig.Kinds.Select(k => Path.Combine(config.RuntimeDirectory, $"{k.Word}-*{k.Ending}"))).Select(Normal).Distinct(StringComparer.Ordinal);

    /// <summary>Ledgers of others that an action takes the place of.</summary>
    public static IReadOnlyList<Stray> Of(IKeepsLedger action, OopsConfig config) =>
        [.. All(config, Places.Read(config.StateDirectory)).Where(s => Heir(s, config)?.Name == action.Name)];

    /// <summary>The ledgers whose action has routes: who has none shows nothing of its router.</summary>
    public static IReadOnlyList<string> Kept(OopsConfig config) => [.. config.Actions.KeepLedgers.Where(a => config.Routes.Values.Any(r => r.Via == a.Name)).Select(a => a.LedgerPath(config))];

    /// <summary>A path by one name: a kept file must never be taken for another's.</summary>
    public static string Normal(string path) => Path.Combine(Folder(path), Path.GetFileName(path));

    /// <summary>The folder of a file, by one name.</summary>
    public static string Folder(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return folder.StartsWith("/var/run/", StringComparison.Ordinal) ? folder["/var".Length..] : folder;
    }

    public static bool Matches(string glob, string path) =>
        Folder(glob) == Folder(path) && FileSystemName.MatchesSimpleExpression(Path.GetFileName(glob), Path.GetFileName(path), ignoreCase: false);

    /// <summary>Ledgers from before they said which router they are of: they say it from now on, so that an action that is renamed next is known. Why some cannot, by their path.</summary>
    public static IReadOnlyDictionary<string, string> Stamp(OopsConfig config)
    {
        var cannot = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var action in config.Actions.KeepLedgers.Where(a => a.Kind.IsInMemory))
        {
            var file = new LedgerFile(action.LedgerPath(config));
            if (file.Read() is { } text && Ledger.ActionOf(text) == action.Name && Ledger.RouterOf(text).Length == 0 && file.Write(Ledger.Render(action.Name, Ledger.Parse(text), action.Router)) is { } why) cannot[file.Path] = why;
        }

        return cannot;
    }

    /// <summary>A ledger that does not say which router it is of.</summary>
    public static bool IsOfNone(string path) => new LedgerFile(path).Read() is { } text && Ledger.RouterOf(text).Length == 0;

    /// <summary>All that is not as it should be with the ledgers of a config, and with those that were before it.</summary>
    public static IReadOnlyList<string> Wrong(OopsConfig config) =>
        [.. Told(config, Places.Read(config.StateDirectory)).Values, .. config.Actions.KeepLedgers.Select(a => a.LedgerGlob(config)).Distinct(StringComparer.Ordinal).SelectMany(g => ActionsConfig.KindOf(g).Doubles(g))];

    /// <summary>Where a ledger goes that is of another router than its action has now.</summary>
    public static string Aside(string path, string router) => Path.ChangeExtension(path, null) + string.Create(CultureInfo.InvariantCulture, $"@{(uint)Fingerprint.Of(router):x8}") + Path.GetExtension(path);

    /// <summary>Also what an action has told another router than its present one.</summary>
    static IEnumerable<Stray> All(OopsConfig config, IEnumerable<string> globs)
    {
        var owner = config.Actions.KeepLedgers.Where(a => config.Routes.Values.Any(r => r.Via == a.Name)).ToLookup(a => Normal(a.LedgerPath(config)), StringComparer.Ordinal);
        return globs.Concat(Globs(config)).Select(Normal).Distinct(StringComparer.Ordinal).SelectMany(g => In(g, [])).DistinctBy(s => s.Path)
            .Where(s => owner[s.Path].All(a => s.Router.Length > 0 && s.Router != a.Router));
    }

    /// <summary>One alone takes the place of a stray: who has a route of it before others. What is only observed is written by nobody.</summary>
    static IKeepsLedger? Heir(Stray stray, OopsConfig config)
    {
        List<IKeepsLedger> heirs = [.. config.Actions.KeepLedgers.Where(a => RouterRoute.Via(a.Name, config).Any(r => !r.Observed) && a.Inherits(stray, config))];
        return heirs.Find(a => stray.Shares(RouterRoute.Via(a.Name, config).Where(r => !r.Observed).Select(r => r.Name))) ?? heirs.FirstOrDefault();
    }

    static IEnumerable<IPNetwork> Prefixes(OopsConfig config, string action) => config.Routes.Values.Where(r => r.Via == action).SelectMany(r => r.Prefixes);

    static string Say(Stray stray, OopsConfig config)
    {
        var kind = ActionsConfig.Kinds.First(k => k.Word == stray.Kind);
        var shown = config.Actions.KeepLedgers.Any(a => config.Routes.Values.Any(r => r.Via == a.Name) && a.Shows(stray, config));
        var who = config.Actions.KeepLedgers.Where(a => Normal(a.LedgerPath(config)) == stray.Path).ToList() switch
        {
            [] => $"no action of the config owns {stray.Path} (action {stray.Action} wrote it)",
            [var a] when stray.Router.Length > 0 && stray.Router != a.Router => $"{stray.Path} is of another router than action {a.Name} has now",
            _ => $"no route of the config goes via {stray.Action}, which wrote {stray.Path}",
        };
        return $"{who}, {kind.Stands(stray)}; {(shown ? "`oops release PREFIX` takes each away" : kind.Undo(stray))}";
    }
}
