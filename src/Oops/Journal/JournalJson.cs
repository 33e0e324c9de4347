using System.Text.Json.Serialization;
using Oops.Core;

namespace Oops.Journal;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(ZoneSetConverter)])]
[JsonSerializable(typeof(Recorded))]
[JsonSerializable(typeof(RecordedReaction))]
[JsonSerializable(typeof(RecordedChannel[]))]
[JsonSerializable(typeof(Snapshot))]
internal sealed partial class JournalJson : JsonSerializerContext;
