namespace Oops.Dns;

/// <summary>Bounds of an SOA's interval.</summary>
internal readonly record struct NotifyClamp(TimeSpan Least, TimeSpan Most)
{
    /// <summary>The interval within the bounds, up to 10 % earlier so that zones loaded together do not stay together. <paramref name="random"/>: 0 to 1.</summary>
    public TimeSpan Next(uint seconds, double random)
    {
        var span = TimeSpan.FromSeconds(seconds);
        span = span < Least ? Least : span > Most ? Most : span;
        return span - span * (random / 10);
    }
}
