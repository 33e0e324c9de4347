using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>How far a verification is.</summary>
/// <param name="Pages">Pages of the zone that have been judged.</param>
/// <param name="Of">All of them.</param>
internal readonly record struct VerifyProgress(int Pages, int Of);

/// <summary>
/// Judges a version of a zone as a whole: each page by itself, spread over the cores, with what it must know of the others looked up; the digest of all beside them. Pure but for the time it takes: the same
/// version at the same moment has the same verdict, whatever the number of threads.
/// </summary>
internal static class ZoneVerifier
{
    /// <param name="zone">The version.</param>
    /// <param name="options">What is asked of it.</param>
    /// <param name="intake">What was wrong with records on their way into it.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="progress">Told now and then; null: nobody asks.</param>
    /// <param name="stop">Ends it.</param>
    public static ZoneVerdict Run(ZoneVersion zone, VerifyOptions options, IntakeFaults intake, int threads, Action<VerifyProgress>? progress, CancellationToken stop)
    {
        var total = new PageResult();
        Take(intake, zone, total.Findings);
        var plan = new ZonePlan(zone, new ZoneKeys(zone, total.Findings), new Denial(zone, options, total.Findings), options);
        ApexJudge.Judge(plan, total.Findings);
        JudgePages(plan, total, threads, progress, stop);
        if (plan.Denial.IsHashed && total.Hashed != plan.Denial.Chain.Nodes)
            NameExtra(plan, total.Findings, stop);
        var numbers = new ZoneNumbers(zone.Records, zone.Names.Nodes, total.RRsets, total.Delegations, total.Checked);
        return new ZoneVerdict(zone, options, total.Findings, total.Earliest, numbers);
    }

    static void JudgePages(ZonePlan plan, PageResult total, int threads, Action<VerifyProgress>? progress, CancellationToken stop)
    {
        var (names, hashes) = (plan.Zone.Names.Pages.Length, plan.Zone.Hashes.Pages.Length);
        var all = names + hashes;
        var done = 0;
        // Piece -1 is the digest: it is one long piece, so it comes first.
        Parallel.For(-1, all, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = stop }, () => new Worker(plan), (piece, _, worker) =>
        {
            if (piece < 0)
                ZoneDigest.Judge(plan.Zone, worker.Result.Findings, stop);
            else if (piece < names)
                worker.JudgeNames(piece);
            else
                worker.JudgeHashes(piece - names);
            if (piece >= 0)
                progress?.Invoke(new VerifyProgress(Interlocked.Increment(ref done), all));
            return worker;
        }, worker =>
        {
            using (worker)
            {
                lock (total)
                    total.Take(worker.Finish());
            }
        });
    }

    /// <summary>There are NSEC3 records of nothing: which, is known only when all names have been hashed.</summary>
    static void NameExtra(ZonePlan plan, Findings findings, CancellationToken stop)
    {
        var wanted = new HashSet<UInt128>();
        NameHashes.Each(plan, hash => wanted.Add(hash), stop);
        for (var cursor = plan.Denial.Chain.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            if (!NameHashes.TryOfKey(cursor.Current.Key, out var hash) || !wanted.Contains(hash))
                findings.Add(ZoneFault.Nsec3Extra, cursor.Current.Key, DnsType.Nsec3, "no name of the zone has this hash");
        }
    }

    static void Take(IntakeFaults intake, ZoneVersion zone, Findings findings)
    {
        Span<byte> key = stackalloc byte[NameKey.MaxLength];
        foreach (var (fault, (count, first)) in intake.All)
        {
            var (what, why) = fault switch
            {
                IntakeFault.OutOfZone => (ZoneFault.OutOfZone, "left out"),
                IntakeFault.Malformed => (ZoneFault.RecordMalformed, "left out"),
                IntakeFault.OtherTtl => (ZoneFault.TtlMismatch, "another TTL than that of the first record"),
                _ => (ZoneFault.RRsetTooLarge, "too large"),
            };
            foreach (var (owner, type) in first)
            {
                var length = owner.IsWithin(zone.Apex) ? NameKey.Write(owner, zone.Apex, key) : 0;
                findings.Add(what, key[..length], type, owner.IsWithin(zone.Apex) ? why : $"{owner}: {why}");
            }

            findings.Count(what, count - first.Count);
        }
    }

    /// <summary>What a thread needs to judge pages: keys and buffers of its own.</summary>
    sealed class Worker : IDisposable
    {
        readonly SignatureJudge signatures;
        readonly NameJudge names;
        readonly HashChain hashes;

        public Worker(ZonePlan plan)
        {
            signatures = new SignatureJudge(plan.Zone, plan.Keys, plan.Options, Result.Findings);
            (names, hashes) = (new(plan, signatures, Result), new(plan, signatures, Result));
        }

        public PageResult Result { get; } = new();

        public void JudgeNames(int page) => names.JudgePage(page);

        public void JudgeHashes(int page) => hashes.JudgePage(page);

        public PageResult Finish()
        {
            (Result.Earliest, Result.Checked) = (signatures.Earliest, signatures.Checked);
            return Result;
        }

        public void Dispose() => signatures.Dispose();
    }
}
