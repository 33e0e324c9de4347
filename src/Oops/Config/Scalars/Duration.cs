using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>Durations as `30s`, `5m`, `1h30m`, `1w2d3h4m5s`, `250ms`, or a plain 0: whole numbers, each unit once, largest first.</summary>
internal static class Duration
{
    public const string What = "a duration such as 250ms, 30s, 5m, 1h30m or 1d";
    public const string Pattern = "^(0|(?=.)([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$";

    static readonly (string Unit, long Ticks)[] Units =
    [
        ("w", 7 * TimeSpan.TicksPerDay), ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>The longest duration that means something here: 100 years.</summary>
    static readonly long MostTicks = TimeSpan.FromDays(36_525).Ticks;

    public static TimeSpan? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        if (text == "0")
            return TimeSpan.Zero;
        if (text.Length is > 0 and <= 12 && text.All(char.IsAsciiDigit))
        {
            problem = $"{text} has no unit; write {text}s for seconds";
            return null;
        }

        long total = 0;
        var unit = 0;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 12)
                return null;
            var number = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9') is var at && at < 0 ? rest.Length : at;
            var name = rest[..letters];
            while (unit < Units.Length && !name.SequenceEqual(Units[unit].Unit))
                unit++;
            if (unit == Units.Length)
                return null;
            if (number > MostTicks / Units[unit].Ticks || (total += number * Units[unit].Ticks) > MostTicks)
            {
                problem = $"{ConfigErrors.Show(text)} is longer than 100 years";
                return null;
            }

            unit++;
            rest = rest[letters..];
        }

        return text.Length == 0 ? null : new TimeSpan(total);
    }

    /// <summary>The shortest text that parses to the same: `1h30m`, `0s`.</summary>
    public static string Format(TimeSpan span)
    {
        var text = new StringBuilder();
        var ticks = span.Ticks;
        foreach (var (unit, size) in Units.Skip(1))
        {
            if (ticks / size is > 0 and var count)
                text.Append(count).Append(unit);
            ticks %= size;
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}

internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Duration.Parse(reader.GetString() ?? "", out var problem) ?? throw new JsonException(problem);

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Duration.Format(value));
}
