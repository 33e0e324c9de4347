using System.Globalization;
using Oops.Config;
using Oops.Core;

namespace Oops.Bus;

/// <summary>The names of a config in the words of the format.</summary>
internal static class BusWords
{
    /// <summary>`NAME=VALUE` of a named condition: spans in seconds; null: it has no parameter, or is a composition.</summary>
    public static string? ParameterOf(OopsConfig config, string condition)
    {
        if (!config.Conditions.TryGetValue(condition, out var written) || written.Kind is null) return null;
        if (written.Before is { } before) return Text("before", before.TotalSeconds);
        if (written.Behind is { } behind) return Text("behind", behind.TotalSeconds);
        if (written.Tries is { } tries) return Text("tries", tries);
        if (written.Threshold is { } threshold) return Text("threshold", threshold);
        if (written.AtLeast?.Share is { } share) return Text("at-least", share.Percent / 100);
        return written.Codes is { Count: > 0 } codes ? "codes=" + string.Join(',', codes) : null;
    }

    /// <summary>`keys-changed`; `composed` of a composition.</summary>
    public static string KindOf(OopsConfig config, string condition) =>
        config.Conditions.TryGetValue(condition, out var written) ? written.Kind is { } kind ? Kinds.Of(kind).Name : "composed" : Kinds.Find(condition)?.Name ?? "composed";

    /// <summary>All that the two say of a config, as text.</summary>
    public static string All(OopsConfig config) => string.Join(' ', config.Conditions.Keys.Order(StringComparer.Ordinal).Select(c => $"{c}:{KindOf(config, c)}:{ParameterOf(config, c)}"));

    /// <summary>Of what a rule fired for: the same at each try, also after a restart, and of no other reaction of that action (<see cref="ReactionIntent.Id"/>).</summary>
    public static string IdOf(string action, ReactionIntent reaction) => string.Create(CultureInfo.InvariantCulture, $"{action}-{reaction.Sequence}-{reaction.When?.UtcTicks ?? 0:x}");

    static string Text(string name, double value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value:R}");
}
