using System.ComponentModel;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Dnsdist;

/// <summary>One dnsdist, by its HTTP API.</summary>
internal sealed record DnsdistConfig : ISourceConfig
{
    const int DefaultPort = 8083;

    [Description("The server, by its name under servers; of kind dnsdist.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where its API listens (webserver(...) in dnsdist.conf): IP address, with a port if it is not 8083. Default: 127.0.0.1.")]
    public Endpoint? Api { get; set; }

    [Description("Absolute path of a file that holds the API's key (apiKey of setWebserverConfig) and nothing else. Others must not be able to read it. Read anew for each request.")]
    [Path]
    public required string KeyFile { get; set; }

    [Description("Absolute path of a PEM file: the API is asked over TLS, and one of these certificates must have signed its own, or be it. Default: plain HTTP, which is all that dnsdist itself speaks.")]
    [Path]
    public string? Ca { get; set; }

    [Description("What is claimed of its backends. Default: nothing.")]
    public IReadOnlyList<DnsdistBackendsConfig> Backends { get; set; } = [];

    [Description("Time between two looks at the backends. What was read is believed for three times as long.")]
    [Bounds("500ms", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Time between two looks at the counters of queries.")]
    [Bounds("1s", "1h")]
    public TimeSpan RateInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long the API may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    public ISource Create(OopsConfig config)
    {
        var api = new HttpApiOptions("dnsdist", Api?.ToIPEndPoint(DefaultPort) ?? new(System.Net.IPAddress.Loopback, DefaultPort), Timeout) { ReadKey = () => SecretFile.Read(KeyFile) };
        return new DnsdistSource(new DnsdistOptions(Server, api, Interval, RateInterval, [.. Backends.Select(Rule)]) { Authority = Ca });

        BackendsRule Rule(DnsdistBackendsConfig backends)
        {
            var condition = config.Conditions.GetValueOrDefault(backends.Condition);
            return new(backends.Condition, condition?.Polarity ?? Kinds.Of(Kind.External).Polarity, condition?.Proof == true ? Evidence.Proof : Evidence.Suspicion,
                backends.Pool == DnsdistBackendsConfig.DefaultPool ? "" : backends.Pool, backends.AtLeast, backends.Grace);
        }
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        var server = config.Servers[Server];
        if (server.Kind != ServerKind.Dnsdist)
            errors.Add($"{path}.server", $"'{Server}' is of kind {server.Kind.ToString().ToLowerInvariant()}; this source asks servers of kind dnsdist");
        for (var i = 0; i < Backends.Count; i++)
        {
            var name = Backends[i].Condition;
            if (config.Conditions.GetValueOrDefault(name) is not { Kind: Kind.External, Polarity: Polarity.Good or Polarity.Bad })
                errors.Add($"{path}.backends[{i}].condition", $"'{name}' is not of kind external with a polarity of good or bad; declare one under conditions: {{ kind: external, polarity: good }}");
            if (Backends.Take(i).Any(b => b.Condition == name))
                errors.Add($"{path}.backends[{i}].condition", $"'{name}' is claimed twice; give each pool a condition of its own, and join them by all or any");
        }
    }
}

/// <summary>A condition that is claimed from the state of the backends.</summary>
internal sealed record DnsdistBackendsConfig
{
    /// <summary>What is written for the pool without a name.</summary>
    internal const string DefaultPool = "default";

    [Description("The condition that it claims, one of kind external: of a good one enough backends are met, of a bad one too few.")]
    [Reference(Named.Condition)]
    public required string Condition { get; set; }

    [Description("Only the backends of this pool are counted; default is dnsdist's own default pool, whose name is empty. Absent: all backends.")]
    public string? Pool { get; set; }

    [Description("How many of them must be up.")]
    [Bounds("1", "10000")]
    public int AtLeast { get; set; } = 1;

    [Description("Fewer are claimed only when that has lasted so long: a backend that is reloaded misses a health check or two.")]
    [Bounds("0s", "1h")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);
}
