using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>A file of ours that no action of the config writes: its action was renamed or removed. BIRD takes it in like any other.</summary>
internal sealed record BirdStray(string Path, string Action, ImmutableArray<RouteWanted> Routes)
{
    /// <summary>What BIRD announces because of it.</summary>
    public IReadOnlyList<IPNetwork> Announced => [.. Routes.Where(r => r.Form != RouteForm.Withdrawn).SelectMany(r => r.Prefixes).Distinct()];

    /// <summary>Both would define the same symbols, which BIRD does not take.</summary>
    public bool Shares(IEnumerable<string> routes) => Routes.Any(r => routes.Contains(r.Route, StringComparer.Ordinal));
}

/// <summary>
/// Finds them. One whose routes an action of the config has (a renamed action) is taken over by that action, at its next change; what nobody owns is shown and
/// not touched, since taking it away would be a withdraw that nobody asked for.
/// </summary>
internal static class BirdStrays
{
    /// <summary>The files of ours that a glob takes in, but for those in <paramref name="owned"/>. What cannot be read is passed over.</summary>
    public static IReadOnlyList<BirdStray> In(string include, IReadOnlyCollection<string> owned)
    {
        try
        {
            string folder = BirdConfigText.Folder(include);
            var names = owned.Select(Normal).ToHashSet(StringComparer.Ordinal);
            string name = Path.GetFileName(include);
            if (!Directory.Exists(folder))
                return [];
            return [.. Directory.EnumerateFiles(folder)
                .Where(p => FileSystemName.MatchesSimpleExpression(name, Path.GetFileName(p), ignoreCase: false) && !names.Contains(p))
                .Order(StringComparer.Ordinal).Select(Read).OfType<BirdStray>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>What nobody of the config owns or takes over and still announces something, in words: for each file, by its path.</summary>
    /// <param name="config">The config in charge, or to be.</param>
    /// <param name="includes">Globs of configs before it.</param>
    public static IReadOnlyDictionary<string, string> Told(OopsConfig config, IEnumerable<string> includes)
    {
        var told = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var owned = config.Actions.Bird.Select(b => b.FilePath).ToHashSet(StringComparer.Ordinal);
        foreach (BirdStray stray in includes.Concat(Includes(config)).Select(Normal).Distinct(StringComparer.Ordinal).SelectMany(i => In(i, owned)))
            if (stray.Announced.Count > 0 && !config.Actions.Bird.Any(b => IsTakenOver(stray, b, config)))
                told[stray.Path] = Say(stray, config.Actions.Bird.FirstOrDefault(b => Matches(b.Include, stray.Path) && !stray.Announced.Any(RouterRoute.Via(b.Name, config).SelectMany(r => r.Prefixes).Contains)));
        return told;
    }

    /// <summary>All that is not as it should be with a config's files.</summary>
    public static IReadOnlyList<string> Wrong(OopsConfig config) =>
        [.. Told(config, []).Values, .. config.Actions.Bird.Select(b => b.Include).Distinct(StringComparer.Ordinal).SelectMany(Doubles)];

    /// <summary>The globs to look for.</summary>
    public static IEnumerable<string> Includes(OopsConfig config) =>
        config.Actions.Bird.Select(b => b.Include).Append(Path.Combine(config.RuntimeDirectory, "bird-*.conf"));

    /// <summary>Two files of ours that define the same symbols: BIRD does not take its configuration, nor start with it.</summary>
    public static IReadOnlyList<string> Doubles(string include)
    {
        IReadOnlyList<BirdStray> all = In(include, []);
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = new List<string>();
        foreach ((BirdStray file, RouteWanted route) in all.SelectMany(f => f.Routes.Select(r => (f, r))))
            if (!first.TryAdd(route.Route, file.Path))
                lines.Add($"{first[route.Route]} and {file.Path} both define route {route.Route}: BIRD takes no configuration that has both, and does not start with it; remove the one whose action the config does not have, then `birdc configure`");
        return lines;
    }

    /// <summary>A path by one name: an owned file must never be taken for another's.</summary>
    static string Normal(string path) => Path.Combine(BirdConfigText.Folder(path), Path.GetFileName(path));

    /// <summary>What is only observed is written by nobody.</summary>
    static bool IsTakenOver(BirdStray stray, BirdConfig bird, OopsConfig config) =>
        Matches(bird.Include, stray.Path) && stray.Shares(RouterRoute.Via(bird.Name, config).Where(r => !r.Observed).Select(r => r.Name));

    static bool Matches(string include, string path) =>
        BirdConfigText.Folder(include) == BirdConfigText.Folder(path) && FileSystemName.MatchesSimpleExpression(Path.GetFileName(include), Path.GetFileName(path), ignoreCase: false);

    static string Say(BirdStray stray, BirdConfig? by) =>
        $"no action of the config owns {stray.Path} (action {stray.Action} wrote it), and BIRD announces {string.Join(' ', stray.Announced)} because of it, also after a restart; {(by is null ? $"`rm {stray.Path} && birdc configure` takes it away" : "`oops release PREFIX` takes each away")}, the action back in the config keeps it";

    static BirdStray? Read(string path)
    {
        string text = new LedgerFile(path).Read() ?? "";
        if (!text.StartsWith(BirdInclude.Header, StringComparison.Ordinal))
            return null;
        string rest = text[BirdInclude.Header.Length..];
        int end = rest.IndexOf('`', StringComparison.Ordinal);
        return end < 0 ? null : new BirdStray(path, rest[..end], Ledger.Parse(text));
    }
}
