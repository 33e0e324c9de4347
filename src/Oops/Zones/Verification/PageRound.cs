namespace Oops.Zones.Verification;

/// <summary>Judges all pages of a version that an earlier verdict does not answer for, and the digest beside them.</summary>
internal sealed class PageRound
{
    readonly ZonePlan plan;
    readonly CancellationToken stop;
    readonly int names;
    readonly PageResult total = new();

    // Pages of names come first, then those of hashes.
    readonly List<int> pieces = [];
    int places;

    // Checks of signatures in vain, and empty names that were hashed, so far.
    long failed, empty;
    readonly long mostEmpty;

    public PageRound(ZonePlan plan, CancellationToken stop)
    {
        (this.plan, this.stop) = (plan, stop);
        names = plan.Zone.Names.Pages.Length;
        mostEmpty = plan.Options.SomeEmpty + (plan.Options.MostEmpty * (long)plan.Zone.Names.Nodes);
        Results = new PageResult?[names + plan.Zone.Hashes.Pages.Length];
        var change = plan.Precedent is { } precedent ? new ZoneChange(precedent, plan) : null;
        for (var piece = 0; piece < Results.Length; piece++)
        {
            if (change is not null && Standing(change, piece) is { } result)
                Stand(piece, result);
            else
                pieces.Add(piece);
        }
    }

    /// <summary>Of each page, where it is kept.</summary>
    public PageResult?[] Results { get; }

    public PageResult Run(int threads, Action<VerifyProgress>? progress)
    {
        var done = 0;
        var digest = new Findings();
        // Piece -1 is the digest: it is one long piece, so it comes first.
        Parallel.For(-1, pieces.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = stop }, () => new Worker(plan), (at, _, worker) =>
        {
            if (at < 0)
            {
                ZoneDigest.Judge(plan.Zone, digest, stop);
                return worker;
            }

            if (IsTooMuch)
                return worker;
            var result = worker.Judge(pieces[at], names);
            Interlocked.Add(ref failed, result.Failed);
            Interlocked.Add(ref empty, result.Empty);
            Keep(pieces[at], result);
            progress?.Invoke(new VerifyProgress(Interlocked.Increment(ref done), pieces.Count));
            return worker;
        }, worker =>
        {
            using (worker)
            {
                lock (total)
                    total.Take(worker.Total);
            }
        });
        if (IsTooMuch)
            return InOrder(digest);
        total.Findings.Take(digest);
        return total;
    }

    bool IsTooMuch => Interlocked.Read(ref failed) > plan.Options.MostFailed || Interlocked.Read(ref empty) > mostEmpty;

    /// <summary>Too many signatures are wrong, or too many names empty: from the first page on until that is seen, and without checking any behind it. What comes of it does not depend on which thread had which page.</summary>
    PageResult InOrder(Findings digest)
    {
        Array.Clear(Results);
        using var worker = new Worker(plan with { Precedent = null }) { Left = (plan.Options.MostFailed, mostEmpty) };
        for (var piece = 0; piece < Results.Length; piece++)
        {
            stop.ThrowIfCancellationRequested();
            worker.Judge(piece, names);
        }

        worker.Total.Findings.Take(digest);
        return worker.Total;
    }

    PageResult? Standing(ZoneChange change, int piece)
    {
        var hashed = piece >= names;
        var result = plan.Precedent!.Of(hashed ? plan.Zone.Hashes.Pages[piece - names] : plan.Zone.Names.Pages[piece]);
        return result is not null && (hashed ? change.LeavesHashes(piece - names, result) : change.LeavesNames(piece, result)) ? result : null;
    }

    void Stand(int piece, PageResult result)
    {
        total.Take(result);
        failed += result.Failed;
        empty += result.Empty;
        Keep(piece, result);
    }

    void Keep(int piece, PageResult result)
    {
        if (plan.Options.Keep && (result.Findings.IsEmpty || Interlocked.Add(ref places, result.Findings.Places) <= Precedent.MostPlaces))
            Results[piece] = result;
    }

    /// <summary>What a thread needs to judge pages: keys and buffers of its own.</summary>
    sealed class Worker : IDisposable
    {
        readonly Docket docket;
        readonly SignatureJudge signatures;
        readonly NameJudge names;
        readonly HashJudge hashes;

        public Worker(ZonePlan plan)
        {
            docket = new Docket(plan, plan.Options.Keep);
            signatures = new SignatureJudge(plan, docket);
            (names, hashes) = (new(plan, signatures, docket), new(plan, signatures, docket));
        }

        /// <summary>Checks of signatures in vain, and empty names, that it may come to.</summary>
        public (long Failed, long Empty) Left
        {
            init => (signatures.Left, names.Empty) = value;
        }

        /// <summary>Of all pages that it judged.</summary>
        public PageResult Total { get; } = new();

        public PageResult Judge(int piece, int ofNames)
        {
            if (piece < ofNames)
                names.JudgePage(piece);
            else
                hashes.JudgePage(piece - ofNames);
            var result = docket.Finish();
            Total.Take(result);
            return result;
        }

        public void Dispose() => signatures.Dispose();
    }
}
