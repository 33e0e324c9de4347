using System.ComponentModel;
using System.Net;
using System.Text.Json.Serialization;
using Oops.Config;
using Oops.Servers;
using Oops.Sync;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Powerdns;

/// <summary>Zones carried to a PowerDNS Authoritative Server, by its HTTP API.</summary>
internal sealed record PowerdnsActionConfig : SyncConfig
{
    const int Port = 8081;

    [Description("Where its API listens (webserver-address, webserver-port): IP address, with a port if it is not 8081.")]
    [JsonPropertyOrder(-1)]
    public required Endpoint Api { get; set; }

    [Description("Absolute path of a file that holds the API's key (api-key) and nothing else. Others must not be able to read it. Read anew for each request.")]
    [Path]
    [JsonPropertyOrder(-1)]
    public required string KeyFile { get; set; }

    [Description("Absolute path of a PEM file: the API is asked over TLS, and one of these certificates must have signed its own, or be it. Default: plain HTTP.")]
    [Path]
    [JsonPropertyOrder(-1)]
    public string? Ca { get; set; }

    [Description("The NS records of the zone itself are carried, too. Default: the target keeps its own.")]
    [JsonPropertyOrder(-1)]
    public bool ApexNs { get; set; }

    [Description("When something was written the server is asked to send its NOTIFYs at once. Default: it does when it looks next (xfr-cycle-interval).")]
    [JsonPropertyOrder(-1)]
    public bool Notify { get; set; }

    internal override Func<TsigKey[], ISyncTarget> Targets(TimeProvider time)
    {
        // The server makes all of its answer before the first byte: so a transfer's time counts for that, and the timeout for the connection.
        var api = new HttpApiOptions("powerdns", Api.ToIPEndPoint(Port), TransferTimeout) { ConnectTimeout = Timeout, ReadKey = () => SecretFile.Read(KeyFile) };
        return _ => new PowerdnsTarget(api, Ca, new SyncScope(ApexNs), new PowerdnsTerms(MostRecords, Notify), time);
    }

    public override void Validate(ConfigErrors errors, string path)
    {
        base.Validate(errors, path);
        if (Ca is null && !IPAddress.IsLoopback(Api.Address))
            errors.Warn($"{path}.api", $"over plain HTTP whoever is between has the key of {Api} and may change its zones; put TLS before it and write ca");
    }
}
