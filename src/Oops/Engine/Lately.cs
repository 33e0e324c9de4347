namespace Oops.Engine;

/// <summary>What was said last of each: of so many at most; beyond, who was spoken of longest ago is forgotten. Thread-safe.</summary>
internal sealed class Lately<TKey, TValue>(int most)
    where TKey : notnull
{
    readonly Lock gate = new();
    readonly LinkedList<(TKey Key, TValue Value)> order = new();
    readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> all = [];

    public int Count
    {
        get { lock (gate) return all.Count; }
    }

    public void Set(TKey key, TValue value)
    {
        lock (gate)
        {
            if (all.Remove(key, out var known))
                order.Remove(known);
            all.Add(key, order.AddLast((key, value)));
            if (all.Count <= most)
                return;
            all.Remove(order.First!.Value.Key);
            order.RemoveFirst();
        }
    }

    /// <summary>The default: nothing is known of it.</summary>
    public TValue? Get(TKey key)
    {
        lock (gate)
            return all.TryGetValue(key, out var known) ? known.Value.Value : default;
    }

    public void Remove(TKey key)
    {
        lock (gate)
        {
            if (all.Remove(key, out var known))
                order.Remove(known);
        }
    }
}
