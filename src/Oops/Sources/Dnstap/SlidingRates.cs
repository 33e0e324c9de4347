using Oops.Servers;

namespace Oops.Sources.Dnstap;

/// <summary>Counts in buckets of about the same length: how many per second the last few had, and the slope of a least-squares line through more of them.</summary>
/// <param name="window">Buckets of the rate.</param>
/// <param name="slopeWindow">Buckets of the slope; not fewer.</param>
internal sealed class SlidingRates(int window, int slopeWindow)
{
    readonly (double Count, double Seconds)[] ring = new (double, double)[Math.Max(window, slopeWindow)];
    int filled;
    int next;

    /// <summary>Per second, over the window; null while it is not full.</summary>
    public double? PerSecond
    {
        get
        {
            if (filled < window) return null;
            var (count, seconds) = (0.0, 0.0);
            for (var i = 1; i <= window; i++)
            {
                var bucket = Back(i);
                (count, seconds) = (count + bucket.Count, seconds + bucket.Seconds);
            }

            return count / seconds;
        }
    }

    /// <summary>How long the rate's window was in truth, in seconds.</summary>
    public double Seconds
    {
        get
        {
            var seconds = 0.0;
            for (var i = 1; i <= Math.Min(window, filled); i++) seconds += Back(i).Seconds;
            return seconds;
        }
    }

    /// <summary>By how much the rate rises each second; null while the slope's window is not full.</summary>
    public double? Slope
    {
        get
        {
            if (filled < slopeWindow || slopeWindow < 2) return null;
            var x = 0.0;
            var line = default(LeastSquares);
            for (var i = slopeWindow; i >= 1; i--)
            {
                var bucket = Back(i);
                line.Add(x + (bucket.Seconds / 2), bucket.Count / bucket.Seconds);
                x += bucket.Seconds;
            }

            return line.Slope;
        }
    }

    public void Add(double count, double seconds)
    {
        ring[next] = (count, seconds);
        next = (next + 1) % ring.Length;
        filled = Math.Min(filled + 1, ring.Length);
    }

    public void Reset() => (filled, next) = (0, 0);

    (double Count, double Seconds) Back(int i) => ring[(next - i + ring.Length) % ring.Length];
}
