using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>The NSEC3 records by their hashes. A zone may have several chains while it changes its parameters; only the one that NSEC3PARAM tells of counts (RFC 5155, 7.3).</summary>
internal sealed class HashChain(ZonePlan plan, SignatureJudge signatures, PageResult result)
{
    Findings Findings => result.Findings;

    /// <summary>The record at a hash, by the parameters in use.</summary>
    public static bool TryGet(ZoneNode node, Denial denial, out Nsec3 nsec3)
    {
        nsec3 = default;
        if (node.IsNone)
            return false;
        foreach (var data in node.Get(DnsType.Nsec3).Data)
        {
            if (Nsec3.TryRead(data, out nsec3) && nsec3.HasParameters(denial.Parameters))
                return true;
        }

        return false;
    }

    /// <summary>The record whose span a hash is in: the one before it, or the last of all.</summary>
    public static bool TryGetCovering(ZoneTree hashes, ReadOnlySpan<byte> place, Denial denial, out Nsec3 nsec3)
    {
        var before = hashes.FindAtOrBefore(place);
        return TryGet(before.IsNone ? Last(hashes) : before, denial, out nsec3);
    }

    public void JudgePage(int index)
    {
        var page = plan.Zone.Hashes.Pages[index];
        for (var at = 0; at < page.Length; at += page[at].Size)
            Judge(page[at]);
    }

    static ZoneNode Last(ZoneTree hashes)
    {
        var last = default(ZoneNode);
        if (hashes.Pages.IsEmpty)
            return last;
        var page = hashes.Pages[^1];
        for (var at = 0; at < page.Length; at += last.Size)
            last = page[at];
        return last;
    }

    void Judge(in ZoneNode node)
    {
        var rrset = node.Get(DnsType.Nsec3);
        var trusted = plan.Trusted is { } before ? before.Hashes.Find(node.Key) : default;
        if (rrset.Count == 0)
        {
            Findings.Add(ZoneFault.SignatureExtra, node.Key, DnsType.Nsec3, "there is no such RRset");
            return;
        }

        result.RRsets++;
        if (plan.IsSigned)
            signatures.Judge(node.Key, rrset, node.Get(DnsType.Rrsig, DnsType.Nsec3), !trusted.IsNone && trusted.Octets.SequenceEqual(node.Octets));
        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        if (node.Key.Length != Nsec3.LabelSize + 1 || !Nsec3.TryReadLabel(node.Key[..^1], hash))
        {
            Findings.Add(ZoneFault.Nsec3Malformed, node.Key, DnsType.Nsec3, "its owner is no hash");
            return;
        }

        if (!TryGet(node, plan.Denial, out var nsec3))
        {
            if (plan.Denial.Form == DenialForm.Nsec3)
                Findings.Add(ZoneFault.Nsec3Malformed, node.Key, DnsType.Nsec3, "broken, or not of the parameters that NSEC3PARAM tells");
            return;
        }

        JudgeNext(node, nsec3);
    }

    void JudgeNext(in ZoneNode node, in Nsec3 nsec3)
    {
        var cursor = plan.Zone.Hashes.From(node.Key);
        cursor.Next();
        var next = cursor.Current.IsNone ? plan.Zone.Hashes.From(0).Current : cursor.Current;
        Span<byte> label = stackalloc byte[Nsec3.LabelSize];
        if (nsec3.Next.Length == Nsec3.HashSize)
            Nsec3.WriteLabel(nsec3.Next, label);
        if (nsec3.Next.Length != Nsec3.HashSize || !next.Key.StartsWith(label))
            Findings.Add(ZoneFault.Nsec3Next, node.Key, DnsType.Nsec3, $"{System.Text.Encoding.ASCII.GetString(label)}, and the next is {NameKey.Read(next.Key, plan.Zone.Apex)}");
    }
}
