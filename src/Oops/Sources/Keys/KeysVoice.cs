using Oops.Core;
using Oops.Engine;
using Oops.Keys;

namespace Oops.Sources.Keys;

/// <summary>What a watch tells the machine. A channel is lost while nobody answers for any zone; that of the parent when what it said last is too old of all of them.</summary>
internal sealed class KeysVoice(KeysTarget target, IEngine engine)
{
    const int Longest = 600;

    bool open, parentOpen;

    public void Begin()
    {
        engine.Send(new ChannelOpened(target.Channel));
        if (!target.Parents.IsEmpty) engine.Send(new ChannelOpened(target.ParentChannel));
        (open, parentOpen) = (true, true);
    }

    /// <summary>Whether anybody answers. True: a channel is open again, and has forgotten what it said.</summary>
    public bool Take(IReadOnlyCollection<WatchedZone> zones)
    {
        var again = Move(ref open, target.Channel, zones, z => z.Silent);
        if (!target.Parents.IsEmpty) again |= Move(ref parentOpen, target.ParentChannel, zones, z => z.IsOld(z.ParentHeard, engine.Now) ? z.ParentSilent : null);
        return again;
    }

    /// <summary>The keys, as a number, and what changed last.</summary>
    public void Keys(WatchedZone zone)
    {
        if (!open) return;
        engine.Send(new ZoneSignal(target.Channel, zone.Name, Measure.Keys, zone.Known.Hash, zone.Change, target.Addresses[0].Where.Address));
        zone.Told();
        zone.Said = true;
    }

    /// <summary>It is watched no more: what was claimed of it ends.</summary>
    public void Left(WatchedZone zone)
    {
        if (!zone.Said) return;
        // What was said on a channel that is lost has ended with it.
        if (open) engine.Send(new ZoneSignal(target.Channel, zone.Name, Measure.Keys, Signal.Unsaid, null));
        if (!parentOpen) return;
        foreach (var measure in new[] { Measure.CdsWanted, Measure.Delegation }) engine.Send(new ZoneSignal(target.ParentChannel, zone.Name, measure, Signal.Unsaid, null));
    }

    /// <summary>How DS and keys fit, and what the zone asks for. Nothing is said of it before both were heard in this run, nor when the parent's servers differ, nor when one of them was heard too long ago.</summary>
    public void Delegation(WatchedZone zone, IReadOnlyList<Finding> findings)
    {
        zone.Mismatch = false;
        if (!parentOpen) return;
        zone.Said = true;
        var text = Text(findings);
        if (zone.IsOld(zone.Heard, engine.Now) || zone.IsOld(zone.ParentHeard, engine.Now) || zone.Known.Ds is null)
        {
            engine.Send(new ZoneSignal(target.ParentChannel, zone.Name, Measure.CdsWanted, Signal.Unsaid, text));
            engine.Send(new ZoneSignal(target.ParentChannel, zone.Name, Measure.Delegation, Signal.Unsaid, text));
            return;
        }

        var worst = findings.Where(f => !target.Ignore.Contains(f.Kind)).Select(f => f.Severity).DefaultIfEmpty(Severity.Note).Max();
        zone.Mismatch = worst > Severity.Note;
        var from = target.Parents[0].Where.Address;
        engine.Send(new ZoneSignal(target.ParentChannel, zone.Name, Measure.CdsWanted, Wanted(zone, findings), text, from));
        engine.Send(new ZoneSignal(target.ParentChannel, zone.Name, Measure.Delegation, (long)worst, text, from));
    }

    /// <summary>What a parent would not take is no wish, nor what not all addresses ask for: nothing is known of it then.</summary>
    long Wanted(WatchedZone zone, IReadOnlyList<Finding> findings)
    {
        if (findings.Any(f => f.Kind == FindingKind.CdsUnfit) || zone.Known.Asked(engine.Time.GetUtcNow()) is not { } asked) return Signal.Unsaid;
        return findings.Any(f => f.Kind == FindingKind.CdsWantsChange) ? asked : 0;
    }

    /// <summary>All of them, the worst first; those that are too long are named.</summary>
    internal static string? Text(IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0) return null;
        List<string> parts = [];
        List<string> named = [];
        var length = 0;
        foreach (var finding in findings)
        {
            if (length + finding.Text.Length <= Longest) parts.Add(finding.Text);
            else if (parts.Count == 0) parts.Add(finding.Text[..Longest] + " ...");
            else if (!named.Contains(finding.Name)) named.Add(finding.Name);
            length = parts.Sum(p => p.Length + 2);
        }

        if (named.Count > 0) parts.Add($"and {string.Join(", ", named)}");
        return string.Join("; ", parts);
    }

    bool Move(ref bool isOpen, string channel, IReadOnlyCollection<WatchedZone> zones, Func<WatchedZone, string?> silent)
    {
        var silence = zones.Count > 0 && zones.All(z => silent(z) is not null);
        if (silence == !isOpen) return false;
        isOpen = !silence;
        engine.Send(silence ? new ChannelLost(channel, silent(zones.First())!) : new ChannelOpened(channel));
        return isOpen;
    }
}
