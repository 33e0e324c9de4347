using Oops.Servers;

namespace Oops.Sources.Kresd;

/// <summary>The queries of all instances together. One that was restarted counts from zero, which the others must not hide: so what each has risen by is added up.</summary>
internal sealed class KresdCounters(Func<CancellationToken, ValueTask<KresdAnswer[]>> askAsync)
{
    long[]? last;
    long total;

    public async ValueTask<CounterReading> ReadAsync(CancellationToken stop)
    {
        var answers = await askAsync(stop);
        if (Array.Find(answers, a => a.Version is null) is { Why.Length: > 0 } missing) return new(null, missing.Why);
        if (Array.Exists(answers, a => a.Queries is null)) return new(null, "kresd: it does not count queries: its module stats is not loaded");
        long[] now = [.. answers.Select(a => a.Queries!.Value)];
        for (var i = 0; i < now.Length && last is not null; i++)
            total += now[i] >= last[i] ? now[i] - last[i] : now[i];
        last = now;
        return new(total);
    }
}
