using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>The NSEC3 records by their hashes. A zone may have several chains while it changes its parameters; only the one that NSEC3PARAM tells of counts (RFC 5155, 7.3).</summary>
internal sealed class HashJudge(ZonePlan plan, SignatureJudge signatures, Docket docket)
{
    Findings Findings => docket.Findings;

    /// <summary>The record whose span a hash is in: the one before it, or the last of all.</summary>
    public static bool TryGetCovering(Denial denial, ReadOnlySpan<byte> place, out Nsec3 nsec3)
    {
        var before = denial.Chain.FindAtOrBefore(place);
        return denial.TryGet(before.IsNone ? Last(denial.Chain) : before, out nsec3);
    }

    public void JudgePage(int index)
    {
        docket.Begin();
        var page = plan.Zone.Hashes.Pages[index];
        for (var at = 0; at < page.Length; at += page[at].Size)
        {
            Judge(page[at]);
            if (docket.Notes is { } notes && plan.Denial.Form == DenialForm.Nsec3 && at + page[at].Size == page.Length)
                notes.Next(at, NextOf(page[at]).Key);
        }
    }

    /// <summary>The node behind one; behind the last the first (RFC 5155, 3.1.7).</summary>
    ZoneNode NextOf(in ZoneNode node)
    {
        var cursor = plan.Denial.Chain.From(node.Key);
        cursor.Next();
        return cursor.Current.IsNone ? plan.Denial.Chain.From(0).Current : cursor.Current;
    }

    static ZoneNode Last(ZoneTree hashes) => hashes.Pages.IsEmpty ? default : hashes.Pages[^1][hashes.Pages[^1].LastOffset];

    void Judge(in ZoneNode node)
    {
        var rrset = node.Get(DnsType.Nsec3);
        if (rrset.Count == 0)
        {
            Findings.Add(ZoneFault.SignatureExtra, node.Key, DnsType.Nsec3, "there is no such RRset");
            return;
        }

        docket.Result.RRsets++;
        if (plan.IsSigned)
            signatures.Judge(node.Key, rrset, node.Get(DnsType.Rrsig, DnsType.Nsec3));
        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        if (node.Key.Length != Nsec3.LabelSize + 1 || !Nsec3.TryReadLabel(node.Key[..^1], hash))
        {
            Findings.Add(ZoneFault.Nsec3Malformed, node.Key, DnsType.Nsec3, "its owner is no hash");
            return;
        }

        if (plan.Denial.Form == DenialForm.None)
            return;
        JudgeRecords(node, rrset);
        if (plan.Denial.Form == DenialForm.Nsec3 && plan.Denial.TryGet(node, out var nsec3))
            JudgeNext(node, nsec3);
    }

    void JudgeRecords(in ZoneNode node, in RRset rrset)
    {
        var ours = 0;
        foreach (var data in rrset.Data)
        {
            if (!Nsec3.TryRead(data, out var nsec3))
                Findings.Add(ZoneFault.Nsec3Malformed, node.Key, DnsType.Nsec3, "the data are broken");
            else if (!nsec3.IsKnown)
                Findings.Add(ZoneFault.Nsec3Malformed, node.Key, DnsType.Nsec3, $"flags {nsec3.Flags}, so that it is ignored");
            else if (plan.Denial.IsOurs(nsec3))
                ours++;
            else if (!plan.Denial.IsUsed(nsec3))
                Findings.Add(ZoneFault.Nsec3Leftover, node.Key, DnsType.Nsec3, $"algorithm {nsec3.Algorithm}, {nsec3.Iterations} iterations, {nsec3.Salt.Length} octets of salt");
        }

        if (ours > 1)
            Findings.Add(ZoneFault.Nsec3Malformed, node.Key, DnsType.Nsec3, $"{ours} records of one hash");
    }

    void JudgeNext(in ZoneNode node, in Nsec3 nsec3)
    {
        var next = NextOf(node);
        if (nsec3.Next.Length != Nsec3.HashSize)
        {
            Findings.Add(ZoneFault.Nsec3Next, node.Key, DnsType.Nsec3, $"{nsec3.Next.Length} octets, and a hash has {Nsec3.HashSize}");
            return;
        }

        Span<byte> label = stackalloc byte[Nsec3.LabelSize];
        Nsec3.WriteLabel(nsec3.Next, label);
        if (!next.Key.StartsWith(label))
            Findings.Add(ZoneFault.Nsec3Next, node.Key, DnsType.Nsec3, $"{System.Text.Encoding.ASCII.GetString(label)}, and the next is {NameKey.Read(next.Key, plan.Zone.Apex)}");
    }
}
