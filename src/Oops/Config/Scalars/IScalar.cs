using System.Text.Json;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>A config value that is written as one text and has a type of its own.</summary>
internal interface IScalar<T>
    where T : struct, IScalar<T>
{
    /// <summary>What is expected, as a message says it: "a share such as 10%".</summary>
    static abstract string What { get; }

    /// <summary>A value that parses; the pattern's witness in tests.</summary>
    static abstract string Example { get; }

    /// <summary>ECMA 262 pattern for editors; the parser is the judge.</summary>
    static abstract string Pattern { get; }

    /// <summary>The value, or null and a problem ("'x' is not ...; write ...").</summary>
    static abstract T? Parse(string text, out string problem);
}

/// <summary>Reads and writes an <see cref="IScalar{T}"/> as a JSON string. The walk has checked the text before.</summary>
internal sealed class ScalarConverter<T> : JsonConverter<T>
    where T : struct, IScalar<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.Parse(reader.GetString() ?? "", out var problem) ?? throw new JsonException(problem);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
