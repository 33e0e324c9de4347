using System.Text;
using Oops.Lab.Harness;

namespace Oops.Lab.Catalog;

/// <summary>A real server on 127.0.0.1 that serves the catalog zone cat.test as a plain zone, to us by TSIG or without, and notifies us.</summary>
internal abstract class CatalogPrimary : IAsyncDisposable
{
    public const int Port = 5301;
    public const int NotifyPort = 5355;
    public const string KeyName = "transfer-key";
    public const string Secret = "0jnu3SdsMvzzlmTDPYRceA==";

    LabProcess? process;

    /// <summary>The members, by their ids; the next <see cref="PublishAsync"/> serves them.</summary>
    public SortedDictionary<string, string> Members { get; } = new(StringComparer.Ordinal);

    public string Version { get; set; } = "2";

    public uint Serial { get; private set; } = 1;

    /// <summary>It keeps differences, and answers IXFR with them.</summary>
    public abstract bool HasDifferences { get; }

    protected string Folder { get; } = Harness.Lab.FreshDirectory("catalog-primary");

    protected string ZoneFile => Path.Combine(Folder, "cat.test.zone");

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public static CatalogPrimary Of(string server) => server switch
    {
        "knot" => new KnotPrimary(),
        "named" => new NamedPrimary(),
        "nsd" => new NsdPrimary(),
        _ => new PdnsPrimary(),
    };

    public async Task StartAsync()
    {
        await WriteZoneAsync();
        await LaunchAsync();
    }

    /// <summary>Starts it again with what it has on its disk.</summary>
    public async Task LaunchAsync() => process = LabProcess.Start(Path.Combine(Folder, "log"), await PrepareAsync());

    /// <summary>The next version of the zone, with its members as they are now.</summary>
    public async Task PublishAsync()
    {
        Serial++;
        await WriteZoneAsync();
        await ReloadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    protected abstract Task<string[]> PrepareAsync();

    protected abstract Task ReloadAsync();

    protected Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(Folder, name), text);

    protected static async Task RunAsync(params string[] argv)
    {
        (int code, string text) = await OopsDaemon.RunProgramAsync(argv);
        if (code != 0)
            throw new InvalidOperationException($"{string.Join(' ', argv)}: {text}");
    }

    /// <summary>It may answer queries before its control socket is there.</summary>
    protected async Task SayAsync(params string[] argv)
    {
        string said = "";
        await Wait.UntilAsync(string.Join(' ', argv), async () =>
        {
            (int code, said) = await OopsDaemon.RunProgramAsync(argv);
            return code == 0;
        }, TimeSpan.FromSeconds(120), TimeSpan.FromMilliseconds(200), () => $"{said}\n{Process.Tail()}");
    }

    // With other names in it, as real catalogs have them.
    Task WriteZoneAsync()
    {
        var text = new StringBuilder($"$ORIGIN cat.test.\n$TTL 5\n@ IN SOA ns.cat.test. host.cat.test. {Serial} 3600 5 86400 5\n@ IN NS invalid.\nversion IN TXT \"{Version}\"\n");
        foreach ((string id, string member) in Members)
            text.Append($"{id}.zones IN PTR {member}.\ngroup.{id}.zones IN TXT \"fast\"\n");
        return ZoneText.WriteAsync(ZoneFile, text.ToString());
    }

    sealed class KnotPrimary : CatalogPrimary
    {
        public override bool HasDifferences => true;

        string Control => Path.Combine(Folder, "knot.sock");

        protected override async Task<string[]> PrepareAsync()
        {
            Directory.CreateDirectory(Path.Combine(Folder, "db"));
            await WriteAsync("knot.conf", $"""
                server:
                    rundir: "{Folder}"
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
                    listen: "{Control}"
                key:
                  - id: {KeyName}
                    algorithm: hmac-sha256
                    secret: {Secret}
                remote:
                  - id: oops
                    address: 127.0.0.1@{NotifyPort}
                  - id: consumer
                    address: 127.0.0.1@{CatalogConsumer.Port}
                acl:
                  - id: plain
                    address: 127.0.0.1
                    action: transfer
                  - id: keyed
                    address: 127.0.0.1
                    key: {KeyName}
                    action: transfer
                zone:
                  - domain: cat.test
                    file: "{ZoneFile}"
                    zonefile-sync: -1
                    zonefile-load: difference
                    journal-content: changes
                    notify: [ oops, consumer ]
                    acl: [ plain, keyed ]

                """ + CatalogConsumer.MemberZones(Folder));
            return ["knotd", "-c", Path.Combine(Folder, "knot.conf")];
        }

        protected override Task ReloadAsync() => SayAsync(Harness.Lab.Find("knotc") ?? "knotc", "-s", Control, "zone-reload", "cat.test");
    }

    sealed class NamedPrimary : CatalogPrimary
    {
        public override bool HasDifferences => true;

        protected override async Task<string[]> PrepareAsync()
        {
            await WriteAsync("named.conf", $$"""
                options {
                    directory "{{Folder}}"; pid-file "{{Folder}}/named.pid"; session-keyfile "{{Folder}}/session.key";
                    listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; };
                    recursion no; dnssec-validation no; ixfr-from-differences yes; allow-query { none; }; notify explicit; notify-delay 0;
                };
                key {{KeyName}} { algorithm hmac-sha256; secret "{{Secret}}"; };
                controls { inet 127.0.0.1 port 9953 allow { 127.0.0.1; } keys { {{KeyName}}; }; };
                zone cat.test { type primary; file "{{ZoneFile}}"; allow-transfer { 127.0.0.1; }; also-notify { 127.0.0.1 port {{NotifyPort}}; }; };

                """);
            await WriteAsync("rndc.conf", $$"""
                key {{KeyName}} { algorithm hmac-sha256; secret "{{Secret}}"; };
                options { default-key {{KeyName}}; default-server 127.0.0.1; default-port 9953; };

                """);
            return ["named", "-g", "-c", Path.Combine(Folder, "named.conf")];
        }

        // A file that changes twice within a second of its load is not always read again.
        protected override Task ReloadAsync() => Wait.UntilAsync("named serves the new serial", async () =>
        {
            string[] rndc = [Harness.Lab.Find("rndc") ?? "rndc", "-c", Path.Combine(Folder, "rndc.conf")];
            File.SetLastWriteTimeUtc(ZoneFile, TimeProvider.System.GetUtcNow().UtcDateTime);
            await OopsDaemon.RunProgramAsync([.. rndc, "reload", "cat.test"]);
            return (await OopsDaemon.RunProgramAsync([.. rndc, "zonestatus", "cat.test"])).Text.Contains($"serial: {Serial}\n", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(300));
    }

    sealed class NsdPrimary : CatalogPrimary
    {
        // NSD 4.6.1 has none of a zone that it reads from a file.
        public override bool HasDifferences => false;

        protected override async Task<string[]> PrepareAsync()
        {
            await WriteAsync("nsd.conf", $"""
                {Harness.Nsd.Head(Folder, Folder + "/nsd.ctl", $"ip-address: 127.0.0.1@{Port}", "verbosity: 2", "xfrd-reload-timeout: 0")}
                key:
                  name: "{KeyName}"
                  algorithm: hmac-sha256
                  secret: "{Secret}"
                zone:
                  name: "cat.test"
                  zonefile: "{ZoneFile}"
                  provide-xfr: 127.0.0.1 NOKEY
                  provide-xfr: 127.0.0.1 {KeyName}
                  notify: 127.0.0.1@{NotifyPort} NOKEY
                  notify-retry: 5

                """);
            return ["nsd", "-d", "-c", Path.Combine(Folder, "nsd.conf")];
        }

        protected override Task ReloadAsync() => SayAsync(Harness.Lab.Find("nsd-control") ?? "nsd-control", "-c", Path.Combine(Folder, "nsd.conf"), "reload", "cat.test");
    }

    sealed class PdnsPrimary : CatalogPrimary
    {
        public override bool HasDifferences => false;

        string[] Util => [Harness.Lab.Find("pdnsutil") ?? "pdnsutil", $"--config-dir={Folder}"];

        protected override async Task<string[]> PrepareAsync()
        {
            await WriteAsync("pdns.conf", $"""
                launch=gsqlite3
                gsqlite3-database={Folder}/pdns.sqlite3
                gsqlite3-dnssec=yes
                local-address=127.0.0.1
                local-port={Port}
                socket-dir={Folder}
                config-dir={Folder}
                setuid=
                setgid=
                guardian=no
                daemon=no
                disable-syslog=yes
                primary=yes
                also-notify=127.0.0.1:{NotifyPort}
                only-notify=127.0.0.0/8
                allow-axfr-ips=127.0.0.0/8
                xfr-cycle-interval=1
                cache-ttl=0
                query-cache-ttl=0
                negquery-cache-ttl=0
                zone-cache-refresh-interval=0

                """);
            if (!File.Exists(Path.Combine(Folder, "pdns.sqlite3")))
            {
                string schema = Directory.EnumerateFiles("/usr/share/pdns-backend-sqlite3/schema", "schema.sqlite3.sql").First();
                await RunAsync("sqlite3", Path.Combine(Folder, "pdns.sqlite3"), $".read {schema}");
                await RunAsync([.. Util, "import-tsig-key", KeyName, "hmac-sha256", Secret]);
                await RunAsync([.. Util, "load-zone", "cat.test", ZoneFile]);
                await RunAsync([.. Util, "set-kind", "cat.test", "primary"]);
                // From then on it signs its NOTIFYs, too.
                await RunAsync([.. Util, "set-meta", "cat.test", "TSIG-ALLOW-AXFR", KeyName]);
            }

            return ["pdns_server", $"--config-dir={Folder}"];
        }

        protected override Task ReloadAsync() => RunAsync([.. Util, "load-zone", "cat.test", ZoneFile]);
    }
}
