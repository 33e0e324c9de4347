using Oops.Core;

namespace Oops.Servers;

/// <summary>A counter that only rises, seen now and then: how fast it rises, and whether ever faster. The slope is a least-squares line through the rates of the last six looks.</summary>
/// <param name="interval">Between two looks, as planned. After a gap of more than three of them all begins anew.</param>
internal sealed class RateWindow(TimeSpan interval)
{
    const int Rates = 6;

    // Of fewer, noise is most of the slope.
    const int LeastForSlope = 3;
    const int MostIntervals = 3;

    readonly Queue<(At Middle, double PerSecond)> rates = new(Rates);
    (At At, long Count)? last;

    /// <summary>Between the last two looks; null: there were none yet.</summary>
    public double? PerSecond { get; private set; }

    /// <summary>Change of the rate per second, over the looks that are kept; null: they are too few.</summary>
    public double? Slope => rates.Count < LeastForSlope ? null : Fit();

    /// <summary>The counter begins anew.</summary>
    public void Reset()
    {
        rates.Clear();
        (last, PerSecond) = (null, null);
    }

    /// <summary>Takes a look. A counter that went back is another one.</summary>
    public void Add(At at, long count)
    {
        if (last is { } before && (count < before.Count || at - before.At > interval * MostIntervals)) Reset();
        var seen = last;
        if (seen is { } same && at <= same.At) return;
        last = (at, count);
        if (seen is not { } earlier) return;
        var span = at - earlier.At;
        PerSecond = (count - earlier.Count) / span.TotalSeconds;
        if (rates.Count == Rates) rates.Dequeue();
        rates.Enqueue((earlier.At + (span / 2), PerSecond.Value));
    }

    double Fit()
    {
        var origin = rates.Peek().Middle;
        var line = default(LeastSquares);
        foreach (var (middle, perSecond) in rates) line.Add((middle - origin).TotalSeconds, perSecond);
        return line.Slope;
    }
}
