using Oops.Core;

namespace Oops.Sources.Verify;

/// <summary>The zones that could not be had, and why: how many, and the first few. Thread-safe.</summary>
/// <param name="tell">Takes one terminal-safe line, or null: all can be had. On change, one at a time; it must not block.</param>
internal sealed class ZoneTroubles(Action<string?> tell)
{
    const int Few = 3;

    readonly Lock gate = new();
    readonly HashSet<ZoneCase> all = [];
    string? told;

    /// <summary>Takes what came of a look at a zone. The first is told at once, and that there is none any more; of those between <see cref="Tell"/> does, so that a million make no million lines.</summary>
    public void Take(ZoneCase zone, bool isTroubled)
    {
        lock (gate)
        {
            var had = all.Count > 0;
            if (isTroubled)
                all.Add(zone);
            else
                all.Remove(zone);
            if (had != all.Count > 0)
                Tell();
        }
    }

    /// <summary>All of them, where that is news.</summary>
    public void Tell()
    {
        lock (gate)
        {
            var why = all.Count == 0 ? null : Words();
            if (why != told)
                tell(why);
            told = why;
        }
    }

    string Words() => $"{Core.Words.Count(all.Count, "zone")} cannot be had: {string.Join(", ", all.Take(Few).Select(static z => $"{z.Name} ({z.Trouble ?? "not known why"})"))}{(all.Count > Few ? $", and {all.Count - Few} more" : "")}";
}
