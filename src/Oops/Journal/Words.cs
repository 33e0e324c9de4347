using System.Globalization;
using Oops.Core;

namespace Oops.Journal;

/// <summary>How states, forms and spans are written, everywhere the same.</summary>
internal static class Words
{
    public static string Of(State state) => state switch
    {
        State.Met => "met",
        State.NotMet => "not-met",
        _ => "unknown",
    };

    public static bool TryState(string word, out State state)
    {
        state = word switch
        {
            "met" => State.Met,
            "not-met" => State.NotMet,
            _ => State.Unknown,
        };
        return word is "met" or "not-met" or "unknown";
    }

    public static string Of(RouteForm form) => form switch
    {
        RouteForm.Withdrawn => "withdrawn",
        RouteForm.Plain => "announced",
        RouteForm.Degraded => "degraded",
        _ => "draining",
    };

    public static string Of(RouteState state) => state switch
    {
        RouteState.Withdrawn => "withdrawn",
        RouteState.Announced => "announced",
        RouteState.Kept => "kept",
        RouteState.Degraded => "degraded",
        RouteState.Adopted => "adopted",
        RouteState.Drained => "drained",
        RouteState.Orphan => "orphan",
        _ => "unknown",
    };

    public static string Of(AlarmPhase phase) => phase switch
    {
        AlarmPhase.Raised => "raised",
        AlarmPhase.Repeated => "repeated",
        _ => "cleared",
    };

    /// <summary>`1d`, `1h30m`, `5m`, `30s`, `1.5s`, `800ms`.</summary>
    public static string Of(TimeSpan span)
    {
        if (span == Timeout.InfiniteTimeSpan) return "ever";
        if (span < TimeSpan.Zero) return "-" + Of(-span);
        if (span < TimeSpan.FromSeconds(1)) return span == TimeSpan.Zero ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0}ms");
        if (span < TimeSpan.FromMinutes(1)) return string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#}s");
        var text = "";
        if (span.Days > 0) text += $"{span.Days}d";
        if (span.Hours > 0) text += $"{span.Hours}h";
        if (span.Minutes > 0 && span.Days == 0) text += $"{span.Minutes}m";
        if (span.Seconds > 0 && span.TotalHours < 1) text += $"{span.Seconds}s";
        return text;
    }
}
