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

/// <summary>The changes of a plan, in requests that Route 53 takes.</summary>
internal static class Route53Batches
{
    /// <summary>ResourceRecord elements of a request, and characters of their values.</summary>
    public const int MostRecords = 1000, MostCharacters = 32_000;

    /// <summary>In their order. What happens at one name is in one request, which is taken whole or not at all, so that nobody sees a name half changed; what goes is before what comes, for a CNAME stands alone.</summary>
    public static IEnumerable<IReadOnlyList<Route53Change>> Of(SyncPlan plan, Route53Zone zone)
    {
        var batch = new Batch();
        foreach (var (owner, changes) in plan.ByName)
        {
            var name = new Batch(changes.SelectMany(c => Changes(c, owner, zone)));

            // A name that is too much for one request is the only one that is split: what goes is first.
            foreach (var part in name.IsTooMuch ? name.Ordered.Select(static c => new Batch([c])) : [name])
            {
                if (!batch.HasRoomFor(part))
                {
                    yield return batch.Ordered;
                    batch = new();
                }

                batch.Add(part.Ordered);
            }
        }

        if (!batch.IsEmpty)
            yield return batch.Ordered;
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
        return new Batch([before, after]).Share <= new Batch([upsert]).Share ? [before, after] : [upsert];
    }

    /// <summary>What is carried is well-formed: the plan left out what is not.</summary>
    public static Route53Set Written(in DnsName owner, DnsType type, SetData set) => new(Route53Text.Name(owner), set.Ttl, [.. set.Data.Select(d => Route53Text.Value(type, d) ?? "")]);

    /// <summary>Changes that go together, and how much of a request they are.</summary>
    sealed class Batch
    {
        readonly List<Route53Change> changes = [];
        int records, characters;

        public Batch(params IEnumerable<Route53Change> first) => Add(first);

        public bool IsEmpty => changes.Count == 0;

        public double Share => Math.Max(records / (double)MostRecords, characters / (double)MostCharacters);

        public bool IsTooMuch => Share > 1;

        public List<Route53Change> Ordered => [.. changes.OrderBy(static c => c.Action)];

        public bool HasRoomFor(Batch more) => IsEmpty || (records + more.records <= MostRecords && characters + more.characters <= MostCharacters);

        public void Add(IEnumerable<Route53Change> more)
        {
            foreach (var change in more)
            {
                changes.Add(change);
                records += change.Records;
                characters += change.Characters;
            }
        }
    }
}
