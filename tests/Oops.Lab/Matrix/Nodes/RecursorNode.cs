using System.Net;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>pdns_recursor, which forwards the zones of the primary and finds one of them bogus: HTTP API, sd_notify.</summary>
internal sealed class RecursorNode(SiteOptions options) : MatrixNode(options)
{
    static readonly IPEndPoint Api = new(IPAddress.Loopback, 8082);

    public override string Kind => "recursor";

    public override bool HasZones => false;

    public override IReadOnlyList<string> ZoneConditions => [];

    public override string Probe => "zones: []";

    public override string Sources => $$"""
          powerdns: [ { server: {{Stage.Server}}, api: {{Api.Address}}@{{Api.Port}}, key-file: {{ApiKey.File(Folder)}}, interval: 10s, rate-interval: 2s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
        """;

    // There is a key for the zone, and its answers have no signatures.
    public override IReadOnlyList<int> ErrorCodes => [10];

    public override string ErrorName => $"%.{MatrixPrimary.Bogus}";

    protected override string[] Command => ["pdns_recursor", $"--config-dir={Folder}"];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    protected override async Task WriteAsync()
    {
        await File.WriteAllTextAsync(InFolder("recursor.lua"), $"""
            clearTA(".")
            addTA("{MatrixPrimary.Bogus}", "1 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF")

            """);
        await File.WriteAllTextAsync(InFolder("recursor.conf"), $"""
            local-address={Address.Address}
            local-port=53
            config-dir={Folder}
            socket-dir={Folder}
            setuid=
            setgid=
            daemon=no
            disable-syslog=yes
            threads=1
            hint-file=no
            security-poll-suffix=
            allow-from=10.99.0.0/24
            dont-query=
            forward-zones={string.Join(',', Options.Zones.Append(MatrixPrimary.Bogus).Select(z => $"{z}={Harness.Lab.Upstream4}"))}
            lua-config-file={Folder}/recursor.lua
            dnssec=validate
            extended-resolution-errors=yes
            webserver=yes
            webserver-address={Api.Address}
            webserver-port={Api.Port}
            webserver-allow-from=127.0.0.1
            webserver-password=not-the-key
            webserver-loglevel=none
            api-key={ApiKey.Text}

            """);
    }
}
