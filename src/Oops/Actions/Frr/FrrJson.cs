using System.Text.Json;

namespace Oops.Actions.Frr;

/// <summary>Looks into bgpd's JSON; what is not there, or of another kind, is nothing rather than an exception.</summary>
internal static class FrrJson
{
    static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>Null: the text is no JSON object, or <paramref name="of"/> says so.</summary>
    public static T? Read<T>(string text, Func<JsonElement, T?> of) where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? of(document.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader of the runtime tells by an exception; half a surrogate pair in a text or a name by another.
            return null;
        }
    }

    public static JsonElement? Child(this JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var child) ? child : null;

    public static string? Text(this JsonElement of, string name) => of.Child(name) is { ValueKind: JsonValueKind.String } child ? child.GetString() : null;

    public static uint? Number(this JsonElement of, string name) => of.Child(name) is { ValueKind: JsonValueKind.Number } child && child.TryGetUInt32(out var number) ? number : null;

    public static bool Flag(this JsonElement of, string name) => of.Child(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement of, string name) => of.Child(name) is { ValueKind: JsonValueKind.Array } child ? child.EnumerateArray() : [];

    /// <summary>The names and values of an object within.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement of, string name) => of.Child(name) is { ValueKind: JsonValueKind.Object } child ? child.EnumerateObject() : [];
}
