using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>The unit as it is shipped, in a real systemd with the distribution's own units of BIRD and Knot: installed as the page says, sandbox and all.</summary>
public sealed class SystemdLabTests : IAsyncDisposable
{
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    readonly BootedSystemd machine = new();
    readonly UpstreamBird upstream = new();

    public async ValueTask DisposeAsync()
    {
        await machine.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task The_unit_is_up_when_oops_is_ready_says_what_it_does_and_whatever_ends_it_moves_no_route()
    {
        await PrepareAsync();
        await machine.WriteAsync("/etc/oops/oops.yaml", Config + "rutes: {}\n");
        Assert.NotEqual(0, (await machine.RunAsync("systemctl", "start", "oops")).Code);
        Assert.Contains("unknown key 'rutes'", await machine.JournalAsync("--unit=oops", "--priority=err"), StringComparison.Ordinal);

        await machine.WriteAsync("/etc/oops/oops.yaml", Config);
        await machine.DoAsync("systemctl", "start", "oops");
        Assert.StartsWith("oops ", await machine.DoAsync("oops", "status"), StringComparison.Ordinal);
        Assert.Equal("oops", (await machine.DoAsync("stat", "-c", "%U", "/proc/" + await machine.PropertyAsync("oops", "MainPID"))).Trim());
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Patient);
        await StatusTextAsync("anycast announced");
        Assert.Contains("oops 0.", await machine.JournalAsync("--unit=oops", "--priority=info..info"), StringComparison.Ordinal);

        // A reload that is refused fails, where the person looks and where the person does not; the old config decides on.
        await machine.WriteAsync("/etc/oops/oops.yaml", Config + "rutes: {}\n");
        Assert.NotEqual(0, (await machine.RunAsync("systemctl", "reload", "oops")).Code);
        Assert.Equal("active", await machine.PropertyAsync("oops", "ActiveState"));
        await StatusTextAsync("anycast announced; /etc/oops/oops.yaml has errors; the old config stays in charge");
        await machine.WriteAsync("/etc/oops/oops.yaml", Config + "site: here\n");
        await machine.DoAsync("systemctl", "reload", "oops");
        await StatusTextAsync("anycast announced");
        Assert.Contains(" at here, mode act", await machine.DoAsync("oops", "status"), StringComparison.Ordinal);

        await EndsAndReturnsAsync("KILL", "signal");
        await EndsAndReturnsAsync("STOP", "watchdog");
        await machine.DoAsync("systemctl", "stop", "oops");
        Assert.Equal("success", await machine.PropertyAsync("oops", "Result"));
        await machine.DoAsync("systemctl", "start", "oops");
        await StatusTextAsync("anycast announced");
        Assert.Equal((1, 0), (upstream.Updates(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix4)));
    }

    [Fact]
    public async Task A_server_whose_unit_drains_is_told_to_stop_when_the_route_is_gone_and_its_next_start_ends_the_drain()
    {
        await PrepareAsync();
        await machine.WriteAsync("/etc/oops/oops.yaml", Config);
        await machine.WriteAsync("/etc/systemd/system/knot.service.d/override.conf", """
            [Unit]
            After=oops.service
            [Service]
            ExecStop=-+/usr/bin/oops drain --server ns1 --until-started --wait --timeout 30s
            TimeoutStopSec=60

            """);
        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "start", "oops");
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Patient);
        await StatusTextAsync("anycast announced");

        await machine.DoAsync("systemctl", "stop", "knot");
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix4));
        string told = await machine.JournalAsync("--unit=knot", "--unit=oops");
        Assert.True(told.IndexOf("drained anycast", StringComparison.Ordinal) is > 0 and var drained && told.IndexOf("info: stopping server", StringComparison.Ordinal) > drained, told);
        await StatusTextAsync("anycast drained");

        await machine.DoAsync("systemctl", "start", "knot");
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Patient);
        await StatusTextAsync("anycast announced");
        await machine.DoAsync("systemctl", "restart", "knot");
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Patient);
        Assert.Equal(2, upstream.Withdraws(Harness.Lab.Prefix4));
        // The word on the bus, the files of another user, the control socket of a group, a port below 1024 and a command: the sandbox lets all of them through.
        string status = await machine.DoAsync("oops", "status");
        string silent = status.Split("silent\n") is [_, var rest] ? rest.Split("\n\n")[0] : "";
        foreach (string channel in (string[])["knot/", "probe/", "notify/"])
            Assert.DoesNotContain(channel, silent, StringComparison.Ordinal);
        Assert.Contains("127.0.0.2:53", await machine.DoAsync("ss", "-Hlnu"), StringComparison.Ordinal);
        await Wait.UntilAsync("the rule's command has run", () => File.Exists(machine.PathOf("/run/oops/told")), Patient);
        // What the unit gives to the daemon is not handed on.
        Assert.Equal("nice 0 CapAmb: 0000000000000000\n", await File.ReadAllTextAsync(machine.PathOf("/run/oops/told")));

        // A crash is withdrawn at once, and nothing waits for a drain.
        await StatusTextAsync("anycast announced");
        await machine.DoAsync("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "knot");
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Patient);
        await Wait.UntilAsync("the upstream has seen the crash", () => upstream.Withdraws(Harness.Lab.Prefix4) == 3);
    }

    const string Config = $$"""
        mode: act
        servers: { ns1: { kind: knot, address: 127.0.0.1@53, pidfile: /run/knot/knot.pid, control: /run/knot/knot.sock, zones: { own: { at-least: 1 } } } }
        sources:
          process: [ { server: ns1 } ]
          knot: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}] } ]
          notify: [ { server: ns1, listen: [127.0.0.2@53] } ]
        actions:
          bird: [ { name: edge } ]
          exec: [ { name: tell, command: [/bin/sh, -c, 'echo nice $(nice) $(grep CapAmb /proc/self/status) > /run/oops/told.new && mv /run/oops/told.new /run/oops/told'] } ]
        rules: [ { on: server-running, do: [ { run: tell } ] } ]
        routes:
          anycast: { prefixes: [{{Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running, all-zones-ready], rise: 0s, fall: 0s, budget: off, drain: { graceful: 1s } }

        """;

    /// <summary>Boots it, installs oops, and starts the distribution's bird and knot.</summary>
    async Task PrepareAsync()
    {
        LabRequires.Programs("bird", "knotd", "ss");
        await Task.WhenAll(upstream.StartAsync(), machine.StartAsync("bird.service", "knot.service"));
        await machine.WriteAsync("/etc/bird/bird.conf", $$"""
            router id {{Harness.Lab.Node4}};
            log syslog all;
            protocol device {}
            include "/run/oops/bird-*.conf";
            filter to_upstream {
                if proto ~ "oops_*" then accept;
                reject;
            }
            protocol bgp upstream {
                local {{Harness.Lab.Node4}} as {{Harness.Lab.NodeAs}};
                neighbor {{Harness.Lab.Upstream4}} as {{Harness.Lab.UpstreamAs}};
                connect retry time 2; connect delay time 1; error wait time 1,2;
                ipv4 { import none; export filter to_upstream; next hop self; };
            }

            """);
        await machine.WriteAsync("/etc/knot/knot.conf", $$"""
            server:
                rundir: "/run/knot"
                user: knot:knot
                listen: [ 127.0.0.1@53, {{Harness.Lab.Anycast4}}@53 ]
                dbus-event: [running, zone-updated, ksk-submission, dnssec-invalid]
            log:
              - target: syslog
                any: info
            database:
                storage: "/var/lib/knot"
            zone:
              - domain: one.test
                storage: "/var/lib/knot"
                file: "one.test.zone"
                zonefile-sync: -1

            """);
        await machine.WriteAsync("/var/lib/knot/one.test.zone", ZoneText.Of("one.test", 100, new ZoneTimers()));
        await machine.WriteAsync("/etc/systemd/system/oops.service.d/override.conf", "[Service]\nSupplementaryGroups=bird knot\nWatchdogSec=4\nTimeoutAbortSec=1\n");
        await machine.InstallOopsAsync();
        await machine.DoAsync("systemctl", "start", "bird", "knot");
    }

    async Task EndsAndReturnsAsync(string signal, string result)
    {
        string before = await machine.PropertyAsync("oops", "MainPID");
        await machine.DoAsync("systemctl", "kill", "--kill-whom=main", "--signal=" + signal, "oops");
        await Wait.UntilAsync($"oops is another process after {signal}, and active",
            async () => (await machine.DoAsync("systemctl", "show", "--property=MainPID,ActiveState", "oops")).Split('\n') is var now && now.Contains("ActiveState=active") && !now.Contains("MainPID=" + before),
            Patient, TimeSpan.FromMilliseconds(200));
        Assert.Contains($"Failed with result '{result}'", await machine.JournalAsync("--unit=oops"), StringComparison.Ordinal);
        await StatusTextAsync("anycast announced");
    }

    async Task StatusTextAsync(string text)
    {
        string last = "";
        await Wait.UntilAsync($"systemctl status says: {text}", async () => (last = await machine.PropertyAsync("oops", "StatusText")) == text, Patient, TimeSpan.FromMilliseconds(200), () => last);
    }
}
