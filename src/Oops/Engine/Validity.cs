namespace Oops.Engine;

/// <summary>How long a claim lives without being read again (DESIGN, claims, 3).</summary>
internal static class Validity
{
    const int Intervals = 3;

    /// <param name="interval">From one read of its source to the next.</param>
    public static TimeSpan Of(TimeSpan interval) => interval * Intervals;
}
