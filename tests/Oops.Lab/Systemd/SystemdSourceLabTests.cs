using Oops.Lab.Harness;
using Oops.Sources.Process;
using Oops.Sources.Systemd;
using Xunit;

namespace Oops.Lab.Systemd;

/// <summary>The source against a real systemd and its bus: what was measured of them is a test each.</summary>
public sealed class SystemdSourceLabTests : IAsyncDisposable
{
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    readonly BootedSystemd machine = new();

    public ValueTask DisposeAsync() => machine.DisposeAsync();

    [Fact]
    public async Task A_stop_is_told_while_the_process_lives_and_so_are_a_restart_and_the_end_of_the_host()
    {
        await machine.StartAsync();
        // Ordered so, the bus is there until the server has stopped, also at the end of the host.
        await UnitAsync("slow", "[Unit]\nAfter=dbus.service\n" + Waiting);
        await machine.DoAsync("systemctl", "start", "slow");
        await using var source = new RunningSources(Source("slow.service"));
        await source.HearAsync("ns1 opened", "ns1 Stopping 0", "ns1 read");

        await machine.DoAsync("systemctl", "stop", "--no-block", "slow");
        await source.HearAsync("ns1 Stopping 1");
        Assert.NotEqual("0", await machine.PropertyAsync("slow", "MainPID"));
        await GoAsync("slow");
        await machine.DoAsync("systemctl", "start", "slow");
        var said = await source.HearAsync("ns1 Stopping 0");
        Assert.DoesNotContain(said, s => s.Contains("lost", StringComparison.Ordinal));

        await machine.DoAsync("systemctl", "restart", "--no-block", "slow");
        await source.HearAsync("ns1 Stopping 1");
        Assert.NotEqual("0", await machine.PropertyAsync("slow", "MainPID"));
        await GoAsync("slow");
        await source.HearAsync("ns1 Stopping 0");

        await machine.DoAsync("systemctl", "start", "--no-block", "--job-mode=replace-irreversibly", "exit.target");
        await source.HearAsync("ns1 Stopping 1");
        Assert.True(Directory.Exists(machine.PathOf("/proc/" + await machine.PropertyAsync("slow", "MainPID"))));
    }

    [Fact]
    public async Task A_stop_that_waits_for_another_unit_is_one_and_ends_when_it_is_called_off()
    {
        await machine.StartAsync();
        await UnitAsync("slow", "[Service]\nExecStart=/bin/sleep 1000\n");
        await UnitAsync("user", "[Unit]\nAfter=slow.service\nRequires=slow.service\n" + Waiting);
        await machine.DoAsync("systemctl", "start", "user");
        await using var source = new RunningSources(Source("slow.service"));
        await source.HearAsync("ns1 Stopping 0");
        await machine.DoAsync("systemctl", "stop", "--no-block", "slow");
        await source.HearAsync("ns1 Stopping 1");
        Assert.Equal("active", await machine.PropertyAsync("slow", "ActiveState"));
        await machine.DoAsync("systemctl", "cancel");
        await source.HearAsync("ns1 Stopping 0");
        Assert.Equal("active", await machine.PropertyAsync("slow", "ActiveState"));
    }

    [Fact]
    public async Task A_crash_is_no_stop_whatever_systemd_does_after_it()
    {
        await machine.StartAsync();
        await UnitAsync("crash", "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sleep 0.3\nExecStopPost=/bin/sleep 0.3\nRestart=on-failure\nRestartSec=300ms\n");
        await UnitAsync("hung", "[Service]\nType=notify\nNotifyAccess=all\nWatchdogSec=1\nExecStart=/bin/sh -c 'systemd-notify --ready; exec sleep 1000'\nExecStopPost=/bin/sleep 0.3\n");
        await machine.DoAsync("systemctl", "start", "crash", "hung");
        await using var source = new RunningSources(Source("crash.service"));
        await using var hung = new RunningSources(Source("hung.service"));
        var said = await source.HearAsync("ns1 Stopping 0");
        var first = await machine.PropertyAsync("crash", "MainPID");
        await machine.DoAsync("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "crash");
        await Wait.UntilAsync("another process runs", async () => await machine.PropertyAsync("crash", "MainPID") is not "0" and var now && now != first, Patient, TimeSpan.FromMilliseconds(100));
        await Task.Delay(TimeSpan.FromSeconds(1));
        said.AddRange(source.Engine.Take());
        Assert.DoesNotContain("ns1 Stopping 1", said);
        await machine.DoAsync("systemctl", "stop", "crash");
        await source.HearAsync("ns1 Stopping 1");
        await Wait.UntilAsync("the watchdog has bitten", async () => await machine.PropertyAsync("hung", "Result") == "watchdog" && await machine.PropertyAsync("hung", "ActiveState") == "failed", Patient, TimeSpan.FromMilliseconds(100));
        Assert.DoesNotContain("ns1 Stopping 1", await hung.HearAsync("ns1 Stopping 0"));
    }

    [Fact]
    public async Task A_server_that_is_told_by_others_has_ended_orderly_and_one_that_tells_systemd_is_seen_before()
    {
        await machine.StartAsync();
        await UnitAsync("plain", "[Service]\nExecStart=/bin/sleep 1000\n");
        await UnitAsync("tells", "[Service]\nType=notify\nExecStart=/usr/bin/perl -MSocket -e '"
            + "socket(S,AF_UNIX,SOCK_DGRAM,0);my $to=sockaddr_un($ENV{NOTIFY_SOCKET});$SIG{TERM}=sub{send(S,\"STOPPING=1\",0,$to);select(undef,undef,undef,0.05) until -e \"/run/go\";exit 0};"
            + "send(S,\"READY=1\",0,$to);sleep 1 while 1'\n");
        await machine.DoAsync("systemctl", "start", "plain", "tells");
        await using var plain = new RunningSources(Source("plain.service"));
        await using var tells = new RunningSources(Source("tells.service"));
        await plain.HearAsync("ns1 Stopping 0");
        await tells.HearAsync("ns1 Stopping 0");
        await machine.DoAsync("systemctl", "kill", "--kill-whom=main", "plain", "tells");
        await plain.HearAsync("ns1 Stopping 1");
        Assert.Equal("0", await machine.PropertyAsync("plain", "MainPID"));
        await tells.HearAsync("ns1 Stopping 1");
        Assert.NotEqual("0", await machine.PropertyAsync("tells", "MainPID"));
        await GoAsync("tells");
    }

    [Fact]
    public async Task A_systemd_that_executes_itself_again_and_a_bus_that_is_restarted_are_met_again()
    {
        await machine.StartAsync();
        await UnitAsync("slow", Waiting);
        await using var source = new RunningSources(Source("slow.service"));
        await source.HearAsync("ns1 lost: systemd: it has no slow.service loaded: stopped, or not installed");
        await machine.DoAsync("systemctl", "start", "slow");
        await source.HearAsync("ns1 opened", "ns1 Stopping 0", "ns1 read");

        await machine.DoAsync("systemctl", "daemon-reload");
        await machine.DoAsync("systemctl", "daemon-reexec");
        var said = await source.HearAsync("ns1 lost*", "ns1 opened", "ns1 Stopping 0", "ns1 read");
        await machine.DoAsync("systemctl", "restart", "dbus");
        said.AddRange(await source.HearAsync("ns1 lost*", "ns1 opened", "ns1 Stopping 0", "ns1 read"));
        Assert.DoesNotContain("ns1 Stopping 1", said);

        await machine.DoAsync("systemctl", "stop", "--no-block", "slow");
        await source.HearAsync("ns1 Stopping 1");
        Assert.NotEqual("0", await machine.PropertyAsync("slow", "MainPID"));
    }

    [Fact]
    public async Task Another_name_of_a_unit_is_said()
    {
        await machine.StartAsync("named.service");
        await machine.DoAsync("ln", "-s", "/usr/lib/systemd/system/named.service", "/etc/systemd/system/bind9.service");
        await machine.DoAsync("systemctl", "daemon-reload");
        await PrepareBindAsync();
        await machine.DoAsync("systemctl", "start", "named");
        await using var source = new RunningSources(Source("bind9.service"));
        await source.HearAsync("ns1 lost: systemd: bind9.service is another name of named.service: write `unit: named.service`");
    }

    [Theory]
    [InlineData("knot", "knotd")]
    [InlineData("named", "named")]
    [InlineData("nsd", "nsd")]
    [InlineData("unbound", "unbound")]
    [InlineData("pdns", "pdns_server")]
    public async Task The_distributions_servers_are_seen_to_stop_by_their_units(string unit, string program)
    {
        LabRequires.Programs(program);
        if (unit == "pdns") LabRequires.Programs("sqlite3");
        await machine.StartAsync(unit + ".service");
        await PrepareAsync(unit);
        await machine.DoAsync("systemctl", "start", unit);
        // Seen from here the process has another number than for its systemd: both are only heard, in their order.
        var process = new ProcessSource(new ProcessTarget
        {
            Server = "ns1",
            Executables = [program],
            Recheck = TimeSpan.FromMilliseconds(200),
            CpuWindow = TimeSpan.FromMinutes(1),
        });
        await using var sources = new RunningSources(process, Source(unit + ".service"));
        await RunsAsync(sources, []);
        await machine.DoAsync("systemctl", "stop", unit);
        // named's unit has an ExecStop=. The others are told with the job itself, and may be gone within some milliseconds.
        var said = unit == "named" ? await sources.HearAsync("ns1 Stopping 1", "ProcessGone*") : await BothAsync(sources, "ns1 Stopping 1", "ProcessGone");
        Assert.Equal(1, said.Count(s => s.StartsWith("ProcessGone", StringComparison.Ordinal)));

        await machine.DoAsync("systemctl", "start", unit);
        await RunsAsync(sources, []);
        await machine.DoAsync("systemctl", "restart", unit);
        said = await BothAsync(sources, "ns1 Stopping 1", "ProcessGone");
        await RunsAsync(sources, said);
        await Wait.UntilAsync("it runs", async () => await machine.PropertyAsync(unit, "SubState") == "running", Patient);
        sources.Engine.Take();
        await machine.DoAsync("systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit);
        said = await sources.HearAsync("ProcessGone*");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("ns1 Stopping 1", said.Concat(sources.Engine.Take()));
    }

    // Both have met the process, whichever was first, and each after the end of the one before it.
    static async Task RunsAsync(RunningSources sources, List<string> said) =>
        await Wait.UntilAsync("the unit and its process are seen", () =>
        {
            said.AddRange(sources.Engine.Take());
            return Last(said, "ns1 Stopping 0") > Last(said, "ns1 Stopping 1") && Last(said, "ProcessStarted") > Last(said, "ProcessGone");
        }, Patient, state: () => string.Join('\n', said));

    static int Last(List<string> said, string word) => said.FindLastIndex(s => s.StartsWith(word, StringComparison.Ordinal));

    static async Task<List<string>> BothAsync(RunningSources sources, string one, string other)
    {
        List<string> said = [];
        await Wait.UntilAsync($"{one} and {other} are said", () =>
        {
            said.AddRange(sources.Engine.Take());
            return said.Contains(one) && said.Exists(s => s.StartsWith(other, StringComparison.Ordinal));
        }, Patient, state: () => string.Join('\n', said));
        return said;
    }

    const string Waiting = "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c 'while [ ! -e /run/go ]; do sleep 0.05; done'\n";

    SystemdSource Source(string unit) => new(new SystemdOptions("ns1", unit, "unix:path=" + machine.PathOf("/run/dbus/system_bus_socket"), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10)));

    async Task UnitAsync(string name, string text)
    {
        await machine.WriteAsync($"/etc/systemd/system/{name}.service", text);
        await machine.DoAsync("systemctl", "daemon-reload");
    }

    // Lets what stops go on to its end.
    async Task GoAsync(string unit)
    {
        var before = await machine.PropertyAsync(unit, "MainPID");
        await machine.WriteAsync("/run/go", "");
        await Wait.UntilAsync($"{unit} has stopped", async () => await machine.PropertyAsync(unit, "MainPID") != before, Patient, TimeSpan.FromMilliseconds(100));
        File.Delete(machine.PathOf("/run/go"));
    }

    async Task PrepareAsync(string unit)
    {
        switch (unit)
        {
            case "knot":
                await machine.WriteAsync("/etc/knot/knot.conf", "server:\n    rundir: \"/run/knot\"\n    user: knot:knot\n    listen: 127.0.0.1@5301\ndatabase:\n    storage: \"/var/lib/knot\"\n");
                break;
            case "named":
                await PrepareBindAsync();
                break;
            case "nsd":
                await machine.WriteAsync("/etc/nsd/nsd.conf", "server:\n  ip-address: 127.0.0.1@5301\nremote-control:\n  control-enable: no\n");
                break;
            case "unbound":
                await machine.WriteAsync("/etc/unbound/unbound.conf", "server:\n  interface: 127.0.0.1@5301\n  port: 5301\n  chroot: \"\"\n  username: \"\"\n");
                await machine.WriteAsync("/etc/systemd/system/unbound.service.d/override.conf", "[Service]\nExecStartPre=\nExecStopPost=\n");
                await machine.DoAsync("systemctl", "daemon-reload");
                break;
            default:
                await machine.DoAsync("sh", "-ec", "sqlite3 /var/lib/powerdns/lab.sqlite3 < /usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql; chown pdns: /var/lib/powerdns/lab.sqlite3");
                await machine.WriteAsync("/etc/powerdns/pdns.conf", "launch=gsqlite3\ngsqlite3-database=/var/lib/powerdns/lab.sqlite3\nlocal-address=127.0.0.1\nlocal-port=5301\nsetuid=pdns\nsetgid=pdns\n");
                break;
        }
    }

    async Task PrepareBindAsync()
    {
        await machine.WriteAsync("/etc/bind/named.conf", "options { directory \"/var/cache/bind\"; listen-on port 5301 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file \"/run/named/named.pid\"; };\n");
        await machine.DoAsync("install", "-d", "-o", "bind", "-g", "bind", "/run/named");
        await machine.DoAsync("sh", "-c", "test -e /etc/bind/rndc.key || rndc-confgen -a -u bind");
    }
}
