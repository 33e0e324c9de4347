using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>
/// What is different in a version, as other pages can see it: which names are there and what they are, which hashes, and where one may be left out. A page that was not changed itself, and rests on none of it,
/// is what it was.
/// </summary>
internal sealed class ZoneChange
{
    // Of the marks the lowest 16 bits, which nearly all questions end at.
    readonly ulong[] filter = new ulong[1024];
    readonly HashSet<ulong> marks = [];
    readonly List<(ulong From, ulong To)> spans = [];
    readonly ZonePlan plan;

    public ZoneChange(Precedent before, ZonePlan plan)
    {
        this.plan = plan;
        TakeNames(before);
        if (plan.Denial.IsHashed)
            TakeHashes(before);
    }

    /// <summary>What was found of a page stands.</summary>
    /// <param name="index">Of names: where it is now.</param>
    /// <param name="result">What was found.</param>
    public bool LeavesNames(int index, PageResult result)
    {
        var grounds = result.Grounds!;
        if (plan.Denial.IsHashed && !IsBehind(index, grounds.Before))
            return false;
        if (grounds.NextOf >= 0 && !ChainJudge.NextKey(plan.Zone.Names.From(index, grounds.NextOf)).SequenceEqual(grounds.Next))
            return false;
        return Leaves(result);
    }

    /// <summary>The same of a page of hashes.</summary>
    public bool LeavesHashes(int index, PageResult result)
    {
        var pages = plan.Zone.Hashes.Pages;
        var next = pages[index + 1 < pages.Length ? index + 1 : 0].FirstKey;
        return (result.Grounds!.NextOf < 0 || next.SequenceEqual(result.Grounds.Next)) && Leaves(result);
    }

    bool IsBehind(int index, byte[]? before) => index == 0 || before is null ? index == 0 && before is null : plan.Zone.Names.Pages[index - 1].LastKey.SequenceEqual(before);

    /// <summary>What is seen of a name from elsewhere; 0: it is not there.</summary>
    static int Aspects(in ZoneNode node)
    {
        if (node.IsNone)
            return 0;
        var aspects = 1;
        foreach (var rrset in node.RRsets)
        {
            aspects |= rrset.Type switch
            {
                DnsType.A or DnsType.Aaaa => 2,
                DnsType.Cname => 4,
                DnsType.Ns => 8,
                DnsType.Dname => 16,
                DnsType.Ds => 32,
                _ => 0,
            };
        }

        return aspects;
    }

    bool Leaves(PageResult result)
    {
        // Before it is looked at what is where: the moment.
        if (plan.Options.Now >= result.Until)
            return false;
        foreach (var mark in marks.Count == 0 ? [] : result.Grounds!.Asked)
        {
            if (IsLikely(mark) && marks.Contains(mark))
                return false;
        }

        foreach (var (from, to) in spans)
        {
            var at = Array.BinarySearch(result.Grounds!.Open, from);
            at = at < 0 ? ~at : at;
            if (at < result.Grounds.Open.Length && result.Grounds.Open[at] <= to)
                return false;
        }

        return true;
    }

    void Mark(ulong mark)
    {
        marks.Add(mark);
        filter[mark & 1023] |= 1UL << (int)(mark >> 10 & 63);
    }

    bool IsLikely(ulong mark) => (filter[mark & 1023] >> (int)(mark >> 10 & 63) & 1) != 0;

    void TakeNames(Precedent before)
    {
        TreeDifference.Each(before.Zone.Names, plan.Zone.Names, (key, in was, in @is) =>
        {
            if (Aspects(was) == Aspects(@is))
                return;
            Mark(PageGrounds.MarkOf(key));
            Mark(PageGrounds.MarkOfBelow(key));
            foreach (var length in NameKey.Above(key))
                Mark(PageGrounds.MarkOfBelow(key[..length]));
        });
    }

    void TakeHashes(Precedent before)
    {
        var (was, @is) = (before.Denial, plan.Denial);
        TreeDifference.Each(was.Chain, @is.Chain, (key, in older, in newer) => TakeHash(was, @is, key, older, newer));
        TakeWrap(was, @is);
    }

    void TakeHash(Denial was, Denial @is, ReadOnlySpan<byte> key, in ZoneNode wasNode, in ZoneNode isNode)
    {
        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        if (key.Length != Nsec3.LabelSize + 1 || !Nsec3.TryReadLabel(key[..^1], hash))
        {
            // No hash has a place beside it.
            spans.Add((0, ulong.MaxValue));
            return;
        }

        var (had, has) = (was.TryGet(wasNode, out var older), @is.TryGet(isNode, out var newer));
        if (had != has || (had && !older.Types.SequenceEqual(newer.Types)))
            Mark(PageGrounds.MarkOfHash(hash));
        if (IsOpenBehind(was, key) != IsOpenBehind(@is, key))
            spans.Add((PageGrounds.PlaceOf(hash), EndOfSpan(was.Chain, @is.Chain, key)));
    }

    /// <summary>Before the first hash of both: there the last of each covers.</summary>
    void TakeWrap(Denial was, Denial @is)
    {
        if (IsOpenBehind(was, default) != IsOpenBehind(@is, default))
            spans.Add((0, EndOfSpan(was.Chain, @is.Chain, default)));
    }

    /// <summary>What comes right behind a place is in the span of a record that opts out.</summary>
    static bool IsOpenBehind(Denial denial, ReadOnlySpan<byte> place) => HashJudge.TryGetCovering(denial, place, out var covering) && covering.OptOut;

    /// <summary>Up to where neither chain has another hash; those that are no hashes bound nothing.</summary>
    static ulong EndOfSpan(ZoneTree was, ZoneTree @is, ReadOnlySpan<byte> key) => Math.Min(NextPlace(was, key), NextPlace(@is, key));

    static ulong NextPlace(ZoneTree chain, ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        for (var cursor = chain.From(key); !cursor.Current.IsNone; cursor.Next())
        {
            var next = cursor.Current.Key;
            if (!next.SequenceEqual(key) && next.Length == Nsec3.LabelSize + 1 && Nsec3.TryReadLabel(next[..^1], hash))
                return PageGrounds.PlaceOf(hash);
        }

        return ulong.MaxValue;
    }
}
