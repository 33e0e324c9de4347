using Oops.Native;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Actions.Route53;

/// <summary>What a change does.</summary>
internal enum Route53Verb
{
    /// <summary>Of what is there as it is told; else it is refused.</summary>
    Delete,

    /// <summary>Whatever is there.</summary>
    Upsert,

    /// <summary>Of what is not there; else it is refused.</summary>
    Create,
}

/// <summary>An RRset as Route 53 writes it.</summary>
/// <param name="Name">Its owner.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Values">A record each.</param>
internal sealed record Route53Set(string Name, uint Ttl, IReadOnlyList<string> Values);

/// <summary>One change of an RRset.</summary>
internal sealed record Route53Change(Route53Verb Action, DnsType Type, Route53Set Set)
{
    /// <summary>An UPSERT counts as if it deleted and created.</summary>
    int Weight => Action == Route53Verb.Upsert ? 2 : 1;

    public int Records => Weight * Set.Values.Count;

    public int Characters => Weight * Set.Values.Sum(static v => v.Length);
}

/// <summary>Changes that go into one request together, or not at all.</summary>
internal sealed class Route53Part
{
    readonly List<Route53Change> changes = [];
    int characters;

    public Route53Part(params IEnumerable<Route53Change> first) => Add(first);

    /// <summary>Of all of its changes, where it is of one name.</summary>
    public DnsName Owner { get; init; }

    public bool IsEmpty => changes.Count == 0;

    public int Records { get; private set; }

    /// <summary>Of a request.</summary>
    public double Share => Math.Max(Records / (double)Route53Batches.MostRecords, characters / (double)Route53Batches.MostCharacters);

    public bool IsTooMuch => Share > 1;

    /// <summary>What goes is before what comes, for a CNAME stands alone.</summary>
    public IReadOnlyList<Route53Change> Ordered => [.. changes.OrderBy(static c => c.Action)];

    /// <summary>`a.example. A, TXT`.</summary>
    public string Words => string.Join("; ", changes.GroupBy(static c => c.Set.Name).Select(static n => $"{OutputTail.Printable(n.Key)} {string.Join(", ", n.Select(static c => TypeNames.Of(c.Type)).Distinct())}"));

    /// <summary>Both in one.</summary>
    public Route53Part With(Route53Part more) => new([.. changes, .. more.changes]) { Owner = Owner };

    public bool HasRoomFor(Route53Part more) => IsEmpty || (Records + more.Records <= Route53Batches.MostRecords && characters + more.characters <= Route53Batches.MostCharacters);

    public void Add(IEnumerable<Route53Change> more)
    {
        foreach (var change in more)
        {
            changes.Add(change);
            Records += change.Records;
            characters += change.Characters;
        }
    }

    public static Route53Part Of(IEnumerable<Route53Part> parts, DnsName owner = default) => new(parts.SelectMany(static p => p.changes)) { Owner = owner };
}

/// <summary>The changes of a plan, in requests that Route 53 takes.</summary>
internal static class Route53Batches
{
    /// <summary>ResourceRecord elements of a request, and characters of their values.</summary>
    public const int MostRecords = 1000, MostCharacters = 32_000;

    /// <summary>In their order: of each request the parts that it is made of. What happens at one name is in one request, which is taken whole or not at all, so that nobody sees a name half changed.</summary>
    /// <param name="plan">What must change.</param>
    /// <param name="zone">As it was read.</param>
    /// <param name="without">Takes what fits into no request.</param>
    /// <param name="which">Only of these names; null: of all.</param>
    public static IEnumerable<IReadOnlyList<Route53Part>> Of(SyncPlan plan, Route53Zone zone, Action<Route53Part> without, Predicate<DnsName>? which = null)
    {
        List<Route53Part> batch = [];
        var all = new Route53Part();
        foreach (var part in plan.ByName.Where(n => which?.Invoke(n.Owner) != false).SelectMany(n => Parts(n.Owner, n.Changes, zone, without)))
        {
            if (!all.HasRoomFor(part))
            {
                yield return batch;
                (batch, all) = ([], new());
            }

            batch.Add(part);
            all.Add(part.Ordered);
        }

        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>What happens at a name: one part, and where that is too much, one for each RRset, which is never without what it was before it has what it shall be. What is too much even so is left as it is.</summary>
    static IEnumerable<Route53Part> Parts(DnsName owner, IReadOnlyList<SetChange> changes, Route53Zone zone, Action<Route53Part> without)
    {
        var sets = changes.Select(c => (IsCname: c.Type == DnsType.Cname, Comes: c.After is not null, Part: new Route53Part(Changes(c, owner, zone)) { Owner = owner })).ToList();
        var whole = Route53Part.Of(sets.Select(static s => s.Part), owner);
        if (!whole.IsTooMuch)
            return [whole];
        var parts = sets.Where(static s => !s.IsCname).Select(static s => s.Part).OrderBy(static p => p.Share).ToList();
        if (sets.Find(static s => s.IsCname) is { Part: { } cname } alone)
        {
            // It is alone at its name. Where it goes, that is in the request of the first that comes. Where it comes, all that is there would be gone before it is known whether it is taken.
            var both = parts[0].With(cname);
            if (alone.Comes || both.IsTooMuch)
            {
                without(whole);
                return [];
            }

            parts[0] = both;
        }

        foreach (var part in parts.Where(static p => p.IsTooMuch))
            without(part);
        return parts.Where(static p => !p.IsTooMuch);
    }

    /// <summary>
    /// What costs least. To delete and to create is no dearer than an UPSERT as long as the RRset does not shrink, and it is refused where somebody else has changed the RRset: an UPSERT would write over that.
    /// </summary>
    static IEnumerable<Route53Change> Changes(SetChange change, in DnsName owner, Route53Zone zone)
    {
        var before = change.Before is null ? null : new Route53Change(Route53Verb.Delete, change.Type, zone.AsRead(owner, change.Type, change.Before));
        var after = change.After is null ? null : new Route53Change(Route53Verb.Create, change.Type, Written(owner, change.Type, change.After));
        if (before is null || after is null)
            return before is null ? [after!] : [before];
        var upsert = after with { Action = Route53Verb.Upsert };
        return new Route53Part([before, after]).Share <= new Route53Part([upsert]).Share ? [before, after] : [upsert];
    }

    /// <summary>What is carried is well-formed: the plan left out what is not.</summary>
    public static Route53Set Written(in DnsName owner, DnsType type, SetData set) => new(Route53Text.Name(owner), set.Ttl, [.. set.Data.Select(d => Route53Text.Value(type, d) ?? "")]);
}
