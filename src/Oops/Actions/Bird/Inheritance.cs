using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Native;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// What an action finds of others of ours in its folder: strays that have routes of its own (it was renamed), which it takes the place of, so that both never
/// stand together; and strays of which a person released something.
/// </summary>
internal sealed class Inheritance
{
    readonly LedgerFile file;
    readonly BirdStray? heir;
    readonly IReadOnlyList<BirdStray> doubles;
    readonly IReadOnlyList<BirdStray> others;

    Inheritance(LedgerFile file, string? before, ImmutableArray<RouteWanted> routes, BirdStray? heir, IReadOnlyList<BirdStray> doubles, IReadOnlyList<BirdStray> others)
    {
        (this.file, this.heir, this.doubles, this.others) = (file, heir, doubles, others);
        // What takes its name is to be replaced, whatever was there.
        (Before, Routes) = (heir is null ? before : null, routes);
    }

    /// <summary>The text of the action's own file; null also where another takes its name.</summary>
    public string? Before { get; }

    /// <summary>What is in it, and in those that it takes the place of.</summary>
    public ImmutableArray<RouteWanted> Routes { get; }

    public static Inheritance Look(string include, HashSet<string> owned, LedgerFile file, IEnumerable<string> names)
    {
        string? before = file.Read();
        ImmutableArray<RouteWanted> routes = Ledger.Parse(before ?? "");
        IReadOnlyList<BirdStray> strays = BirdStrays.In(include, owned);
        List<string> own = [.. names, .. routes.Select(r => r.Route)];
        List<BirdStray> doubles = [.. strays.Where(s => s.Shares(own))];
        // Without routes in its own file nothing is lost when another takes its name.
        BirdStray? heir = routes.IsEmpty ? doubles.FirstOrDefault() : null;
        foreach (BirdStray stray in doubles)
            routes = Join(routes, stray.Routes);
        return new Inheritance(file, before, routes, heir, [.. doubles.Where(d => d != heir)], [.. strays.Except(doubles)]);
    }

    /// <summary>More than the action's own file has to be written.</summary>
    public bool Strays(ImmutableArray<IPNetwork> released) => heir is not null || doubles.Count > 0 || others.Any(o => Has(o, released));

    /// <summary>Before the own file is written: the stray gets its name, which is one step. Null, or why not.</summary>
    public string? Enter() => heir is null ? null : Try(heir.Path, () => File.Move(heir.Path, file.Path, overwrite: true));

    /// <summary>After it was written: what it has now goes out of the others. Null, or why not.</summary>
    public string? Leave(ImmutableArray<IPNetwork> released, uint? asn)
    {
        string? why = null;
        foreach (BirdStray stray in doubles)
            why ??= Try(stray.Path, () => File.Delete(stray.Path));
        foreach (BirdStray stray in others.Where(o => Has(o, released)))
        {
            List<RouteWanted> rest = [.. stray.Routes.Select(r => r with { Prefixes = [.. r.Prefixes.Where(p => !released.Contains(p))] }).Where(r => r.Prefixes.Length > 0)];
            why ??= rest.Count == 0 ? Try(stray.Path, () => File.Delete(stray.Path)) : new LedgerFile(stray.Path).Write(BirdInclude.Render(stray.Action, rest, asn));
        }
        return why;
    }

    static bool Has(BirdStray stray, ImmutableArray<IPNetwork> released) => stray.Routes.Any(r => r.Prefixes.Any(released.Contains));

    /// <summary>The own file's word is the newer one; what only the stray has stays with its route, while that is announced.</summary>
    static ImmutableArray<RouteWanted> Join(ImmutableArray<RouteWanted> own, ImmutableArray<RouteWanted> stray)
    {
        foreach (RouteWanted route in stray)
        {
            if (own.FirstOrDefault(r => r.Route == route.Route) is not { } known)
                own = own.Add(route);
            else if (route.Form != RouteForm.Withdrawn && known.Form != RouteForm.Withdrawn)
                own = own.Replace(known, known with { Prefixes = [.. known.Prefixes.Union(route.Prefixes)] });
        }
        return own;
    }

    static string? Try(string path, Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot take the place of {path}: {Reason.Of(e)}";
        }
    }
}
