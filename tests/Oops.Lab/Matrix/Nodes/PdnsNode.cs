using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>pdns_server with SQLite: its HTTP API, NOTIFY, sd_notify (READY alone).</summary>
internal sealed class PdnsNode(SiteOptions options) : MatrixNode(options)
{
    const string Api = "http://127.0.0.1:8081/api/v1/servers/localhost";

    readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10), DefaultRequestHeaders = { { "X-API-Key", ApiKey.Text } } };

    public override string Kind => "powerdns";

    public override string Keys => $", zones: {{ list: [{string.Join(", ", Options.Zones)}] }}";

    // Zones that expire within some seconds are refreshed within fewer: what is counted from the last refresh must be read as often.
    string Interval => Options.Timers.Expire < 60 ? "1s" : "10s";

    public override string Sources => $$"""
          powerdns: [ { server: {{Stage.Server}}, key-file: {{InFolder("api.key")}}, interval: {{Interval}}, rate-interval: 2s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          notify: [ { server: {{Stage.Server}}, listen: [127.0.0.1@{{SiteOptions.NotifyPort}}], allow: [ { from: [127.0.0.0/8] } ] } ]
        """;

    protected override string[] Command => ["pdns_server", $"--config-dir={Folder}"];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    string Database => InFolder("db");

    /// <summary>It serves a zone for ever: it is deleted, as an operator would.</summary>
    public override bool ServesForEver => true;

    /// <summary>When it should expire: its last good refresh, in whole seconds, and the SOA's expire.</summary>
    public override Func<string, Task<DateTimeOffset>> ExpiredAt => async zone =>
    {
        // A check that was under way when its primary went has ended by then.
        await Task.Delay(TimeSpan.FromSeconds(1));
        using var json = JsonDocument.Parse(await client.GetStringAsync(new Uri($"{Api}/zones/{zone}.?rrsets=false")));
        return DateTimeOffset.FromUnixTimeSeconds(json.RootElement.GetProperty("last_check").GetInt64() + Options.Timers.Expire);
    };

    public override Task RemoveZoneAsync(string zone) => SendAsync(HttpMethod.Delete, $"/zones/{zone}.", null);

    public override async Task ReturnZoneAsync(string zone)
    {
        await SendAsync(HttpMethod.Post, "/zones", $$"""{"name":"{{zone}}.","kind":"Slave","masters":["{{Harness.Lab.Upstream4}}"]}""");
        await SendAsync(HttpMethod.Put, $"/zones/{zone}./axfr-retrieve", null);
    }

    protected override async Task WriteAsync()
    {
        ApiKey.File(Folder);
        await File.WriteAllTextAsync(InFolder("pdns.conf"), $"""
            launch=gsqlite3
            gsqlite3-database={Database}
            gsqlite3-dnssec=yes
            gsqlite3-pragma-foreign-keys=yes
            gsqlite3-pragma-synchronous=0
            local-address={Address.Address}
            local-port={Address.Port.ToString(CultureInfo.InvariantCulture)}
            socket-dir={Folder}
            config-dir={Folder}
            setuid=
            setgid=
            guardian=no
            daemon=no
            disable-syslog=yes
            loglevel=5
            primary=yes
            secondary=yes
            secondary-do-renotify=yes
            also-notify=127.0.0.1:{SiteOptions.NotifyPort}
            only-notify=127.0.0.0/8
            api=yes
            api-key={ApiKey.Text}
            webserver=yes
            webserver-loglevel=none
            xfr-cycle-interval=1
            zone-cache-refresh-interval=1

            """);
        string schema = new[] { "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql", "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql" }.First(File.Exists);
        var sql = new StringBuilder(await File.ReadAllTextAsync(schema));
        sql.Append("\nbegin;\n");
        foreach (string zone in Options.Zones)
        {
            sql.Append($"insert into domains(name,type,master,last_check) values('{zone}','SLAVE','{Harness.Lab.Upstream4}',0);\n");
            if (Options.Differences) sql.Append($"insert into domainmetadata(domain_id,kind,content) select id,'IXFR','1' from domains where name='{zone}';\n");
        }

        sql.Append("commit;\n");
        string statements = InFolder("statements.sql");
        await File.WriteAllTextAsync(statements, sql.ToString());
        (int code, string text) = await OopsDaemon.RunProgramAsync([Harness.Lab.Find("sqlite3")!, Database, $".read {statements}"]);
        if (code != 0) throw new InvalidOperationException($"sqlite3: {text}");
    }

    public override async ValueTask DisposeAsync()
    {
        client.Dispose();
        await base.DisposeAsync();
    }

    async Task SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(Api + path)) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await client.SendAsync(request);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
