namespace Oops.Observed;

/// <summary>A list of which only the newest are kept: weeks of a server that flaps are long.</summary>
internal sealed class Newest<T>(int most)
{
    readonly Queue<T> kept = new();

    public long Count { get; private set; }

    public void Add(T one)
    {
        Count++;
        kept.Enqueue(one);
        if (kept.Count > most) kept.Dequeue();
    }

    public Listed<T> List => new(Count, [.. kept]);

    /// <summary>The same in another order: of spans, which are known when they end, by their beginning.</summary>
    public Listed<T> By(Func<T, DateTimeOffset> when) => new(Count, [.. kept.OrderBy(when)]);
}
