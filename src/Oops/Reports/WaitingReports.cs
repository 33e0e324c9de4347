namespace Oops.Reports;

/// <summary>What a row of the store is of. Hour: whole hours since 1970, by the wall clock. Zone: empty where none is known.</summary>
internal readonly record struct ReportKey(long Hour, string Agent, string Zone, string Name, string Types, int Code);

/// <summary>What is told of it. Times: milliseconds since 1970.</summary>
internal readonly record struct ReportSum(long Count, long Verified, long First, long Last, byte Paths, int Networks, string LastFrom)
{
    public ReportSum Plus(in ReportSum other) => new(
        Count + other.Count, Verified + other.Verified, Math.Min(First, other.First), Math.Max(Last, other.Last), (byte)(Paths | other.Paths), Math.Max(Networks, other.Networks), other.Last >= Last ? other.LastFrom : LastFrom);
}

/// <summary>Reports that are to be written: the same of the same hour is one, so that a disk that is full for a day costs as many of them as there are different ones, and no more than a bound.</summary>
internal sealed class WaitingReports(int most)
{
    const long Hour = 3_600_000;

    readonly Dictionary<ReportKey, ReportSum> rows = [];

    public int Count => rows.Count;

    public IReadOnlyDictionary<ReportKey, ReportSum> Rows => rows;

    /// <summary>Returns how many reports were lost because there was no room.</summary>
    public long Add(ReportNews news)
    {
        var last = news.Last.ToUnixTimeMilliseconds();
        // The first may be later than the last: the clock may have been set back between.
        var sum = new ReportSum(news.Count, news.Verified, Math.Min(news.First.ToUnixTimeMilliseconds(), last), last, news.Paths, news.Networks, news.LastFrom.ToString());
        return Add(new(last / Hour, news.Agent, news.Zone ?? "", news.Name, news.Types, news.Code), sum);
    }

    /// <summary>The same of all of another's.</summary>
    public long Add(WaitingReports other)
    {
        long lost = 0;
        foreach (var (key, sum) in other.rows) lost += Add(key, sum);
        return lost;
    }

    /// <summary>All that waits, which waits no more.</summary>
    public WaitingReports Take()
    {
        var taken = new WaitingReports(most);
        foreach (var (key, sum) in rows) taken.rows.Add(key, sum);
        rows.Clear();
        return taken;
    }

    public long Reports => rows.Values.Sum(r => r.Count);

    long Add(in ReportKey key, in ReportSum sum)
    {
        if (rows.TryGetValue(key, out var before)) rows[key] = before.Plus(sum);
        else if (rows.Count < most) rows.Add(key, sum);
        else return sum.Count;
        return 0;
    }
}
