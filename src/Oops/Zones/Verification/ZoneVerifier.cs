using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>How far a verification is.</summary>
/// <param name="Pages">Pages of the zone that have been judged.</param>
/// <param name="Of">All of them.</param>
internal readonly record struct VerifyProgress(int Pages, int Of);

/// <summary>
/// Judges a version of a zone as a whole: each page by itself, spread over the cores, with what it must know of the others looked up; the digest of all beside them. Pure but for the time it takes: the same
/// version at the same moment has the same verdict, whatever the number of threads, and whether an earlier version's verdict was at hand or not.
/// </summary>
internal static class ZoneVerifier
{
    /// <param name="zone">The version.</param>
    /// <param name="options">What is asked of it.</param>
    /// <param name="intake">What was wrong with records on their way into it.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="progress">Told now and then; null: nobody asks.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="precedent">Of an earlier version of the zone: only what has changed is judged. Null: none.</param>
    public static ZoneVerdict Run(ZoneVersion zone, VerifyOptions options, IntakeFaults intake, int threads, Action<VerifyProgress>? progress, CancellationToken stop, Precedent? precedent = null)
    {
        var findings = new Findings();
        IntakeJudge.Judge(intake, zone, findings);
        var (keys, denial) = (new ZoneKeys(zone, findings), new Denial(zone, options, findings, precedent));
        var plan = new ZonePlan(zone, keys, denial, options, precedent?.IsOf(keys, denial, options, zone) == true ? precedent : null);
        ApexJudge.Judge(plan, findings);
        var pages = new PageRound(plan, stop);
        var total = pages.Run(threads, progress);
        total.Findings.Take(findings);
        if (denial.IsHashed && total.Hashed != denial.Chain.Nodes && total.Findings.Count(ZoneFault.Nsec3Unchecked) == 0)
            NameExtra(plan, total.Findings, stop);
        var numbers = new ZoneNumbers(zone.Records, zone.Names.Nodes, total.RRsets, total.Delegations, total.Checked);
        SizeJudge.Judge(zone, numbers, options, total.Findings);
        return new ZoneVerdict(zone, options, total.Findings, total.Earliest, numbers) { Until = total.Until, Precedent = options.Keep ? new Precedent(plan, pages.Results) : null };
    }

    /// <summary>There are NSEC3 records of nothing: which, is known only when all names have been hashed.</summary>
    static void NameExtra(ZonePlan plan, Findings findings, CancellationToken stop)
    {
        var wanted = new HashSet<UInt128>();
        NameHashes.Each(plan, hash => wanted.Add(hash), stop);
        for (var cursor = plan.Denial.Chain.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            if (!NameHashes.TryOfKey(cursor.Current.Key, out var hash) || !wanted.Contains(hash))
                findings.Add(ZoneFault.Nsec3Extra, cursor.Current.Key, Wire.Dns.DnsType.Nsec3, "no name of the zone has this hash");
        }
    }
}
