using Oops.Core;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>Include files of ours that cannot stand together.</summary>
internal static class BirdStrays
{
    /// <summary>Two files that define the same symbols: BIRD does not take its configuration, nor start with it.</summary>
    public static IReadOnlyList<string> Doubles(string include)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = new List<string>();
        foreach ((Stray file, RouteWanted route) in Strays.In(include, []).SelectMany(f => f.Routes.Select(r => (f, r))))
            if (!first.TryAdd(route.Route, file.Path))
                lines.Add($"{first[route.Route]} and {file.Path} both define route {route.Route}: BIRD takes no configuration that has both, and does not start with it; remove the one whose action the config does not have, then `birdc configure`");
        return lines;
    }
}
