using Oops.Core;

namespace Oops.Journal;

/// <summary>
/// Claims of one channel on zones that came one after the other: a first read of a million zones is some thousand rows of the journal, not some million. Only claims without a remark or a sender are put together.
/// </summary>
internal sealed class ClaimGroup
{
    /// <summary>What a replay has to hold at a time.</summary>
    public const int Most = 1000;

    readonly List<string> zones = [];
    readonly List<string> measures = [];
    readonly List<long> words = [];
    string channel = "";
    ZoneSignal? first;
    At at;

    /// <summary>How many are in it.</summary>
    public int Count => words.Count / RecordedClaim.Length;

    /// <summary>When the first was said.</summary>
    public At At => at;

    /// <summary>Takes a claim that belongs to those that are in it.</summary>
    public bool TryAdd(At now, Input input)
    {
        if (input is not ZoneSignal { Detail: null, From: null } claim || Count == Most || (Count > 0 && claim.Channel != channel)) return false;
        if (Count == 0) (first, channel, at) = (claim, claim.Channel, now);
        if (zones.Count == 0 || zones[^1] != claim.Zone) zones.Add(claim.Zone);
        var measure = claim.Measure.ToString();
        if (!measures.Contains(measure)) measures.Add(measure);
        new RecordedClaim(zones.Count - 1, measures.IndexOf(measure), claim.Value, (now - at).Ticks).AddTo(words);
        return true;
    }

    /// <summary>What is written of it; afterwards it is empty. One claim alone is written as any input.</summary>
    public byte[] Take()
    {
        var text = Count == 1
            ? InputCodec.Write(first!)
            : InputCodec.Write(new Recorded { Type = InputCodec.Group, Channel = channel, Names = [.. zones], Measures = [.. measures], Claims = [.. words] });
        Clear();
        return text;
    }

    public void Clear()
    {
        zones.Clear();
        measures.Clear();
        words.Clear();
        first = null;
    }

    /// <summary>The claims, with their times. Nothing where they make no sense.</summary>
    public static IEnumerable<(At At, Input Input)> Read(Recorded group, At at)
    {
        if (group is not { Channel: { } channel, Names: { } zones, Measures: { } measures, Claims: { } words }) yield break;
        foreach (var claim in RecordedClaim.Of(words))
            if (claim.Zone >= 0 && claim.Zone < zones.Length && claim.Measure >= 0 && claim.Measure < measures.Length && Enum.TryParse<Measure>(measures[claim.Measure], out var measure))
                yield return (at + TimeSpan.FromTicks(claim.Later), new ZoneSignal(channel, zones[claim.Zone], measure, claim.Value));
    }
}

/// <summary>One claim of a group, as four numbers in a row.</summary>
/// <param name="Zone">Its place among the group's zones.</param>
/// <param name="Measure">Its place among the group's measures.</param>
/// <param name="Value">The value.</param>
/// <param name="Later">Ticks after the first of the group.</param>
internal readonly record struct RecordedClaim(int Zone, int Measure, long Value, long Later)
{
    public const int Length = 4;

    public void AddTo(List<long> words) => words.AddRange([Zone, Measure, Value, Later]);

    public static IEnumerable<RecordedClaim> Of(long[] words)
    {
        for (var i = 0; i + Length <= words.Length; i += Length) yield return new((int)words[i], (int)words[i + 1], words[i + 2], words[i + 3]);
    }
}
