using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Oops.Wire.Bus;

/// <summary>The JSON form of a signal (RFC 8259): one flat object, so that what knows no objects within objects can use each field. Arguments are fields whose names begin with `arg_`.</summary>
public static class BusJson
{
    const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    const string Argument = "arg_";

    static readonly JsonReaderOptions Options = new() { MaxDepth = 1 };

    // What is not ASCII, and quotation marks, as themselves: six octets for each would not fit, and a signal is put into no page of HTML.
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(BusSignal signal)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", BusSignal.Version);
            writer.WriteString("id", signal.Id);
            writer.WriteString("life", signal.Life);
            writer.WriteNumber("sequence", signal.Sequence);
            writer.WriteString("time", Text(signal.Time));
            Some("since", signal.Since is { } since ? Text(since) : null);
            Some("valid_until", signal.ValidUntil is { } until ? Text(until) : null);
            writer.WriteString("site", signal.Site);
            writer.WriteString("node", signal.Node);
            Some("server", signal.Server);
            writer.WriteString("condition", signal.Condition);
            writer.WriteString("kind", signal.Kind);
            Some("parameter", signal.Parameter);
            Some("zone", signal.Zone);
            writer.WriteString("state", Word(signal.State));
            if (signal.Value is { } value) writer.WriteNumber("value", value);
            foreach (var argument in signal.Arguments)
            {
                if (argument.Text is { } text) writer.WriteString(Argument + argument.Name, text);
                else writer.WriteNumber(Argument + argument.Name, argument.Number);
            }

            writer.WriteString("because", signal.Because);
            writer.WriteEndObject();

            void Some(string name, string? value)
            {
                if (value is not null) writer.WriteString(name, value);
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>`met`, `not-met`, `unknown`.</summary>
    public static string Word(BusState state) => state switch { BusState.Met => "met", BusState.NotMet => "not-met", _ => "unknown" };

    /// <summary>As a time is written, everywhere the same.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>Null, and why it is no signal. A field that this version does not know is passed over.</summary>
    public static BusSignal? Read(ReadOnlySpan<byte> text, out string why)
    {
        why = "not a flat JSON object";
        if (text.Length > BusSignal.MaxSize)
        {
            why = "too long";
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(text, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var fields = new BusFields();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!reader.Read()) return null;
                why = "a field of another type, or twice";
                if (!seen.Add(name) || !TryField(ref reader, fields, name)) return null;
            }

            // What comes behind the object would be refused here.
            reader.Read();
            fields.Arguments.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return fields.Build(out why);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The runtime's reader tells what is no JSON, or half a surrogate pair, in no other way.
            why = "not a flat JSON object";
            return null;
        }
    }

    static bool TryField(ref Utf8JsonReader reader, BusFields fields, string name)
    {
        switch (name)
        {
            case "v": return TryNumber(ref reader, out fields.Version);
            case "sequence": return TryNumber(ref reader, out fields.Sequence);
            case "time": return TryTime(ref reader, out fields.Time);
            case "since": return TryTime(ref reader, out fields.Since);
            case "valid_until": return TryTime(ref reader, out fields.ValidUntil);
            case "state":
                if (!TryText(ref reader, out var word)) return false;
                fields.State = word switch { "met" => BusState.Met, "not-met" => BusState.NotMet, "unknown" => BusState.Unknown, _ => null };
                return fields.State is not null;
            case "value":
                var whole = TryNumber(ref reader, out var value);
                fields.Value = value;
                return whole;
            case "id": return TryText(ref reader, out fields.Id);
            case "life": return TryText(ref reader, out fields.Life);
            case "site": return TryText(ref reader, out fields.Site);
            case "node": return TryText(ref reader, out fields.Node);
            case "server": return TryText(ref reader, out fields.Server);
            case "condition": return TryText(ref reader, out fields.Condition);
            case "kind": return TryText(ref reader, out fields.Kind);
            case "parameter": return TryText(ref reader, out fields.Parameter);
            case "zone": return TryText(ref reader, out fields.Zone);
            case "because": return TryText(ref reader, out fields.Because);
        }

        if (!name.StartsWith(Argument, StringComparison.Ordinal)) return reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
        string? text = null;
        if (!TryNumber(ref reader, out var number) && !TryText(ref reader, out text)) return false;
        fields.Arguments.Add(new(name[Argument.Length..], text, number));
        return fields.Arguments.Count <= BusRules.MostArguments;
    }

    static bool TryNumber(ref Utf8JsonReader reader, out long number)
    {
        number = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number);
    }

    static bool TryText(ref Utf8JsonReader reader, out string? text)
    {
        text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null;
    }

    static bool TryTime(ref Utf8JsonReader reader, out DateTimeOffset? time)
    {
        time = null;
        if (!TryText(ref reader, out var text)) return false;
        if (!DateTimeOffset.TryParseExact(text, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var found)) return false;
        time = found;
        return true;
    }
}
