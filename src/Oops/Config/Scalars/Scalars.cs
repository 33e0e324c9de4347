using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Oops.Config;

/// <summary>What a text of a config is read as: one entry per type that a config record may have as a property.</summary>
/// <param name="What">As a message says it.</param>
/// <param name="Example">A value that parses.</param>
/// <param name="Parse">The value; or null and the problem.</param>
/// <param name="Write">The value as JSON that the source-generated reader takes.</param>
/// <param name="Format">A value of the type as a config writes it.</param>
/// <param name="Schema">Its JSON Schema.</param>
internal sealed record Scalar(string What, string Example, Func<string, (object? Value, string Problem)> Parse, Action<Utf8JsonWriter, object> Write, Func<object, string> Format, Func<JsonObject> Schema);

internal static class Scalars
{
    // A scalar type of an adapter adds its line here.
    static readonly FrozenDictionary<Type, Scalar> Known = new Dictionary<Type, Scalar>
    {
        [typeof(string)] = new("a text", "text", t => (t, ""), (w, v) => w.WriteStringValue((string)v), v => (string)v, () => new JsonObject { ["type"] = "string", ["minLength"] = 1 }),
        [typeof(bool)] = new("true or false", "true", Bool, (w, v) => w.WriteBooleanValue((bool)v), v => (bool)v ? "true" : "false", () => new JsonObject { ["type"] = "boolean" }),
        [typeof(int)] = new("a whole number", "1", Int, (w, v) => w.WriteNumberValue((int)v), v => ((int)v).ToString(CultureInfo.InvariantCulture), () => new JsonObject { ["type"] = "integer" }),
        [typeof(long)] = new("a whole number", "1", Long, (w, v) => w.WriteNumberValue((long)v), v => ((long)v).ToString(CultureInfo.InvariantCulture), () => new JsonObject { ["type"] = "integer" }),
        [typeof(double)] = new("a number", "1", Double, (w, v) => w.WriteNumberValue((double)v), v => ((double)v).ToString(CultureInfo.InvariantCulture), () => new JsonObject { ["type"] = "number" }),
        [typeof(TimeSpan)] = Text(Duration.What, "30s", Duration.Pattern, t => (Duration.Parse(t, out var p), p), v => Duration.Format((TimeSpan)v)),
        [typeof(IPNetwork)] = Text(Prefix.What, "192.0.2.0/24", Prefix.Pattern, t => (Prefix.Parse(t, out var p), p), v => ((IPNetwork)v).ToString()),
        [typeof(Endpoint)] = Of<Endpoint>(),
        [typeof(Share)] = Of<Share>(),
        [typeof(CountOrShare)] = Of<CountOrShare>(),
        [typeof(NameOrNot)] = Of<NameOrNot>(),
        [typeof(ZoneName)] = Of<ZoneName>(),
        [typeof(ZonePattern)] = Of<ZonePattern>(),
        [typeof(DegradeAs)] = Of<DegradeAs>(),
        [typeof(InfoCode)] = Of<InfoCode>(),
        [typeof(SocketPlace)] = Of<SocketPlace>(),
        [typeof(SocketMode)] = Of<SocketMode>(),
        [typeof(TlsPin)] = Of<TlsPin>(),
    }.ToFrozenDictionary();

    /// <summary>The scalar of a type (also of its nullable form); null if the type is a record, list or map.</summary>
    public static Scalar? For(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return Known.GetValueOrDefault(type) ?? (type.IsEnum ? Enumeration(type) : null);
    }

    static Scalar Of<T>()
        where T : struct, IScalar<T> =>
        Text(T.What, T.Example, T.Pattern, t => (T.Parse(t, out var problem), problem), v => v.ToString() ?? "");

    static Scalar Text(string what, string example, string pattern, Func<string, (object?, string)> parse, Func<object, string> format) =>
        new(what, example, parse, (w, v) => w.WriteStringValue(format(v)), format, () => pattern switch
        {
            // What a config may write without a unit or a percent sign is a number to an editor.
            Duration.Pattern => new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = pattern, ["minimum"] = 0, ["maximum"] = 0 },
            _ when what == SocketMode.What => new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = pattern },
            _ when what == InfoCode.What => new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = pattern, ["minimum"] = 0, ["maximum"] = ushort.MaxValue },
            _ when what == CountOrShare.What => new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = pattern, ["minimum"] = 0 },
            _ => new JsonObject { ["type"] = "string", ["pattern"] = pattern },
        });

    // Enum values are written in kebab case; the JSON reader takes the member's name (UseStringEnumConverter).
    static Scalar Enumeration(Type type)
    {
        var members = Enum.GetNames(type);
        var words = members.Select(JsonNamingPolicy.KebabCaseLower.ConvertName).ToArray();
        var what = $"one of {string.Join(", ", words)}";
        return new Scalar(
            what,
            words[0],
            t => Array.IndexOf(words, t) is >= 0 and var i ? (members[i], "") : (null, $"{ConfigErrors.Show(t)} is not {what}{Suggest.DidYouMean(t, words)}"),
            (w, v) => w.WriteStringValue((string)v),
            v => JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString() ?? ""),
            () => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(x => (JsonNode)x)]) });
    }

    static (object?, string) Bool(string text) => text switch
    {
        "true" => (true, ""),
        "false" => (false, ""),
        "yes" or "on" or "True" or "TRUE" => (null, $"'{text}' is not true or false; write true"),
        "no" or "off" or "False" or "FALSE" => (null, $"'{text}' is not true or false; write false"),
        _ => (null, $"{ConfigErrors.Show(text)} is not true or false"),
    };

    static (object?, string) Int(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? (value, "") : (null, $"{ConfigErrors.Show(text)} is not a whole number");

    static (object?, string) Long(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? (value, "") : (null, $"{ConfigErrors.Show(text)} is not a whole number");

    static (object?, string) Double(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? (value, "")
            : (null, $"{ConfigErrors.Show(text)} is not a number");
}
