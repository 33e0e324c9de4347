using System.Collections.Immutable;
using System.ComponentModel;
using System.Net;
using System.Text.Json.Serialization;
using Oops.Actions;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Sources;

namespace Oops.Tests.Config;

/// <summary>One key of each type that a config may have.</summary>
internal sealed record EveryType : IValidate
{
    [Description("A text.")]
    public string? Text { get; set; }

    [Description("A flag.")]
    public bool Flag { get; set; } = true;

    [Description("A number.")]
    [Bounds("1", "10")]
    public int Number { get; set; } = 3;

    [Description("A rate.")]
    public double Rate { get; set; } = 1.5;

    [Description("A wait.")]
    [Bounds("100ms", "1h")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(90);

    [Description("A share.")]
    public Share? Share { get; set; }

    [Description("A number or share.")]
    public CountOrShare? AtLeast { get; set; }

    [Description("An address.")]
    public Endpoint? Listen { get; set; }

    [Description("Prefixes.")]
    public IReadOnlyList<IPNetwork> Prefixes { get; set; } = [];

    [Description("Zones.")]
    public IReadOnlyList<ZoneName> Zones { get; set; } = [];

    [Description("Patterns.")]
    public IReadOnlyList<ZonePattern> Patterns { get; set; } = [];

    [Description("A choice.")]
    public OnExit OnExit { get; set; }

    [Description("A degraded form.")]
    public DegradeAs? Degrade { get; set; }

    [Description("A path.")]
    [Path]
    public string? File { get; set; }

    [Description("Texts by name.")]
    public IReadOnlyDictionary<string, string>? Map { get; set; }

    [Description("Records with a required key.")]
    public IReadOnlyList<WithRequired> Items { get; set; } = [];

    [Description("A union.")]
    public EntryConfig? Entry { get; set; }

    public void Validate(ConfigErrors errors, string path)
    {
        if (Text == "refuse me")
            errors.Add("text", "is refused across keys");
    }
}

internal sealed record WithRequired
{
    [Description("what it is called.")]
    public required string Name { get; set; }

    [Description("A number.")]
    public int Count { get; set; } = 7;
}

/// <summary>The daemon's config with adapters that exist only here.</summary>
internal sealed record TestConfig
{
    public required Mode Mode { get; set; }

    public string? Site { get; set; }

    [Declares(Named.Server)]
    [NotEmpty]
    public required IReadOnlyDictionary<string, ServerConfig> Servers { get; set; }

    [Declares(Named.Condition)]
    public IReadOnlyDictionary<string, ConditionConfig> Conditions { get; set; } = new Dictionary<string, ConditionConfig>();

    public TestSources Sources { get; set; } = new();

    public TestActions Actions { get; set; } = new();

    [Declares(Named.Route)]
    public IReadOnlyDictionary<string, RouteConfig> Routes { get; set; } = new Dictionary<string, RouteConfig>();

    public IReadOnlyList<RuleConfig> Rules { get; set; } = [];

    public LimitsConfig Limits { get; set; } = new();

    public OopsConfig ToConfig() => new()
    {
        Mode = Mode,
        Site = Site,
        Servers = Servers,
        Conditions = Conditions,
        Routes = Routes,
        Rules = Rules,
        Limits = Limits,
    };
}

internal sealed record TestSources
{
    public IReadOnlyList<WitnessConfig> Knot { get; set; } = [];

    public IReadOnlyList<ProbeLikeConfig> Probe { get; set; } = [];

    public IReadOnlyList<ReportsLikeConfig> Reports { get; set; } = [];
}

/// <summary>Covers everything of a server that Knot's control socket and the process table tell.</summary>
internal sealed record WitnessConfig : ISourceConfig
{
    [Reference(Named.Server)]
    public required string Server { get; set; }

    public IEnumerable<string> ListsZonesOf => [Server];

    public ISource Create(OopsConfig config) => new SilentSource(
        $"knot/{Server}",
        [new ChannelSpec($"knot/{Server}/control", Server, Standing.Witness, [Measure.Answering, Measure.Stopping, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], TimeSpan.FromSeconds(30), Process: true)]);
}

/// <summary>Asks addresses, and the server's primaries as reference.</summary>
internal sealed record ProbeLikeConfig : ISourceConfig
{
    [Reference(Named.Server)]
    public required string Server { get; set; }

    public IReadOnlyList<Endpoint> To { get; set; } = [];

    public ISource Create(OopsConfig config) => new SilentSource(
        $"probe/{Server}",
        [
            .. To.Select(t => new ChannelSpec($"probe/{Server}/{t}", Server, Standing.Witness, [Measure.Answering, Measure.Serial], TimeSpan.FromSeconds(3), t.Address)),
            .. config.Servers[Server].Primaries.Select(p => new ChannelSpec($"probe/{Server}/{p}", Server, Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(3), p.Address)),
        ]);
}

/// <summary>Hears reports of resolvers: a channel for each condition that is about them.</summary>
internal sealed record ReportsLikeConfig : ISourceConfig
{
    [Reference(Named.Server)]
    public required string Server { get; set; }

    public ISource Create(OopsConfig config) => new SilentSource(
        $"reports/{Server}",
        [.. config.Conditions.Where(c => c.Value.Kind == Kind.ErrorReported).Select(c => new ChannelSpec($"reports/{Server}/{c.Key}", Server, Standing.Witness, [Measure.ErrorReports], Timeout.InfiniteTimeSpan) { Condition = c.Key })]);
}

internal sealed record TestActions
{
    public IReadOnlyList<RouterLikeConfig> Bird { get; set; } = [];

    public IReadOnlyList<CommandLikeConfig> Exec { get; set; } = [];
}

internal sealed record RouterLikeConfig : IActionConfig
{
    [Declares(Named.Action)]
    public required string Name { get; set; }

    public bool CarriesRoutes => true;

    public IAction Create(OopsConfig config) => throw new InvalidOperationException();
}

internal sealed record CommandLikeConfig : IActionConfig
{
    [Declares(Named.Action)]
    public required string Name { get; set; }

    public bool CarriesRoutes => false;

    public IAction Create(OopsConfig config) => throw new InvalidOperationException();
}

/// <summary>A source of which only the coverage is asked.</summary>
internal sealed class SilentSource(string name, ImmutableArray<ChannelSpec> covers) : ISource
{
    public string Name => name;

    public ImmutableArray<ChannelSpec> Covers => covers;

    public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(DurationConverter), typeof(PrefixConverter)])]
[JsonSerializable(typeof(EveryType))]
[JsonSerializable(typeof(TestConfig))]
internal sealed partial class TestJson : JsonSerializerContext;
