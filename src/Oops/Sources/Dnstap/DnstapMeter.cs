using System.Globalization;
using Oops.Core;

namespace Oops.Sources.Dnstap;

/// <summary>What all connections of a source counted up to now.</summary>
/// <param name="Queries">Queries that the server got.</param>
/// <param name="Looked">Frames that were looked at.</param>
/// <param name="Shed">Frames that were not.</param>
internal readonly record struct DnstapTotals(long Queries, long Looked, long Shed);

/// <summary>From counts to measurements, a bucket at a time. It knows no socket and no clock.</summary>
internal sealed class DnstapMeter
{
    /// <summary>Buckets of the window.</summary>
    public const int Buckets = 10;

    /// <summary>What has changed by less is told with the next refresh: the journal keeps each word.</summary>
    const double Worth = 0.02;

    readonly string channel;
    readonly TimeSpan bucket;
    readonly SlidingRates rates;
    readonly ErrorTable errors;
    readonly DnstapTotals[] window = new DnstapTotals[Buckets];
    DnstapTotals last;
    int ticks;
    At lastAt, toldAt;
    long? rate, slope;
    ErrorRates? told;

    public DnstapMeter(string channel, TimeSpan window, TimeSpan slopeWindow)
    {
        this.channel = channel;
        bucket = BucketOf(window);
        rates = new(Buckets, Math.Max(Buckets, (int)Math.Ceiling(slopeWindow / bucket)));
        errors = new(Buckets);
    }

    public ErrorTable Errors => errors;

    /// <summary>How often <see cref="Tick"/> is to be called.</summary>
    public TimeSpan Bucket => bucket;

    /// <summary>Windows that began anew since we were late: what came meanwhile waited in the socket, or was dropped by the server, so that nothing is known about it.</summary>
    public long Voided { get; private set; }

    public static TimeSpan BucketOf(TimeSpan window) => window / Buckets;

    /// <summary>How often everything is said again, changed or not.</summary>
    public static TimeSpan RefreshOf(TimeSpan window) => BucketOf(window) > TimeSpan.FromSeconds(10) ? BucketOf(window) : TimeSpan.FromSeconds(10);

    /// <summary>The first connection is there: nothing was known before.</summary>
    public void Begin(At now, in DnstapTotals totals)
    {
        (rate, slope, told) = (null, null, null);
        Restart(now, totals);
    }

    /// <summary>A bucket has passed.</summary>
    public void Tick(At now, in DnstapTotals totals, List<Input> inputs)
    {
        var passed = now - lastAt;
        // The first one after a connection may be short, and a rate over an instant is none.
        if (passed < bucket / 2) return;
        if (passed > (2 * bucket) + TimeSpan.FromSeconds(1))
        {
            Voided++;
            Restart(now, totals);
            return;
        }

        var (queries, looked, shed) = (totals.Queries - last.Queries, totals.Looked - last.Looked, totals.Shed - last.Shed);
        // Those that were looked at stand for those that were not. Where none was, those of all time do.
        var scale = shed == 0 ? 1 : looked > 0 ? 1 + ((double)shed / looked) : 1;
        var estimate = looked > 0 || shed == 0 ? queries * scale : totals.Looked > 0 ? (double)totals.Queries / totals.Looked * shed : shed;
        // What the window's errors stand for is judged over the window.
        window[ticks % Buckets] = last;
        ticks++;
        var before = window[ticks < Buckets ? 0 : ticks % Buckets];
        var ofWindow = totals.Looked > before.Looked ? 1 + ((double)(totals.Shed - before.Shed) / (totals.Looked - before.Looked)) : 1;
        (last, lastAt) = (totals, now);
        rates.Add(estimate, passed.TotalSeconds);
        var found = errors.Tick(channel, Math.Max(rates.Seconds, passed.TotalSeconds), ofWindow);
        if (shed > 0) inputs.Add(new Shed(channel, shed));
        if (rates.PerSecond is not { } perSecond) return;
        var refresh = now - toldAt >= RefreshOf(bucket * Buckets);
        Tell(perSecond, shed, looked, refresh, inputs);
        if (found is not null && (refresh || told is null || Differs(told, found)))
        {
            told = found;
            inputs.Add(found);
        }

        if (!refresh) return;
        toldAt = now;
        inputs.Add(new ChannelRead(channel));
    }

    void Restart(At now, in DnstapTotals totals)
    {
        rates.Reset();
        errors.Reset();
        (last, lastAt, ticks) = (totals, now, 0);
        window[0] = totals;
    }

    void Tell(double perSecond, long shed, long looked, bool refresh, List<Input> inputs)
    {
        var (now, rise) = ((long)Math.Round(perSecond), rates.Slope is { } s ? (long?)Math.Round(s) : null);
        if (!refresh && rate is { } was && !Differs(was, now) && slope.HasValue == rise.HasValue && !(slope is { } before && rise is { } after && Differs(before, after))) return;
        (rate, slope) = (now, rise);
        var detail = shed > 0 ? string.Create(CultureInfo.InvariantCulture, $"an estimate: {100.0 * shed / (shed + looked):0.#} % of the frames were shed") : null;
        inputs.Add(new ServerSignal(channel, Measure.QueryRate, now, Detail: detail));
        if (rise is { } rising) inputs.Add(new ServerSignal(channel, Measure.QueryRateSlope, rising, Detail: detail));
    }

    static bool Differs(double was, double now) => Math.Abs(now - was) > Worth * Math.Abs(was);

    static bool Differs(ErrorRates was, ErrorRates now)
    {
        if (was.Codes.Length != now.Codes.Length || Differs(was.Rest, now.Rest)) return true;
        for (var i = 0; i < was.Codes.Length; i++)
            if (was.Codes[i].Code != now.Codes[i].Code || Differs(was.Codes[i].PerSecond, now.Codes[i].PerSecond)) return true;
        return false;
    }
}
