using System.Net;
using System.Text;

namespace Oops.Lab.Harness;

/// <summary>A PowerDNS Authoritative Server on the node, with SQLite: zones of its own, and zones as a secondary of <see cref="PrimaryKnotd"/>.</summary>
internal sealed class Pdns : IAsyncDisposable
{
    public static readonly IPEndPoint Dns = new(IPAddress.Parse(Lab.Node4), 53);
    public static readonly IPEndPoint Api = new(IPAddress.Loopback, 8081);

    readonly string directory = Lab.FreshDirectory("pdns");
    LabProcess? process;

    /// <summary>Zones that it is the primary of, with serial 1.</summary>
    public IReadOnlyList<string> Primary { get; set; } = [];

    /// <summary>Zones fetched from <see cref="PrimaryKnotd"/>, signed with the zone's key.</summary>
    public IReadOnlyList<string> Secondary { get; set; } = [];

    /// <summary>More lines of pdns.conf.</summary>
    public string More { get; set; } = "";

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public string KeyFile => Path.Combine(directory, "api.key");

    public string Log => Path.Combine(directory, "pdns.log");

    string Database => Path.Combine(directory, "db");

    /// <summary>Starts it, with a new database the first time; returns when it answers over DNS.</summary>
    public async Task StartAsync()
    {
        if (!System.IO.File.Exists(Database)) await PrepareAsync();
        process = LabProcess.Start(Log, Side.Node, null, "pdns_server", $"--config-dir={directory}");
        await Wait.UntilAsync("pdns_server answers", async () => (await HttpAsync("")) is not null, state: () => Process.Tail());
    }

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async Task PdnsutilAsync(params string[] arguments)
    {
        var (code, text) = await OopsDaemon.RunProgramAsync([Lab.Find("pdnsutil")!, $"--config-dir={directory}", .. arguments]);
        if (code != 0) throw new InvalidOperationException($"pdnsutil {string.Join(' ', arguments)}: {text}");
    }

    public async Task SqlAsync(string statements)
    {
        string file = Path.Combine(directory, "statements.sql");
        await System.IO.File.WriteAllTextAsync(file, statements);
        var (code, text) = await OopsDaemon.RunProgramAsync([Lab.Find("sqlite3")!, Database, $".read {file}"]);
        if (code != 0) throw new InvalidOperationException($"sqlite3: {text}");
    }

    /// <summary>What its API answers; null: nothing.</summary>
    public static async Task<string?> HttpAsync(string path)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        client.DefaultRequestHeaders.Add("X-API-Key", ApiKey.Text);
        try
        {
            return await client.GetStringAsync(new Uri($"http://{Api}/api/v1/servers/localhost{path}"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Sets a record by the API, as a control panel does; the serial rises by SOA-EDIT-API.</summary>
    public static async Task PatchAsync(string zone, string content)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        client.DefaultRequestHeaders.Add("X-API-Key", ApiKey.Text);
        string body = "{\"rrsets\":[{\"name\":\"www." + zone + ".\",\"type\":\"TXT\",\"ttl\":5,\"changetype\":\"REPLACE\",\"records\":[{\"content\":\"\\\"" + content + "\\\"\",\"disabled\":false}]}]}";
        using var text = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PatchAsync(new Uri($"http://{Api}/api/v1/servers/localhost/zones/{zone}."), text);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    async Task PrepareAsync()
    {
        ApiKey.File(directory);
        await System.IO.File.WriteAllTextAsync(Path.Combine(directory, "pdns.conf"), $"""
            launch=gsqlite3
            gsqlite3-database={Database}
            gsqlite3-dnssec=yes
            gsqlite3-pragma-foreign-keys=yes
            local-address={Lab.Node4},127.0.0.1,{Lab.Anycast4}
            local-port=53
            socket-dir={directory}
            config-dir={directory}
            setuid=
            setgid=
            guardian=no
            daemon=no
            disable-syslog=yes
            loglevel=5
            primary=yes
            secondary=yes
            api=yes
            api-key={ApiKey.Text}
            webserver=yes
            webserver-address=127.0.0.1
            webserver-port={Api.Port}
            webserver-loglevel=none
            xfr-cycle-interval=1
            zone-cache-refresh-interval=1
            cache-ttl=0
            query-cache-ttl=0
            negquery-cache-ttl=0
            domain-metadata-cache-ttl=0
            {More}

            """);
        string schema = new[] { "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql", "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql" }.First(System.IO.File.Exists);
        var sql = new StringBuilder(await System.IO.File.ReadAllTextAsync(schema));
        sql.Append("\nbegin;\n");
        foreach (string zone in Secondary)
        {
            string key = PrimaryKnotd.KeyName(zone).TrimEnd('.');
            sql.Append($"insert into domains(name,type,master,last_check) values('{zone}','SLAVE','{Lab.Upstream4}',0);\n");
            sql.Append($"insert into tsigkeys(name,algorithm,secret) values('{key}','hmac-sha256','{PrimaryKnotd.Secret}');\n");
            sql.Append($"insert into domainmetadata(domain_id,kind,content) select id,'AXFR-MASTER-TSIG','{key}' from domains where name='{zone}';\n");
        }

        foreach (string zone in Primary)
        {
            sql.Append($"insert into domains(name,type) values('{zone}','MASTER');\n");
            sql.Append($"insert into records(domain_id,name,type,content,ttl,auth) select id,name,'SOA','ns.{zone} host.{zone} 1 3600 600 86400 5',5,1 from domains where name='{zone}';\n");
            sql.Append($"insert into records(domain_id,name,type,content,ttl,auth) select id,name,'NS','ns.{zone}',5,1 from domains where name='{zone}';\n");
            sql.Append($"insert into domainmetadata(domain_id,kind,content) select id,'SOA-EDIT-API','INCREASE' from domains where name='{zone}';\n");
        }

        sql.Append("commit;\n");
        await SqlAsync(sql.ToString());
    }
}
