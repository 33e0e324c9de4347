using System.Globalization;
using System.Net;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>A server in the unit that Debian ships, under a systemd of its own. It has no zones: whatever it answers is an answer.</summary>
/// <param name="kind">Its word in the config.</param>
/// <param name="options">What the plan stands on.</param>
internal sealed class UnitNode(string kind, SiteOptions options) : MatrixNode(options)
{
    readonly BootedSystemd machine = new();

    public override string Kind => kind;

    public override IPEndPoint Address => new(IPAddress.Parse(Harness.Lab.Node4), 5301);

    public override bool HasZones => false;

    public override IReadOnlyList<string> ZoneConditions => [];

    public override string Probe => "zones: []";

    // Process 1 of the machine is systemd, also for an oops that sees its processes.
    public override string Sources => $$"""
          systemd: [ { server: {{Stage.Server}}, bus: "unix:path=/proc/1/root/run/dbus/system_bus_socket" } ]
        """;

    /// <summary>The machine's.</summary>
    public override LabProcess Process => machine.Process;

    /// <summary>Pids are compared with those that systemd has: oops must see the same.</summary>
    public override string[] Around => ["nsenter", "--pid", "--target", machine.Pid.ToString(CultureInfo.InvariantCulture), "--", "unshare", "--mount", "--mount-proc"];

    protected override string[] Command => [];

    string Unit => kind switch
    {
        "powerdns" => "pdns.service",
        "recursor" => "pdns-recursor.service",
        "dnsdist" => "dnsdist.service",
        "kresd" => "kresd@1.service",
        _ => throw new ArgumentException(kind),
    };

    // As files: an instance has its template's.
    string[] Files => kind == "kresd" ? ["kresd@.service", "kres-cache-gc.service", "system-kresd.slice"] : [Unit];

    public override async Task PrepareAsync()
    {
        await machine.StartAsync(Files);
        await WriteAsync();
    }

    public override async Task LaunchAsync()
    {
        await machine.DoAsync("systemctl", "start", Unit);
        await File.WriteAllTextAsync(PidFile, await machine.PropertyAsync(Unit, "MainPID") + "\n");
    }

    public override Task StopAsync() => machine.DoAsync("systemctl", "stop", Unit);

    protected override Task WriteAsync() => kind switch
    {
        "powerdns" => WritePdnsAsync(),
        "recursor" => machine.WriteAsync("/etc/powerdns/recursor.conf", $"local-address={Address.Address}\nlocal-port={Port}\nhint-file=no\nthreads=2\nsecurity-poll-suffix=\nforward-zones=one.test=127.0.0.1:5\n"),
        "dnsdist" => machine.WriteAsync("/etc/dnsdist/dnsdist.conf", $"setLocal(\"{Address}\")\nsetSecurityPollSuffix(\"\")\nsetACL({{\"127.0.0.0/8\", \"10.99.0.0/24\"}})\naddAction(AllRule(), RCodeAction(DNSRCode.REFUSED))\n"),
        _ => WriteKresdAsync(),
    };

    string Port => Address.Port.ToString(CultureInfo.InvariantCulture);

    async Task WritePdnsAsync()
    {
        await machine.DoAsync("sh", "-ec", "sqlite3 /var/lib/powerdns/lab.sqlite3 < /usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql; chown pdns: /var/lib/powerdns/lab.sqlite3");
        await machine.WriteAsync("/etc/powerdns/pdns.conf", $"launch=gsqlite3\ngsqlite3-database=/var/lib/powerdns/lab.sqlite3\nlocal-address={Address.Address}\nlocal-port={Port}\nsetuid=pdns\nsetgid=pdns\n");
    }

    async Task WriteKresdAsync()
    {
        await machine.DoAsync("install", "-d", "-o", "knot-resolver", "-g", "knot-resolver", "/run/knot-resolver", "/run/knot-resolver/control", "/var/lib/knot-resolver", "/var/cache/knot-resolver");
        await machine.WriteAsync("/etc/knot-resolver/kresd.conf", $"""
            net.listen('{Address.Address}', {Port}, {"{ kind = 'dns' }"})
            cache.size = 10 * MB
            modules.unload('ta_update') modules.unload('ta_signal_query') modules.unload('priming') modules.unload('detect_time_skew')
            trust_anchors.remove('.')

            """);
    }

    public override async ValueTask DisposeAsync()
    {
        await machine.DisposeAsync();
        await base.DisposeAsync();
    }
}
