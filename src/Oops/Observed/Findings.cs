namespace Oops.Observed;

/// <summary>What is found of all routes.</summary>
internal sealed class Findings(DateTimeOffset window, int most)
{
    /// <summary>What ended before does not count.</summary>
    public DateTimeOffset Window => window;

    public Newest<WithdrawAnswer> Withdraws { get; } = new(most);

    public Newest<MissAnswer> Misses { get; } = new(most);
}
