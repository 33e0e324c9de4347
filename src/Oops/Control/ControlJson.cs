using System.Text.Json.Serialization;
using Oops.Core;
using Oops.Journal;
using Oops.Reports;

namespace Oops.Control;

/// <summary>The contract's form: snake_case keys, RFC 3339 times with milliseconds, durations in seconds, states as words.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(TimeConverter), typeof(SecondsConverter), typeof(StateConverter), typeof(RouteFormConverter),
        typeof(KebabConverter<RouteState>), typeof(KebabConverter<Mode>), typeof(KebabConverter<Standing>), typeof(KebabConverter<Evidence>)])]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(ZonesAnswer))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(ReportsAnswer))]
[JsonSerializable(typeof(StoredReport))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(WatchLine))]
[JsonSerializable(typeof(VerbRequest))]
[JsonSerializable(typeof(VerbAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
