using System.ComponentModel;
using System.Net;
using Oops.Config;
using Oops.Engine;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Bind;

/// <summary>One BIND 9 server.</summary>
internal sealed record BindConfig : ISourceConfig, IValidate
{
    /// <summary>The port in the examples of BIND's manual.</summary>
    const int DefaultPort = 8053;

    [Description("The server, by its name under servers. Its address is where it answers queries: there it is asked for single zones, and whether a zone that is not in the list is served all the same. 'zones: {own: ...}' there takes the list of the statistics channel as the expected zones.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("named's statistics channel, plain HTTP: IP address, with a port if it is not 8053. In named.conf: statistics-channels { inet 127.0.0.1 port 8053 allow { 127.0.0.1; }; };")]
    public Endpoint Statistics { get; set; } = new(IPAddress.Loopback, DefaultPort);

    [Description("Time between two complete reads of the list of zones. What was read is believed for three times as long. Where a read takes longer than a twentieth of it, up to twice as much.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    [Description("Time between two looks at the counters: for the query rate, and to see sooner that zones were transferred, updated or configured. 0: none.")]
    [Bounds("0", "10m")]
    public TimeSpan RateInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long named may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("The views whose zones count; a zone that is in several of them counts as its worst copy. Default: the one view of a named.conf without views.")]
    public IReadOnlyList<string> Views { get; set; } = [];

    public IEnumerable<string> ListsZonesOf => [Server];

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        return new BindSource(new BindOptions(Server, Statistics.ToIPEndPoint(DefaultPort), Interval, RateInterval, Timeout)
        {
            Address = server.Address?.ToIPEndPoint(53),
            Views = Views,
            ListsZones = server.Zones?.Own is not null,
        });
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (!IPAddress.IsLoopback(Statistics.Address))
            errors.Warn($"{path}.statistics", $"{Statistics.Address} is not this host's loopback: the statistics channel knows neither TLS nor a password, so whoever is between can read it and say what he likes; bind it to 127.0.0.1 and run oops there");
        if (RateInterval > TimeSpan.Zero && RateInterval < TimeSpan.FromSeconds(1))
            errors.Add($"{path}.rate-interval", "must be 0 or at least 1s");
        for (var i = 0; i < Views.Count; i++)
        {
            if (Views[i].Length == 0 || Views[i] == "_bind")
                errors.Add($"{path}.views[{i}]", $"{ConfigErrors.Show(Views[i])} has no zones of anybody's; name views of named.conf");
            if (Views.Take(i).Contains(Views[i]))
                errors.Add($"{path}.views[{i}]", $"the view {ConfigErrors.Show(Views[i])} is listed twice; remove one");
        }
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (!config.Servers.TryGetValue(Server, out var server)) return;
        if (server.Kind != ServerKind.Bind) errors.Add($"{path}.server", $"'{Server}' is of kind {server.Kind.ToString().ToLowerInvariant()}; this source reads BIND 9 only");
        else if (server.Address is null && Views.Count == 0)
            errors.Warn(path, $"'{Server}' has no address: a zone that is not in the list of the statistics channel is taken to be gone, also where zone-statistics none hides it; add the address where it answers");
    }
}
