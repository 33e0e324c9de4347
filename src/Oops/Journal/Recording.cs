using Oops.Core;

namespace Oops.Journal;

/// <summary>The channels of a policy as the journal keeps them.</summary>
internal static class Recording
{
    public static RecordedChannel[] Channels(Policy policy) =>
        [.. policy.Channels.Select(c => new RecordedChannel(c.Name, c.Server, c.Standing.ToString(), [.. c.Measures.Select(m => m.ToString())], c.Validity == Timeout.InfiniteTimeSpan ? null : c.Validity.TotalSeconds, c.Codes is { } codes ? [.. codes.Codes] : null, Counts(c, policy)))];

    static string? Counts(ChannelSpec channel, Policy policy) =>
        channel.Condition is { } name && policy.Conditions.FirstOrDefault(c => c.Name == name) is KindSpec spec
            ? $"{name}: {string.Join(' ', spec.Codes.Codes)} within {Words.Of(spec.Span)} from {Words.Count(spec.Networks, "network")}"
            : null;

    /// <summary>What makes two sets of channels incomparable, in words.</summary>
    public static IEnumerable<string> Differences(RecordedChannel[] then, RecordedChannel[] now)
    {
        var known = then.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (var channel in now)
        {
            if (!known.Remove(channel.Name, out var was)) yield return $"channel {channel.Name} was not there: nothing of it is recorded";
            else if (was.Server != channel.Server || was.Standing != channel.Standing || was.Validity != channel.Validity || !was.Measures.SequenceEqual(channel.Measures) || was.Counts != channel.Counts || !(was.Codes ?? []).SequenceEqual(channel.Codes ?? [])) yield return $"channel {channel.Name} has changed";
        }

        foreach (var name in known.Keys) yield return $"channel {name} is gone: what it said is not heard";
    }
}
