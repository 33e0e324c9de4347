using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Servers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Powerdns;

/// <summary>One PowerDNS Authoritative Server or Recursor, by its HTTP API.</summary>
internal sealed record PowerdnsConfig : ISourceConfig
{
    const int AuthoritativePort = 8081;
    const int RecursorPort = 8082;

    [Description("The server, by its name under servers; of kind powerdns or recursor. An authoritative one needs its address: what it serves is asked for there. 'zones: {own: ...}' there takes the list of its API as the expected zones.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where its API listens (webserver-address, webserver-port): IP address, with a port if it is not 8081, of a recursor 8082. Default: 127.0.0.1.")]
    public Endpoint? Api { get; set; }

    [Description("Absolute path of a file that holds the API's key (api-key) and nothing else. Others must not be able to read it. Read anew for each request.")]
    [Path]
    public required string KeyFile { get; set; }

    [Description("Absolute path of a PEM file: the API is asked over TLS, and one of these certificates must have signed its own, or be it. Default: plain HTTP.")]
    [Path]
    public string? Ca { get; set; }

    [Description("Time between two complete reads of the API. What was read is believed for three times as long. Where a read takes longer than a twentieth of it, up to twice as much.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    [Description("Time between two looks at the server's counters of queries.")]
    [Bounds("1s", "1h")]
    public TimeSpan RateInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long the API may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<string> ListsZonesOf => [Server];

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        var recursor = server.Kind == ServerKind.Recursor;
        var port = recursor ? RecursorPort : AuthoritativePort;
        var api = new HttpApiOptions("powerdns", Api?.ToIPEndPoint(port) ?? new(System.Net.IPAddress.Loopback, port), Timeout) { ReadKey = () => SecretFile.Read(KeyFile) };
        return new PowerdnsSource(new PowerdnsOptions(Server, recursor, api, Interval, RateInterval)
        {
            Address = server.Address?.ToIPEndPoint(53),
            Authority = Ca,
            ListsZones = server.Zones?.Own is not null,
        });
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        var server = config.Servers[Server];
        if (server.Kind is not (ServerKind.Powerdns or ServerKind.Recursor))
            errors.Add($"{path}.server", $"'{Server}' is of kind {server.Kind.ToString().ToLowerInvariant()}; this source asks servers of kind powerdns and recursor");
        else if (server.Kind == ServerKind.Powerdns && server.Address is null)
            errors.Add(path, $"the server {Server} needs an address: its API tells what is in its database, and what it serves is asked for over DNS");
        else if (server.Kind == ServerKind.Recursor && server.Zones is not null)
            errors.Add($"servers.{Server}.zones", "a recursor serves no zones: those that its API lists are forwarded; remove it");
    }
}
