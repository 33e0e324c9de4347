namespace Oops.Core;

/// <summary>Collects the next instant at which something may change by time alone. What is due already has been dealt with.</summary>
internal struct Deadline(At now)
{
    public At Next { get; private set; } = At.Never;

    public void Add(At at)
    {
        if (at > now && at < Next) Next = at;
    }
}
