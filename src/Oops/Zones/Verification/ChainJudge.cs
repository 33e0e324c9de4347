using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>Judges what proves that there is nothing else: a name's NSEC record (RFC 4034, 4), or the NSEC3 record of its hash (RFC 5155). One for each thread.</summary>
internal sealed class ChainJudge(ZonePlan plan, Docket docket)
{
    readonly List<DnsType> types = [];
    readonly byte[] bitmap = new byte[TypeBitmap.MaxSize];

    /// <summary>Empty names that may be hashed before the rest is not.</summary>
    public long Left { get; set; } = long.MaxValue;

    Findings Findings => docket.Findings;

    /// <param name="here">On the name.</param>
    /// <param name="role">What it is.</param>
    /// <param name="previous">The name before it in the zone.</param>
    public void Judge(ZoneCursor here, NameRole role, ReadOnlySpan<byte> previous)
    {
        var node = here.Current;
        if (role == NameRole.Below)
            return;
        if (plan.Denial.HasNsec)
            JudgeNsec(node, role, here);
        else if (plan.Denial.Form == DenialForm.Nsec3 && node.Has(DnsType.Nsec))
            Findings.Add(ZoneFault.NsecExtra, node.Key, DnsType.Nsec, "the zone has NSEC3");

        if (!plan.Denial.IsHashed)
            return;
        JudgeEmpty(node, role, previous);
        JudgeHashed(node.Key, Types(node, role, DenialForm.Nsec3), optional: role == NameRole.Delegation && !node.Has(DnsType.Ds), hasNsec: node.Has(DnsType.Nsec));
    }

    void JudgeNsec(in ZoneNode node, NameRole role, ZoneCursor here)
    {
        var nsec = node.Get(DnsType.Nsec);
        if (nsec.Count != 1)
        {
            Findings.Add(nsec.Count == 0 ? ZoneFault.NsecMissing : ZoneFault.NsecNext, node.Key, DnsType.Nsec, nsec.Count == 0 ? "none" : $"{nsec.Count} of them");
            return;
        }

        var at = 0;
        if (!DnsName.TryRead(nsec.First, ref at, out var next))
        {
            Findings.Add(ZoneFault.NsecNext, node.Key, DnsType.Nsec, "the next name is broken");
            return;
        }

        var wanted = NameKey.Read(NextKey(here), plan.Zone.Apex);
        if (next != wanted)
            Findings.Add(ZoneFault.NsecNext, node.Key, DnsType.Nsec, $"{next}, and the next name is {wanted}");
        JudgeTypes(ZoneFault.NsecTypes, node.Key, DnsType.Nsec, nsec.First[at..], Types(node, role, DenialForm.Nsec));
    }

    /// <summary>The next name that has an NSEC record; behind the last the apex.</summary>
    /// <param name="here">On the name.</param>
    public static ReadOnlySpan<byte> NextKey(ZoneCursor here)
    {
        var hides = here.Current.HidesBelow;
        var below = here.Current.Key;
        for (here.Next(); !here.Current.IsNone; here.Next())
        {
            if (!hides || !NameKey.IsBelow(here.Current.Key, below))
                return here.Current.Key;
        }

        return default;
    }

    /// <summary>The types that the proof must tell, as the one form of a bitmap. Of NSEC3 without NSEC, which signers leave out of it or do not.</summary>
    ReadOnlySpan<byte> Types(in ZoneNode node, NameRole role, DenialForm form)
    {
        types.Clear();
        var signed = form == DenialForm.Nsec;
        foreach (var rrset in node.RRsets)
        {
            if (rrset.Type == DnsType.Rrsig)
                signed |= role == NameRole.Authoritative || rrset.Covered == DnsType.Ds;
            else if (rrset.Type == DnsType.Nsec ? form == DenialForm.Nsec : role == NameRole.Authoritative || rrset.Type is DnsType.Ns or DnsType.Ds)
                types.Add(rrset.Type);
        }

        if (signed)
            Insert(DnsType.Rrsig);
        return Bitmap();
    }

    void Insert(DnsType type) => types.Insert(types.FindIndex(t => t > type) is >= 0 and var at ? at : types.Count, type);

    ReadOnlySpan<byte> Bitmap() => bitmap.AsSpan(0, TypeBitmap.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(types), bitmap));

    void JudgeTypes(ZoneFault fault, ReadOnlySpan<byte> key, DnsType type, ReadOnlySpan<byte> has, ReadOnlySpan<byte> wanted)
    {
        if (has.SequenceEqual(wanted))
            return;
        var (had, want) = (TypeBitmap.Types(has), TypeBitmap.Types(wanted));
        var more = string.Join(' ', had.Except(want).Take(10).Select(TypeNames.Of));
        var less = string.Join(' ', want.Except(had).Take(10).Select(TypeNames.Of));
        Findings.Add(fault, key, type, (more, less) switch
        {
            ("", "") => "the bitmap is not in its one form",
            (_, "") => $"tells of {more}, which is not there",
            ("", _) => $"does not tell of {less}",
            _ => $"tells of {more}, which is not there, and not of {less}",
        });
    }

    /// <summary>The names between this one and the one before that have nothing, and only something below them (RFC 5155, 7.1).</summary>
    void JudgeEmpty(in ZoneNode node, NameRole role, ReadOnlySpan<byte> previous)
    {
        var key = node.Key;
        foreach (var length in NameKey.Above(key))
        {
            if (previous.StartsWith(key[..length]))
                continue;
            if (Left-- <= 0)
            {
                Findings.Add(ZoneFault.Nsec3Unchecked, key[..length], DnsType.Nsec3, "an empty name");
                continue;
            }

            docket.Result.Empty++;
            types.Clear();
            // Of delegations without DS only: what opts out leaves it out, too.
            JudgeHashed(key[..length], Bitmap(), optional: true, role == NameRole.Delegation);
        }
    }

    /// <param name="key">A name that must have an NSEC3 record.</param>
    /// <param name="wanted">The types that it must tell.</param>
    /// <param name="optional">It need not have one in the span of one that opts out.</param>
    /// <param name="empty">The name is empty: it is optional only if all below it is.</param>
    /// <param name="hasNsec">The name has an NSEC record.</param>
    void JudgeHashed(ReadOnlySpan<byte> key, ReadOnlySpan<byte> wanted, bool optional, bool? empty = null, bool hasNsec = false)
    {
        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        plan.Denial.Hash(key, plan.Zone.Apex, hash);
        Span<byte> place = stackalloc byte[Nsec3.LabelSize + 1];
        Nsec3.WriteLabel(hash, place);
        place[Nsec3.LabelSize] = 0;
        docket.Notes?.Hashed(hash);
        if (plan.Denial.TryGet(plan.Denial.Chain.Find(place), out var nsec3))
        {
            docket.Result.Hashed++;
            if (hasNsec && TypeBitmap.Has(nsec3.Types, DnsType.Nsec))
            {
                Insert(DnsType.Nsec);
                wanted = Bitmap();
            }

            JudgeTypes(ZoneFault.Nsec3Types, key, DnsType.Nsec3, nsec3.Types, wanted);
            return;
        }

        docket.Notes?.Open(hash);
        if (optional && HashJudge.TryGetCovering(plan.Denial, place, out var covering) && covering.OptOut && (empty is null || (empty.Value && IsInsecureBelow(key))))
            return;
        Findings.Add(ZoneFault.Nsec3Missing, key, DnsType.Nsec3, empty is null ? "none" : "none, and it is an empty name");
    }

    /// <summary>True if all that is below an empty name are delegations without DS and what is below them.</summary>
    bool IsInsecureBelow(ReadOnlySpan<byte> empty)
    {
        docket.Notes?.AskedBelow(empty);
        ReadOnlySpan<byte> cut = default;
        for (var cursor = plan.Zone.Names.From(empty); !cursor.Current.IsNone && cursor.Current.Key.StartsWith(empty); cursor.Next())
        {
            if (!cut.IsEmpty && NameKey.IsBelow(cursor.Current.Key, cut))
                continue;
            if (!cursor.Current.Has(DnsType.Ns) || cursor.Current.Has(DnsType.Ds))
                return false;
            cut = cursor.Current.Key;
        }

        return true;
    }
}
