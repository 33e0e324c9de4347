using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Oops.Core;

namespace Oops.Control;

/// <summary>RFC 3339 in UTC with milliseconds.</summary>
internal sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
}

/// <summary>Seconds, as a number; without an end: null.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(reader.GetDouble());

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
    {
        if (value == Timeout.InfiniteTimeSpan) writer.WriteNullValue();
        else writer.WriteNumberValue(Math.Round(value.TotalSeconds, 3));
    }
}

internal sealed class StateConverter : JsonConverter<State>
{
    public override State Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Words.TryState(reader.GetString() ?? "", out var state) ? state : throw new JsonException("met, not-met or unknown");

    public override void Write(Utf8JsonWriter writer, State value, JsonSerializerOptions options) => writer.WriteStringValue(Words.Of(value));
}

internal sealed class RouteFormConverter : JsonConverter<RouteForm>
{
    public override RouteForm Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var word = reader.GetString();
        foreach (var form in Enum.GetValues<RouteForm>())
            if (Words.Of(form) == word) return form;
        throw new JsonException("not a form of a route");
    }

    public override void Write(Utf8JsonWriter writer, RouteForm value, JsonSerializerOptions options) => writer.WriteStringValue(Words.Of(value));
}

/// <summary>The other enums: their names in kebab case.</summary>
internal sealed class KebabConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower)
    where T : struct, Enum;
