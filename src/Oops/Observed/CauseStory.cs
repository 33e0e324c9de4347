namespace Oops.Observed;

/// <summary>How often one entry of a route's lists spoke against it, for one server.</summary>
internal sealed class CauseStory
{
    public long Seen { get; private set; }

    public long Overridden { get; private set; }

    public DateTimeOffset? Last { get; private set; }

    public TimeSpan Longest { get; private set; }

    public bool Stands { get; private set; }

    /// <summary>What a person said shows nothing of how it is heard.</summary>
    public void Add(Reason reason, DateTimeOffset until, bool stands)
    {
        if (reason.IsForced)
        {
            Overridden++;
            return;
        }

        Seen++;
        Stands |= stands;
        Last = reason.Span.From;
        if (reason.Span.Lasted(until) is var lasted && lasted > Longest) Longest = lasted;
    }
}
