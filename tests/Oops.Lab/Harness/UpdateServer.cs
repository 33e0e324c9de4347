using System.Globalization;
using System.Net;

namespace Oops.Lab.Harness;

/// <summary>A real server on 127.0.0.1 that gives a zone to, and takes updates of it from, who has the key: BIND, Knot, Knot that signs what it gets, PowerDNS.</summary>
internal sealed class UpdateServer(string kind, string zone) : IAsyncDisposable
{
    public const int Port = 5502;

    /// <summary>Of PowerDNS: where its API is.</summary>
    public const int ApiPort = 5503;

    public const string KeyName = "update";

    const string Secret = "b25seSBmb3IgdGhlIGxhYm9yYXRvcnksIDMyIG9jdC4=";

    LabProcess? process;

    public static string[] Programs(string kind) => kind switch { "named" => ["named"], "pdns" => ["pdns_server", "pdnsutil"], _ => ["knotd"] };

    public static IPEndPoint Address => new(IPAddress.Loopback, Port);

    public string Folder { get; } = Lab.FreshDirectory("update-" + kind);

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>The file of the API's key.</summary>
    public string ApiKeyFile => ApiKey.File(Folder);

    /// <summary>The file of the key, in the form of BIND.</summary>
    public string Keys => Path.Combine(Folder, "keys");

    string ZoneFile => Path.Combine(Folder, "zone");

    public async Task StartAsync(string text)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "db"));
        await ZoneText.WriteAsync(ZoneFile, text);
        await File.WriteAllTextAsync(Keys, $"key \"{KeyName}\" {{ algorithm hmac-sha256; secret \"{Secret}\"; }};\n");
        if (kind == "pdns")
            await FillAsync();
        else
            await File.WriteAllTextAsync(Path.Combine(Folder, "conf"), kind == "named" ? Named() : Knot());
        string[] line = kind switch
        {
            "named" => ["named", "-g", "-c", Path.Combine(Folder, "conf")],
            "pdns" => ["pdns_server", $"--config-dir={Folder}"],
            _ => ["knotd", "-c", Path.Combine(Folder, "conf")],
        };
        process = LabProcess.Start(Path.Combine(Folder, "log"), line);
    }

    /// <summary>The key as kdig takes it.</summary>
    public async Task<string> KnotKeyAsync()
    {
        string path = Path.Combine(Folder, "kdig.key");
        await File.WriteAllTextAsync(path, $"hmac-sha256:{KeyName}:{Secret}\n");
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    string Named() => $$"""
        include "{{Keys}}";
        options {
            directory "{{Folder}}"; pid-file "{{Folder}}/named.pid"; session-keyfile "{{Folder}}/session.key";
            listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; };
            recursion no; dnssec-validation no; notify no;
        };
        controls { };
        zone "{{zone}}" { type primary; file "{{ZoneFile}}"; allow-transfer { key {{KeyName}}; }; allow-update { key {{KeyName}}; }; };

        """;

    string Knot() => $"""
        server:
            rundir: "{Folder}"
            pidfile: "{Folder}/knot.pid"
            listen: "127.0.0.1@{Port}"
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
        log:
          - target: stderr
            any: info
        database:
            storage: "{Folder}/db"
        control:
            listen: "{Folder}/knot.sock"
        key:
          - id: {KeyName}
            algorithm: hmac-sha256
            secret: {Secret}
        acl:
          - id: update
            key: {KeyName}
            action: [transfer, update]
        zone:
          - domain: {zone}
            file: "{ZoneFile}"
            acl: update
            dnssec-signing: {(kind == "knot-signing" ? "on" : "off")}

        """;

    async Task FillAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "pdns.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            launch=gsqlite3
            gsqlite3-database={Folder}/db.sqlite
            gsqlite3-pragma-foreign-keys=yes
            local-address=127.0.0.1
            local-port={Port}
            socket-dir={Folder}
            config-dir={Folder}
            setuid=
            setgid=
            guardian=no
            daemon=no
            disable-syslog=yes
            dnsupdate=yes
            api=yes
            api-key={ApiKey.Text}
            webserver=yes
            webserver-address=127.0.0.1
            webserver-port={ApiPort}
            webserver-loglevel=none
            allow-dnsupdate-from=127.0.0.0/8
            allow-axfr-ips=
            zone-cache-refresh-interval=0
            cache-ttl=0
            query-cache-ttl=0
            negquery-cache-ttl=0
            domain-metadata-cache-ttl=0

            """));
        string schema = new[] { "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql", "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql" }.First(File.Exists);
        await OopsDaemon.DoProgramAsync(Lab.Find("sqlite3")!, Path.Combine(Folder, "db.sqlite"), $".read {schema}");
        await UtilAsync("load-zone", zone, ZoneFile);
        await UtilAsync("import-tsig-key", KeyName, "hmac-sha256", Secret);
        await UtilAsync("set-meta", zone, "TSIG-ALLOW-AXFR", KeyName);
        await UtilAsync("set-meta", zone, "TSIG-ALLOW-DNSUPDATE", KeyName);
    }

    /// <summary>`pdnsutil`, also while the server runs.</summary>
    public Task UtilAsync(params string[] words) => OopsDaemon.DoProgramAsync([Lab.Find("pdnsutil")!, $"--config-dir={Folder}", .. words]);
}
