using System.Text.Json;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>The records' metadata, generated at build time: the loader, the schema and the visit read nothing else.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(DurationConverter), typeof(PrefixConverter)])]
[JsonSerializable(typeof(OopsConfig))]
internal sealed partial class ConfigJson : JsonSerializerContext;
