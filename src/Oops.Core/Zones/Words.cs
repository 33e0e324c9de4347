using System.Globalization;

namespace Oops.Core;

/// <summary>Measurements and times in words, for because, explain and alarms.</summary>
internal static class Words
{
    public static string Of(Measure measure, uint value, At now) => measure switch
    {
        Measure.Serial => string.Create(CultureInfo.InvariantCulture, $"serial {value}"),
        Measure.Expiry => Left("expires", "expired", value, now),
        Measure.SignatureExpiry => Left("a signature expires", "a signature expired", value, now),
        Measure.RefreshFailures => value == 0 ? "refreshed" : string.Create(CultureInfo.InvariantCulture, $"{value} failed refreshes"),
        Measure.Invalid => value == 0 ? "valid" : "invalid",
        Measure.Keys => string.Create(CultureInfo.InvariantCulture, $"key set {value:x8}"),
        Measure.CdsNotified or Measure.CsyncNotified => $"notified at {DateTimeOffset.FromUnixTimeSeconds(value):u}",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    public static string AbsentOf(Measure measure) => measure switch
    {
        Measure.Serial => "not loaded",
        Measure.Expiry => "does not expire",
        Measure.SignatureExpiry => "unsigned",
        _ => "none",
    };

    /// <summary>`0.250 s`, `12 s`, `5 min`, `3 h`, `2 d`.</summary>
    public static string Span(TimeSpan span)
    {
        var s = Math.Abs(span.TotalSeconds);
        return s switch
        {
            < 10 => s.ToString("0.###", CultureInfo.InvariantCulture) + " s",
            < 120 => s.ToString("0", CultureInfo.InvariantCulture) + " s",
            < 7200 => (s / 60).ToString("0", CultureInfo.InvariantCulture) + " min",
            < 172800 => (s / 3600).ToString("0", CultureInfo.InvariantCulture) + " h",
            _ => (s / 86400).ToString("0", CultureInfo.InvariantCulture) + " d",
        };
    }

    public static string Of(State state) => state switch { State.Met => "met", State.NotMet => "not-met", _ => "unknown" };

    static string Left(string will, string has, uint tenths, At now)
    {
        var left = ZoneTable.At(tenths) - now;
        return left > TimeSpan.Zero ? $"{will} in {Span(left)}" : has;
    }
}
