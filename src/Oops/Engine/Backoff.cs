namespace Oops.Engine;

/// <summary>Waits that double from the first to a ceiling (1 s to 30 s, where nobody says otherwise), each spread by a quarter so that what failed together does not come back together.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan ceiling)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    readonly Random random = new();
    int failures;

    public Backoff() : this(First, TimeSpan.FromSeconds(30))
    {
    }

    public int Failures => failures;

    public TimeSpan Next()
    {
        var wait = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(failures, 20)), ceiling.TotalSeconds);
        failures++;
        return TimeSpan.FromSeconds(wait * (0.75 + (random.NextDouble() * 0.5)));
    }

    public void Reset() => failures = 0;
}
