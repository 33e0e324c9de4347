using System.Globalization;

namespace Oops.Core;

/// <summary>How states, forms, spans and measurements are written for a person, everywhere the same.</summary>
public static class Words
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
        RouteForm.DrainingDegraded => "draining-degraded",
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

    public static string Of(Stay why) => why switch
    {
        Stay.Held => "held",
        Stay.LastResort => "last-resort",
        Stay.Covered => "covered",
        Stay.NoReference => "no-reference",
        _ => "over",
    };

    public static string Of(AlarmPhase phase) => phase switch
    {
        AlarmPhase.Raised => "raised",
        AlarmPhase.Repeated => "repeated",
        _ => "cleared",
    };

    /// <summary>A span as a config has it, as exact as a person wants it: `1d2h`, `1h30m`, `5m`, `30s`, `1.5s`, `800ms`; what is over is `0s`, an endless one `ever`.</summary>
    public static string Of(TimeSpan span)
    {
        if (span == Timeout.InfiniteTimeSpan) return "ever";
        if (span.TotalMilliseconds < 0.5) return "0s";
        if (span.TotalSeconds < 0.9995) return string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0}ms");
        if (span.TotalSeconds < 59.95) return string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#}s");
        span = TimeSpan.FromSeconds(Math.Round(span.TotalSeconds));
        var text = "";
        if (span.Days > 0) text += $"{span.Days}d";
        if (span.Hours > 0) text += $"{span.Hours}h";
        if (span.Minutes > 0 && span.Days == 0) text += $"{span.Minutes}m";
        if (span.Seconds > 0 && span.TotalHours < 1) text += $"{span.Seconds}s";
        return text;
    }

    /// <summary>`1 route`, `2 routes`; `1 process`, `2 processes`.</summary>
    public static string Count(long number, string thing) => string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : thing.EndsWith('s') ? "es" : "s")}");

    /// <summary>What it means that somebody else announces the same, as the router told it.</summary>
    public static string Shared(string others) => $"{others}; while it does, a withdraw of ours takes nothing off the wire: take it out";

    internal static string Of(Measure measure, uint value, At now) => measure switch
    {
        Measure.Serial => string.Create(CultureInfo.InvariantCulture, $"serial {value}"),
        Measure.Expiry => Left("expires", "expired", value, now),
        Measure.SignatureExpiry => Left("a signature expires", "a signature expired", value, now),
        Measure.RefreshFailures => value == 0 ? "refreshed" : string.Create(CultureInfo.InvariantCulture, $"{value} failed {(value == 1 ? "refresh" : "refreshes")}"),
        Measure.Invalid => value == 0 ? "valid" : "invalid",
        Measure.Keys => string.Create(CultureInfo.InvariantCulture, $"key set {value:x8}"),
        Measure.ErrorReports => value == 0 ? "no reports" : Count(value, "report"),
        Measure.Delegation => value switch { 0 => "DS and keys fit", 1 => "a change of the DS is wanted", 2 => "signed, and no DS", 3 => "validators may fail", _ => "validators fail" },
        Measure.CdsWanted => value == 0 ? "asks for no other DS" : string.Create(CultureInfo.InvariantCulture, $"asks for another DS ({value:x8})"),
        Measure.CdsNotified or Measure.CsyncNotified => $"notified at {DateTimeOffset.FromUnixTimeSeconds(value):u}",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    internal static string AbsentOf(Measure measure) => measure switch
    {
        Measure.Serial => "not loaded",
        Measure.Expiry => "does not expire",
        Measure.SignatureExpiry => "unsigned",
        _ => "none",
    };

    static string Left(string will, string has, uint tenths, At now)
    {
        var left = ZoneTable.At(tenths) - now;
        return left > TimeSpan.Zero ? $"{will} in {Of(left)}" : has;
    }
}
