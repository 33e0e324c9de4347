using Oops.Core;
using Oops.Engine;
using Oops.Keys;

namespace Oops.Sources.Keys;

/// <summary>
/// Names the zones of which somebody was not heard at the last look, with the reason: on a channel that claims nothing, and is lost while there are such. They may be thousands, so how many, and the first; and not with each look.
/// </summary>
internal sealed class SilentZones(KeysTarget target, IEngine engine)
{
    const int Named = 3;

    /// <summary>From one word to the next, and from one counting to the next.</summary>
    static readonly TimeSpan Between = TimeSpan.FromMinutes(1), Least = TimeSpan.FromSeconds(1);

    /// <summary>Servers of the parent that told nothing of any zone in this run, and why not; those that did: null.</summary>
    readonly Dictionary<string, string?> parents = new(StringComparer.Ordinal);

    string? told;
    bool changed, whole;
    At notBefore;

    /// <summary>When there is something to tell.</summary>
    public At Due => changed ? notBefore : At.Never;

    public void Begin()
    {
        engine.Send(new ChannelOpened(target.ZonesChannel));
        notBefore = engine.Now + Between;
    }

    /// <summary>A zone was looked at; what was known before says who has answered for it once.</summary>
    public void Take(WatchedZone zone, ZoneLook look, ZoneKeys before)
    {
        foreach (var parent in look.Parents)
            if (parent.Ds is not null || !parents.TryGetValue(parent.Address, out var why) || why is not null) parents[parent.Address] = parent.Ds is null ? parent.Why : null;
        List<string> silent = [.. look.Servers.Where(s => s.Keys is null).Select(s => $"{s.Address}: {s.Why}")];
        // Of the list of parents' servers some are of other parents.
        var none = look.Parents.All(p => p.Ds is null);
        silent.AddRange(look.Parents.Where(p => p.Ds is null && (none || (!before.Parents.IsDefault && before.Parents.Any(b => b.Address == p.Address)))).Take(none ? 1 : Named).Select(p => $"{p.Address}: {p.Why}"));
        zone.Trouble = silent.Count == 0 ? null : string.Join(", ", silent.Take(Named)) + (silent.Count > Named ? $", and {silent.Count - Named} more" : "");
        zone.Seen = true;
        changed = true;
    }

    /// <summary>There are other zones.</summary>
    public void Changed() => changed = true;

    public void Tell(IReadOnlyCollection<WatchedZone> zones)
    {
        if (!whole && zones.All(z => z.Seen))
        {
            // The first word is of all of them, where that is not a long time.
            whole = true;
            notBefore = engine.Now;
        }

        if (Due > engine.Now) return;
        changed = false;
        var words = Words(zones);
        notBefore = engine.Now + (words == told ? Least : Between);
        if (words == told) return;
        told = words;
        engine.Send(words is null ? new ChannelOpened(target.ZonesChannel) : new ChannelLost(target.ZonesChannel, words));
    }

    string? Words(IReadOnlyCollection<WatchedZone> zones)
    {
        var silent = zones.Count(z => z.Trouble is not null);
        List<string> words = [];
        foreach (var zone in zones.Where(z => z.Trouble is not null).OrderBy(z => z.Name, StringComparer.Ordinal).Take(Named)) words.Add($"{zone.Name}: {zone.Trouble}");
        if (words.Count > 0) words[0] = $"{silent} of {zones.Count} zones: {words[0]}";
        if (silent > Named) words.Add($"and {silent - Named} more");
        // Each may be of the parent of a zone that was not looked at yet. Where nobody told anything, the zones say so.
        if (parents.ContainsValue(null) && zones.All(z => z.Seen)) words.AddRange(parents.Where(p => p.Value is not null).Select(p => $"{p.Key} told of no zone: {p.Value}"));
        return words.Count == 0 ? null : string.Join("; ", words);
    }
}
