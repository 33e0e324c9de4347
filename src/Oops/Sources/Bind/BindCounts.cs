using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Bind;

/// <summary>What a bind source has counted since it was made.</summary>
internal sealed class BindCounts
{
    long answers, nobody, silent, broken, status, unreadable, asked, zones;

    /// <summary>What `/metrics` and `status` show.</summary>
    public IReadOnlyList<SourceCount> All =>
    [
        new("answers", "Complete answers of the statistics channel.", Read(ref answers)),
        new("nobody", "Questions to it while nobody listened.", Read(ref nobody)),
        new("silent", "Questions without an answer in time, or with one that took too long.", Read(ref silent)),
        new("broken", "Answers that broke off, or were no HTTP.", Read(ref broken)),
        new("status", "Answers with another status than 200.", Read(ref status)),
        new("unreadable", "Answers that are not as named writes them: no JSON, cut, too long, another format, or without the views that were asked for.", Read(ref unreadable)),
        new("zones_asked", "Zones asked for over DNS, because they may expire soon or are not in the list.", Read(ref asked)),
        new("zones", "Zones in the last complete answer.", Read(ref zones), SourceCountKind.Level),
    ];

    /// <summary>An answer was good to its end.</summary>
    public void Answered() => Interlocked.Increment(ref answers);

    /// <summary>A complete list of so many zones.</summary>
    public void Listed(long count) => Interlocked.Exchange(ref zones, count);

    public void Asked(int count) => Interlocked.Add(ref asked, count);

    /// <summary>There was no answer, or none that can be used.</summary>
    public void Failed(HttpFault fault) => Interlocked.Increment(ref Cell(fault));

    ref long Cell(HttpFault fault)
    {
        switch (fault)
        {
            case HttpFault.Nobody: return ref nobody;
            case HttpFault.Silent or HttpFault.Network: return ref silent;
            case HttpFault.Broken or HttpFault.Tls: return ref broken;
            case HttpFault.Status: return ref status;
            default: return ref unreadable;
        }
    }

    static long Read(ref long cell) => Interlocked.Read(ref cell);
}
