using System.Globalization;
using Oops.Bus;
using Oops.Config;
using Oops.Core;
using Oops.Native;

namespace Oops.Actions;

/// <summary>One thing that is told of a reaction.</summary>
/// <param name="Name">In snake case: `previous_serial`.</param>
/// <param name="Text">Printable.</param>
/// <param name="Number">Where it is one.</param>
internal readonly record struct ReactionField(string Name, string Text, long? Number = null)
{
    public static ReactionField Of(string name, long number) => new(name, number.ToString(CultureInfo.InvariantCulture), number);
}

/// <summary>What is told of a reaction to people and programs outside: the same names for the same things on every channel.</summary>
/// <param name="action">The action's name.</param>
/// <param name="config">What its conditions stand for, and where we are.</param>
internal sealed class ReactionFields(string action, OopsConfig config)
{
    readonly Conditions conditions = new(config.Conditions, new());

    /// <summary>Of <see cref="IActionConfig.DependsOn"/>: what a condition stands for is told with it.</summary>
    public static string DependsOn(OopsConfig config) => BusWords.All(config) + string.Concat(config.Conditions.OrderBy(static c => c.Key, StringComparer.Ordinal).Select(static c => $" {c.Value.Polarity}"));

    public static string SiteOf(OopsConfig config) => config.Site ?? Environment.MachineName;

    public string KindOf(ReactionIntent reaction) => BusWords.KindOf(config, reaction.Condition);

    /// <summary>Whether it is good or bad when it is met; null: it left the config.</summary>
    public Polarity? PolarityOf(ReactionIntent reaction) => conditions.Find(reaction.Condition)?.Polarity;

    /// <summary>`keys-changed: example at ns1`.</summary>
    public static string TitleOf(ReactionIntent reaction) => reaction.Zone is { } zone ? $"{reaction.Condition}: {zone} at {reaction.Server}" : $"{reaction.Condition}: {reaction.Server}";

    /// <summary>As `oops explain` takes it.</summary>
    public static string SubjectOf(ReactionIntent reaction) => reaction.Zone is { } zone ? $"zone/{reaction.Server}/{zone}" : $"server/{reaction.Server}";

    /// <summary>RFC 3339, in UTC; null: not known.</summary>
    public static string? TimeOf(ReactionIntent reaction) => reaction.When?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public string IdOf(ReactionIntent reaction) => BusWords.IdOf(action, reaction);

    /// <summary>What is not known is left out.</summary>
    public IEnumerable<ReactionField> Of(ReactionIntent reaction)
    {
        yield return new("condition", reaction.Condition);
        yield return new("kind", KindOf(reaction));
        yield return new("state", Words.Of(reaction.State));
        yield return new("server", reaction.Server);
        if (reaction.Zone is { } zone)
            yield return new("zone", zone);
        if (reaction.Serial is { } serial)
            yield return ReactionField.Of("serial", serial);
        if (reaction.PreviousSerial is { } previous)
            yield return ReactionField.Of("previous_serial", previous);
        if (reaction.Source is { } source)
            yield return new("source", source.ToString());
        if (reaction.Channel is { } channel)
            yield return new("channel", channel);
        yield return new("because", OutputTail.Printable(reaction.Because));
        yield return new("action", action);
        yield return ReactionField.Of("rule", reaction.Rule);
        yield return ReactionField.Of("sequence", reaction.Sequence);
        yield return new("site", SiteOf(config));
        if (TimeOf(reaction) is { } time)
            yield return new("time", time);
    }
}
