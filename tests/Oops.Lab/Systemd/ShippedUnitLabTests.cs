using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Systemd;

/// <summary>Both sources as an operator has them: the daemon in its own unit and sandbox, as the user oops, beside real servers of the distribution.</summary>
public sealed class ShippedUnitLabTests : IAsyncDisposable
{
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    readonly BootedSystemd machine = new();

    public ValueTask DisposeAsync() => machine.DisposeAsync();

    [Fact]
    public async Task A_stop_is_known_before_the_end_a_restart_is_no_crash_and_a_kill_is_one()
    {
        LabRequires.Programs("named");
        await machine.StartAsync("named.service");
        await machine.WriteAsync("/etc/bind/named.conf", "options { directory \"/var/cache/bind\"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file \"/run/named/named.pid\"; };\n");
        await machine.DoAsync("install", "-d", "-o", "bind", "-g", "bind", "/run/named");
        await machine.DoAsync("sh", "-c", "test -e /etc/bind/rndc.key || rndc-confgen -a -u bind");
        await machine.WriteAsync("/etc/oops/oops.yaml", """
            mode: observe
            servers: { ns1: { kind: bind, address: 127.0.0.1@53, pidfile: /run/named/named.pid } }
            sources:
              process: [ { server: ns1 } ]
              systemd: [ { server: ns1 } ]

            """);
        await machine.InstallOopsAsync();
        await machine.DoAsync("systemctl", "start", "named", "oops");
        await IsAsync("server-shutting-down", "not-met");
        await IsAsync("server-running", "met");
        // Its sandbox lets the thread of a speaker's connections have a table of its own.
        string began = await machine.JournalAsync("--unit=oops");
        Assert.Contains(" runs: ", began, StringComparison.Ordinal);
        Assert.DoesNotContain("unshare", began, StringComparison.Ordinal);

        await machine.DoAsync("systemctl", "stop", "named");
        await IsAsync("server-down", "met");
        await IsAsync("server-crashed", "not-met");
        string told = await machine.DoAsync("oops", "history", "--limit", "50");
        Assert.True(Place(told, "server-shutting-down") is var stopping && Place(told, "server-down") is var down && stopping >= 0 && down > stopping, told);

        await machine.DoAsync("systemctl", "start", "named");
        await IsAsync("server-down", "not-met");
        await IsAsync("server-shutting-down", "not-met");
        await machine.DoAsync("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "named");
        await Wait.UntilAsync("the crash is in the history", async () => (await machine.DoAsync("oops", "history", "--limit", "50")).Split('\n').Any(l => l.Contains("/server-crashed/", StringComparison.Ordinal) && l.Contains("-> met", StringComparison.Ordinal)), Patient, TimeSpan.FromMilliseconds(200));
    }

    /// <summary>In NSD's own unit, with what docs/how-to/gate.md says of it.</summary>
    [Fact]
    public async Task The_verifier_of_NSD_runs_in_the_unit_of_the_distribution_only_with_what_the_page_adds()
    {
        LabRequires.Programs("nsd");
        await machine.StartAsync("nsd.service");
        await machine.InstallOopsAsync();
        await machine.WriteAsync("/srv/example", "@ 60 SOA ns host 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n");
        await machine.WriteAsync("/etc/systemd/system/nsd.service.d/run.conf", "[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/usr/libexec/oops/nsd-verify --zone example /srv/example\n");
        await machine.DoAsync("systemctl", "daemon-reload");
        Assert.NotEqual(0, (await machine.RunAsync("systemctl", "start", "nsd")).Code);
        Assert.Equal("1", await machine.PropertyAsync("nsd", "ExecMainStatus"));
        string page = await File.ReadAllTextAsync(Path.Combine(Harness.Lab.Repository!, "docs/how-to/gate.md"));
        await machine.WriteAsync("/etc/systemd/system/nsd.service.d/oops.conf", page.Split("# systemctl edit nsd\n")[1].Split("```")[0]);
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "start", "nsd");
        Assert.Contains("example serial 1: pass", await machine.JournalAsync("--unit=nsd"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_filter_forbids_a_table_of_descriptors_of_ones_own_it_runs_and_says_what_is_lost()
    {
        await machine.StartAsync("named.service");
        await machine.WriteAsync("/etc/oops/oops.yaml", Config(""));
        await machine.WriteAsync("/etc/systemd/system/oops.service.d/filter.conf", "[Service]\nSystemCallFilter=~unshare\n");
        await machine.InstallOopsAsync();
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "start", "oops");
        Assert.Contains("unshare(2): operation not permitted", await machine.JournalAsync("--unit=oops"), StringComparison.Ordinal);
        Assert.Equal("running", await machine.PropertyAsync("oops", "SubState"));
    }

    [Fact]
    public async Task A_relay_before_systemd_needs_a_capability_and_without_it_no_unit_waits_for_us_but_one_that_must()
    {
        LabRequires.Programs("nsd");
        await machine.StartAsync("nsd.service");
        await machine.WriteAsync("/etc/nsd/nsd.conf", "server:\n  ip-address: 127.0.0.1@53\n  pidfile: /run/nsd/nsd.pid\nremote-control:\n  control-enable: no\n");
        await machine.WriteAsync("/etc/oops/oops.yaml", Config("forward: /run/systemd/notify"));
        await machine.InstallOopsAsync();

        // As shipped: nothing can be sent on in a server's name, and that is said.
        await machine.WriteAsync("/etc/systemd/system/nsd.service.d/override.conf", "[Service]\nRestart=no\nTimeoutStartSec=3\nExecStart=\nExecStart=/usr/sbin/nsd -d\nEnvironment=NOTIFY_SOCKET=/run/oops/ns1.notify\n");
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "start", "oops");
        await SilentAsync("CAP_SYS_ADMIN is missing");
        Assert.NotEqual(0, (await machine.RunAsync("systemctl", "start", "nsd")).Code);
        Assert.Equal("timeout", await machine.PropertyAsync("nsd", "Result"));
        Assert.Equal("active", await machine.PropertyAsync("oops", "ActiveState"));

        // A unit that does not wait for READY starts, and is heard.
        await machine.WriteAsync("/etc/oops/oops.yaml", Config(""));
        await machine.WriteAsync("/etc/systemd/system/nsd.service.d/type.conf", "[Service]\nType=exec\n");
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "restart", "oops");
        await HeardAsync();
        // With the capability the unit is as without us.
        await machine.WriteAsync("/etc/oops/oops.yaml", Config("forward: /run/systemd/notify"));
        await machine.WriteAsync("/etc/systemd/system/nsd.service.d/type.conf", "[Service]\nType=notify\nNotifyAccess=main\nTimeoutStartSec=30\n");
        await machine.WriteAsync("/etc/systemd/system/oops.service.d/cap.conf", "[Service]\nAmbientCapabilities=CAP_NET_BIND_SERVICE CAP_SYS_ADMIN\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SYS_ADMIN\n");
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "restart", "oops");
        await HeardAsync();
        Assert.Equal("running", await machine.PropertyAsync("oops", "SubState"));

        // A program that waits for a barrier waits no longer than systemd does.
        Assert.Equal(0, (await machine.RunAsync("systemd-run", "--wait", "--property=Type=notify", "--property=NotifyAccess=all", "--property=TimeoutStartSec=20", "--property=Environment=NOTIFY_SOCKET=/run/oops/ns1.notify", "systemd-notify", "--ready")).Code);
        // Without us nobody waits either.
        await machine.DoAsync("systemctl", "stop", "oops");
        await machine.WriteAsync("/etc/systemd/system/nsd.service.d/type.conf", "[Service]\nType=exec\n");
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "start", "nsd");
        await machine.DoAsync("systemctl", "stop", "nsd");
        Assert.Equal("success", await machine.PropertyAsync("nsd", "Result"));
    }

    static string Config(string forward) => $$"""
        mode: observe
        servers: { ns1: { kind: nsd, address: 127.0.0.1@53, pidfile: /run/nsd/nsd.pid } }
        sources:
          process: [ { server: ns1 } ]
          sd-notify: [ { server: ns1, listen: /run/oops/ns1.notify{{(forward.Length > 0 ? ", " + forward : "")}} } ]

        """;

    // Starts and stops the server, which says both to us.
    async Task HeardAsync()
    {
        await machine.DoAsync("systemctl", "start", "nsd");
        await IsAsync("server-shutting-down", "not-met");
        await machine.DoAsync("systemctl", "stop", "nsd");
        Assert.Equal("success", await machine.PropertyAsync("nsd", "Result"));
        await Wait.UntilAsync("STOPPING is in the history", async () => (await machine.DoAsync("oops", "history", "--limit", "20")).Split('\n').Any(l => l.Contains("/server-shutting-down/", StringComparison.Ordinal) && l.Contains("-> met", StringComparison.Ordinal)), Patient, TimeSpan.FromMilliseconds(200));
        await IsAsync("server-crashed", "not-met");
    }

    async Task SilentAsync(string why)
    {
        string last = "";
        await Wait.UntilAsync("status says: " + why, async () => (last = await machine.DoAsync("oops", "status")).Contains(why, StringComparison.Ordinal), Patient, TimeSpan.FromMilliseconds(200), () => last);
    }

    async Task IsAsync(string condition, string state)
    {
        string last = "";
        await Wait.UntilAsync($"{condition} is {state}", async () => (last = await machine.DoAsync("oops", "explain", $"condition/{condition}/ns1", "--json")).Contains($"\"state\":\"{state}\"", StringComparison.Ordinal), Patient, TimeSpan.FromMilliseconds(200), () => last);
    }

    // Of the line that says that it is met.
    static int Place(string history, string condition) =>
        Array.FindIndex(history.Split('\n'), l => l.Contains($"/{condition}/", StringComparison.Ordinal) && l.Contains("-> met", StringComparison.Ordinal));
}
