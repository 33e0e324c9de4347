using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Native;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// What an action finds of others of ours in its folder: strays that have routes of its own (it was renamed), which it takes the place of, so that both never
/// stand together; routes and prefixes of its own in the file of another action of the config (they moved), which go out of there before they come in here; and strays of which
/// a person released something.
/// </summary>
internal sealed class Inheritance
{
    readonly LedgerFile file;
    readonly Stray? heir;
    readonly IReadOnlyList<Stray> doubles;
    readonly IReadOnlyList<Stray> others;
    readonly IReadOnlyList<Stray> moved;
    readonly List<(LedgerFile File, string Text)> theirs = [];
    IReadOnlyCollection<string> names = [];
    IReadOnlyCollection<IPNetwork> prefixes = [];

    Inheritance(LedgerFile file, string? before, ImmutableArray<RouteWanted> routes, Stray? heir, IReadOnlyList<Stray> doubles, IReadOnlyList<Stray> others, IReadOnlyList<Stray> moved)
    {
        (this.file, this.heir, this.doubles, this.others, this.moved) = (file, heir, doubles, others, moved);
        // What takes its name is to be replaced, whatever was there.
        (Before, Routes) = (heir is null ? before : null, routes);
    }

    /// <summary>The text of the action's own file; null also where another takes its name.</summary>
    public string? Before { get; }

    /// <summary>What is in it, and in those that it takes the place of.</summary>
    public ImmutableArray<RouteWanted> Routes { get; }

    /// <param name="include">The glob.</param>
    /// <param name="owned">The files of actions of the config.</param>
    /// <param name="file">The action's own.</param>
    /// <param name="names">The routes that are to be in it.</param>
    /// <param name="prefixes">Theirs.</param>
    public static Inheritance Look(string include, HashSet<string> owned, LedgerFile file, IReadOnlyCollection<string> names, IReadOnlyCollection<IPNetwork> prefixes)
    {
        string? before = file.Read();
        ImmutableArray<RouteWanted> routes = Ledger.Parse(before ?? "");
        IReadOnlyList<Stray> strays = Strays.In(include, owned);
        List<string> own = [.. names, .. routes.Select(r => r.Route)];
        List<Stray> doubles = [.. strays.Where(s => s.Shares(own))];
        // Without routes in its own file nothing is lost when another takes its name.
        Stray? heir = routes.IsEmpty ? doubles.FirstOrDefault() : null;
        foreach (Stray stray in doubles)
            routes = Ledger.Join(routes, stray.Routes);
        var known = strays.Select(s => s.Path).Append(Strays.Normal(file.Path)).ToHashSet(StringComparer.Ordinal);
        List<Stray> moved = [.. Strays.In(include, known).Where(s => s.Shares(names) || s.Routes.Any(r => r.Prefixes.Any(prefixes.Contains)))];
        foreach (Stray other in moved)
            routes = Ledger.Join(routes, [.. other.Routes.Where(r => names.Contains(r.Route))]);
        return new Inheritance(file, before, routes, heir, [.. doubles.Where(d => d != heir)], [.. strays.Except(doubles)], moved) { names = names, prefixes = prefixes };
    }

    /// <summary>More than the action's own file has to be written.</summary>
    public bool IsMore(ImmutableArray<IPNetwork> released) => heir is not null || doubles.Count > 0 || moved.Count > 0 || others.Any(o => Has(o, released));

    /// <summary>
    /// Writes the own file, and before it what it takes over. All is on the disk before the first rename, so that what moves is in neither file for a moment only; where that
    /// goes wrong the others have it back: it is announced, and the next reconfiguration, whoever asks for it, would withdraw it. Null, or why not.
    /// </summary>
    public string? Write(string text)
    {
        bool stays = text == Before;
        if ((stays ? null : file.Prepare(text)) is { } cannot)
            return cannot;
        string? why = Enter() ?? (stays ? null : file.Put());
        // It may be in place though the folder was not synced; then two files would define it.
        return why is null || file.Read() == text ? why : why + GiveBack();
    }

    /// <summary>
    /// Before the own file is written: the stray gets its name, which is one step; and what has moved leaves the other's file. Two files that define the same route
    /// are worse than none that does for a moment: BIRD goes on with what it has, and would not start with both. Null, or why not.
    /// </summary>
    public string? Enter()
    {
        foreach (Stray other in moved)
        {
            var their = new LedgerFile(other.Path);
            if (their.Read() is not { } text)
                continue;
            if (their.Prepare(BirdInclude.Without(other.Action, text, names, prefixes)) is { } cannot)
                return cannot;
            theirs.Add((their, text));
        }
        string? why = null;
        foreach ((LedgerFile their, _) in theirs)
            why ??= their.Put();
        return why ?? (heir is null ? null : Try(heir.Path, () => File.Move(heir.Path, file.Path, overwrite: true)));
    }

    /// <summary>Empty, or what it adds to the reason.</summary>
    string GiveBack() => string.Concat(theirs.Where(t => t.File.Read() != t.Text).Select(t => t.File.Write(t.Text)).OfType<string>().Select(w => $"; nor give back what moved: {w}"));

    /// <summary>After it was written: what it has now goes out of the others. Null, or why not.</summary>
    public string? Leave(ImmutableArray<IPNetwork> released, uint? asn)
    {
        string? why = null;
        foreach (Stray stray in doubles)
            why ??= Try(stray.Path, () => File.Delete(stray.Path));
        foreach (Stray stray in others.Where(o => Has(o, released)))
        {
            List<RouteWanted> rest = [.. stray.Routes.Select(r => r with { Prefixes = [.. r.Prefixes.Where(p => !released.Contains(p))] }).Where(r => r.Prefixes.Length > 0)];
            why ??= rest.Count == 0 ? Try(stray.Path, () => File.Delete(stray.Path)) : new LedgerFile(stray.Path).Write(BirdInclude.Render(stray.Action, rest, asn));
        }
        return why;
    }

    static bool Has(Stray stray, ImmutableArray<IPNetwork> released) => stray.Routes.Any(r => r.Prefixes.Any(released.Contains));

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
