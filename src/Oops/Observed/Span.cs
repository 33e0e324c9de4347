namespace Oops.Observed;

/// <summary>A time in which something stood. What is before the window, and while nobody watched, does not count.</summary>
internal sealed class Span(DateTimeOffset from, DateTimeOffset window)
{
    TimeSpan lasted;
    DateTimeOffset? running = from;

    public DateTimeOffset From => from;

    public void Pause(DateTimeOffset at)
    {
        lasted = Lasted(at);
        running = null;
    }

    public void GoOn(DateTimeOffset at) => running ??= at;

    public TimeSpan Lasted(DateTimeOffset at) => running is { } since && at > Max(since, window) ? lasted + (at - Max(since, window)) : lasted;

    static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
