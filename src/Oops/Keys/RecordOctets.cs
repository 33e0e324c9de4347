using System.Text.Json;
using System.Text.Json.Serialization;

namespace Oops.Keys;

/// <summary>The data of one record. Two are equal if all their octets are.</summary>
internal abstract class RecordOctets(byte[] data) : IEquatable<RecordOctets>
{
    /// <summary>Nobody writes into it.</summary>
    public byte[] Data { get; } = data;

    public bool Equals(RecordOctets? other) => other is not null && other.GetType() == GetType() && Data.AsSpan().SequenceEqual(other.Data);

    public override bool Equals(object? obj) => Equals(obj as RecordOctets);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Data);
        return hash.ToHashCode();
    }

    /// <summary>In the order of their octets, each once: the form in which two sets are compared.</summary>
    public static List<T> Sorted<T>(IEnumerable<T> records)
        where T : RecordOctets
    {
        List<T> sorted = [.. records.Distinct().Cast<T>()];
        sorted.Sort((a, b) => a.Data.AsSpan().SequenceCompareTo(b.Data));
        return sorted;
    }
}

/// <summary>In the store: base64.</summary>
internal abstract class RecordOctetsConverter<T> : JsonConverter<T>
    where T : RecordOctets
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var data) && Make(data) is { } made ? made : throw new JsonException("not the data of such a record");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.Data);

    /// <summary>Null: it is none.</summary>
    protected abstract T? Make(byte[] data);
}
