using System.Globalization;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Sync;

/// <summary>An RRset of the zone that is not carried to the target, and why.</summary>
internal sealed record LeftOut(string Owner, DnsType Type, string Why);

/// <summary>What must change at a target so that it has the zone.</summary>
internal sealed class SyncPlan
{
    /// <summary>RRsets left out that are named; more are counted.</summary>
    public const int Named = 100;

    readonly List<SetChange> changes = [];

    // Names of the servers of the target's own NS records, where it keeps these: without addresses they lead nowhere, and BIND refuses it.
    readonly HashSet<DnsName> servers = [];
    readonly List<LeftOut> left = [];

    // What of its own the target has at a name: one for each, and the CNAME where it is one.
    readonly Dictionary<string, (DnsType Type, string Why)> own = [];

    SyncPlan(ZoneVersion zone, TargetZone target)
    {
        (Zone, Target) = (zone, target);
        foreach (var ((owner, type), why) in target.Own)
        {
            if (type == DnsType.Cname || !own.ContainsKey(owner))
                own[owner] = (type, why);
        }
    }

    /// <summary>The zone as it shall be.</summary>
    public ZoneVersion Zone { get; }

    /// <summary>The zone as it was read at the target.</summary>
    public TargetZone Target { get; }

    /// <summary>By name in canonical order, by type within.</summary>
    public IReadOnlyList<SetChange> Changes => changes;

    /// <summary>The same, name by name.</summary>
    public IEnumerable<(DnsName Owner, IReadOnlyList<SetChange> Changes)> ByName
    {
        get
        {
            for (var at = 0; at < changes.Count;)
            {
                var first = at;
                while (at < changes.Count && changes[at].Key.AsSpan().SequenceEqual(changes[first].Key))
                    at++;
                yield return (NameKey.Read(changes[first].Key, Zone.Apex), changes.GetRange(first, at - first));
            }
        }
    }

    /// <summary>The first <see cref="Named"/> of <see cref="LeftOutCount"/>.</summary>
    public IReadOnlyList<LeftOut> Left => left;

    public int LeftOutCount { get; private set; }

    /// <summary>RRsets that there are in the zone, and at the target, of those that are compared.</summary>
    public int Wanted { get; private set; }

    public int Existing { get; private set; }

    public int Creates { get; private set; }

    public int Updates { get; private set; }

    public int Deletes { get; private set; }

    public bool IsSame => changes.Count == 0;

    public static SyncPlan Of(ZoneVersion zone, TargetZone target, ISyncTarget at)
    {
        var plan = new SyncPlan(zone, target);
        if (at.Scope.Leaves([], DnsType.Ns))
            plan.TakeServers();
        // What both share need not be looked at, but how much there is counts for the brake.
        plan.Wanted = Count(zone, at.Scope);
        plan.Existing = Count(target.Version, at.Scope);
        TreeDifference.Each(target.Version.Names, zone.Names, (key, in was, in @is) => plan.Compare(key, was, @is, at));
        return plan;
    }

    /// <summary>Of all that is to change, in this process: what differs in the same way has the same.</summary>
    public int Difference
    {
        get
        {
            var hash = default(HashCode);
            foreach (var change in changes)
            {
                hash.AddBytes(change.Key);
                hash.Add(change.Type);
                foreach (var set in (SetData?[])[change.Before, change.After])
                {
                    hash.Add(set?.Ttl);
                    foreach (var data in set?.Data ?? [])
                        hash.AddBytes(data);
                }
            }

            return hash.ToHashCode();
        }
    }

    /// <summary>`serial 7: 3 to create ...; 2 RRsets are left as they are`.</summary>
    public string Told => string.Create(CultureInfo.InvariantCulture, $"serial {Zone.Soa?.Serial}: {Words}{(LeftOutCount > 0 ? $"; {LeftOutCount} RRsets are left as they are" : "")}");

    /// <summary>`3 to create, 1 to change, 2 to delete, of 120 RRsets`.</summary>
    public string Words => WordsOf(Creates, Updates, Deletes, Existing);

    public static string WordsOf(int creates, int updates, int deletes, int existing) =>
        creates + updates + deletes == 0 ? "nothing to change" : string.Create(CultureInfo.InvariantCulture, $"{creates} to create, {updates} to change, {deletes} to delete, of {existing} RRsets");

    static int Count(ZoneVersion zone, SyncScope scope)
    {
        var count = 0;
        for (var cursor = zone.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            foreach (var rrset in cursor.Current.RRsets)
                count += scope.Leaves(cursor.Current.Key, rrset.Type) ? 0 : 1;
        }

        return count;
    }

    void Compare(ReadOnlySpan<byte> key, in ZoneNode was, in ZoneNode @is, ISyncTarget at)
    {
        // In the order of types, and of one type there is one but for signatures, which nobody carries.
        var old = Entries(was);
        var now = Entries(@is);
        var (hasOld, hasNow) = (old.MoveNext(), now.MoveNext());
        // What a CNAME would take the place of stays, where the CNAME does not come.
        var alias = @is.IsNone ? default : @is.Get(DnsType.Cname);
        var waits = alias.Count > 0 && Spared(NameKey.Read(key, Zone.Apex), DnsType.Cname, alias, at) is { } why ? $"the CNAME in its place is left out: {why}" : null;
        // And the CNAME stays where all that takes its place is left out: else nothing would be there.
        var heirs = alias.Count == 0 && !was.IsNone && was.Get(DnsType.Cname).Count > 0 && Missing(key, @is, at) is { } missing ? $"what is to take its place is left out: {missing}" : null;
        while (hasOld || hasNow)
        {
            var order = !hasOld ? 1 : !hasNow ? -1 : old.Current.Type.CompareTo(now.Current.Type);
            if (order == 0 && hasOld && old.Current.Type == DnsType.Rrsig)
                order = -1;
            var type = order > 0 ? now.Current.Type : old.Current.Type;
            if (!at.Scope.Leaves(key, type) && !(order == 0 && old.Current.IsSame(now.Current)))
                Note(key, type, order > 0 ? default : old.Current, order < 0 ? default : now.Current, at, order < 0 ? type == DnsType.Cname ? heirs : waits : null);
            if (order <= 0)
                hasOld = old.MoveNext();
            if (order >= 0)
                hasNow = now.MoveNext();
        }

        static ZoneNode.Entries Entries(in ZoneNode node) => node.IsNone ? default : node.RRsets;
    }

    /// <summary>Why nothing of what there is at a name is carried; null: something is, or there is nothing.</summary>
    string? Missing(ReadOnlySpan<byte> key, in ZoneNode now, ISyncTarget at)
    {
        if (now.IsNone)
            return null;
        string? first = null;
        var owner = NameKey.Read(key, Zone.Apex);
        foreach (var rrset in now.RRsets)
        {
            if (at.Scope.Leaves(key, rrset.Type))
                continue;
            if (Spared(owner, rrset.Type, rrset, at) is not { } why)
                return null;
            first ??= why;
        }

        return first;
    }

    void TakeServers()
    {
        if (Target.Version.ApexNode is not { IsNone: false } apex)
            return;
        foreach (var data in apex.Get(DnsType.Ns).Data)
        {
            if (DnsName.TryFromWire(data, out var server))
                servers.Add(server);
        }
    }

    /// <summary>Why an RRset is not touched; null: it is.</summary>
    string? Spared(in DnsName owner, DnsType type, in RRset wanted, ISyncTarget at)
    {
        if (at.Lacks(owner, type, wanted) is { } lacking)
            return lacking;
        if (wanted.Count == 0)
            return type is DnsType.A or DnsType.Aaaa && servers.Contains(owner) ? "the target's own NS records need it" : null;
        var name = owner.ToString();
        if (Target.Own.TryGetValue((name, type), out var why))
            return why;
        // Beside a CNAME there is nothing else (RFC 1034, 3.6.2).
        return own.TryGetValue(name, out var beside) && (type == DnsType.Cname || beside.Type == DnsType.Cname) ? $"beside {(beside.Type == default ? "it" : TypeNames.Of(beside.Type))}: {beside.Why}" : null;
    }

    void Note(ReadOnlySpan<byte> key, DnsType type, in RRset was, in RRset @is, ISyncTarget at, string? waits)
    {
        var owner = NameKey.Read(key, Zone.Apex);
        if ((waits ?? Spared(owner, type, @is, at)) is { } why)
        {
            LeftOutCount++;
            if (left.Count < Named)
                left.Add(new(owner.ToString(), type, why));
            return;
        }

        changes.Add(new(key.ToArray(), type, SetData.Of(was), SetData.Of(@is)));
        if (was.Count == 0)
            Creates++;
        else if (@is.Count == 0)
            Deletes++;
        else
            Updates++;
    }
}
