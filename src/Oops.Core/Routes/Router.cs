using System.Collections.Immutable;
using System.Net;

namespace Oops.Core;

/// <summary>One router action: what it was last told, what it shows, and what is missing.</summary>
internal sealed class Router(string name)
{
    static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(1);

    int tries;

    public string Name => name;

    public List<Route> Routes { get; } = [];

    public long Sequence { get; set; }

    /// <summary>Why something other than a route's form is to be told: a release; a hold of what the router may not have taken yet. Null: nothing is.</summary>
    public string? Urged { get; set; }

    /// <summary>A prefix has gone from one of its routes to another: the router is to know it by that one before either has to go.</summary>
    public bool HasMoved { get; set; }

    /// <summary>The last intent has not been answered yet.</summary>
    public bool Pending { get; set; }

    public ImmutableArray<IPNetwork> Orphans { get; set; } = [];

    public HashSet<IPNetwork> Released { get; } = [];

    /// <summary>Why the router cannot be read; null: it was.</summary>
    public string? Unread { get; set; }

    /// <summary>Why it would not obey; null: it did, or it was read since, which tells more of each route.</summary>
    public string? Refusal { get; set; }

    /// <summary>Why it did not take all of what it was told last, as long as the alarm of that stands: a reading does not take it away.</summary>
    public string? NotTaken { get; set; }

    /// <summary>The same words are said to it again until they are taken, or replaced.</summary>
    public bool IsRetried { get; set; }

    /// <summary>For whose sake it was told its table last, and when.</summary>
    (IReadOnlyList<Route> Routes, At At) asked = ([], At.Zero);

    public void Ask(IReadOnlyList<Route> routes, At now) => asked = (routes, now);

    /// <summary>The text of its alarm `effect`.</summary>
    public string Refused(At now) =>
        $"{name} did not take, or not all of, what it was told {Words.Of(now - asked.At)} ago ({string.Join("; ", asked.Routes.Select(r => r.Asked))}): {NotTaken}; {(IsRetried ? "it is tried again" : "it is told again when something else is wanted, or what it shows is not what was asked")}";

    /// <summary>The text of its alarm `missing`.</summary>
    public string Lacking(At now)
    {
        var words = $"{name} does not show what was asked of it: ";
        var held = string.Join("; ", Routes.Where(r => r.IsMissingHeld).Select(r => r.Missed(now)));
        if (held.Length > 0) held += "; it is held, and told nothing until `oops unhold`";
        if (!Missing) return words + held;
        words += $"{string.Join("; ", Routes.Where(r => r.IsMissing).Select(r => r.Missed(now)))}; it is told again {(Pending ? "until it takes it" : AgainAt is { } at && at > now ? "in " + Words.Of(at - now) : "now")}";
        return held.Length == 0 ? words : $"{words}; and {held}";
    }

    /// <summary>The text of its alarm `orphan`.</summary>
    public string Left
    {
        get
        {
            var alone = Orphans.Where(IsAlone).ToList();
            var whose = alone.Count == 0 ? "they leave with a withdraw of their route, and do not come back with it"
                : $"{(alone.Count == Orphans.Length ? "nobody follows them any more" : $"nobody follows {string.Join(' ', alone)} any more, the others leave with a withdraw of their route")}: they stay whatever becomes of the servers";
            return $"{name} still has prefixes that left the config: {string.Join(' ', Orphans)}; {whose}. `oops release PREFIX` takes one away; a route of the config with it follows it again";
        }
    }

    /// <summary>Of an orphan: no route of the config takes it along.</summary>
    public bool IsAlone(IPNetwork orphan) => Last is not { } read || !read.Followed.Contains(orphan);

    public RouterObserved? Last { get; set; }

    /// <summary>When to say it again, because the effect is missing.</summary>
    public At? AgainAt { get; private set; }

    public bool Missing => Routes.Exists(r => r.IsMissing);

    public bool MissingHeld => Routes.Exists(r => r.IsMissingHeld);

    public void Check(At now)
    {
        foreach (var route in Routes) route.Miss(now);
        if (!Missing)
        {
            (AgainAt, tries) = (null, 0);
            return;
        }
        AgainAt ??= now + TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(tries, 10)));
    }

    public bool Again(At now)
    {
        if (AgainAt is not { } at || at > now) return false;
        tries++;
        AgainAt = null;
        return true;
    }

    /// <summary>The whole table, but for routes that were not seen yet or are held: what the router has of them is to stay.</summary>
    public RouterIntent Intent(long sequence, string because)
    {
        Sequence = sequence;
        (Pending, Urged) = (true, null);
        return new(name, sequence, because, [.. Routes.Select(r => r.Table).OfType<RouteWanted>()])
        {
            Released = [.. Released],
        };
    }
}
