using Oops.Core;

namespace Oops.Engine;

/// <summary>Alarms about ourselves, which the machine does not know: the journal, a reload that failed, bugs. Shown beside the machine's own.</summary>
internal sealed class Notices(TimeProvider time)
{
    readonly Lock gate = new();
    readonly SortedDictionary<string, AlarmReport> standing = new(StringComparer.Ordinal);

    public IReadOnlyList<AlarmReport> All
    {
        get { lock (gate) return [.. standing.Values]; }
    }

    /// <summary>Null clears it.</summary>
    public void Set(string id, string? text)
    {
        lock (gate)
        {
            if (text is null) standing.Remove(id);
            else standing[id] = new(id, standing.TryGetValue(id, out var known) ? known.Since : time.GetUtcNow(), text);
        }
    }
}
