using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Hackathon;

/// <summary>One of the three sites, with the example's own files: a name server, a router, and oops.</summary>
internal sealed class Site(char letter) : IAsyncDisposable
{
    const string OopsConfig = "/etc/oops/oops.yaml";

    static readonly string[] Programs = ["my-turn", "verify-turn"];

    readonly Host host = new("site-" + letter);
    LabProcess? bus;

    public Host Host => host;

    /// <summary>What the upstream calls it.</summary>
    public string Name { get; } = "site_" + letter;

    public LabProcess Server { get; private set; } = null!;

    public LabProcess Router { get; private set; } = null!;

    public LabProcess Oops { get; private set; } = null!;

    /// <summary>What of its oops.yaml is another: a text and what takes its place.</summary>
    public (string Written, string Instead)? Edit { get; set; }

    /// <summary>A folder of the host that NSD looks for programs in first.</summary>
    public const string First = "/run/first";

    /// <summary>The host with its files, its router, and a session with the upstream; neither a name server nor oops.</summary>
    public async Task StartAsync(Center center)
    {
        int number = letter - 'a' + 1;
        await host.StartAsync(center.Host, [string.Create(CultureInfo.InvariantCulture, $"198.51.100.{number}/24"), string.Create(CultureInfo.InvariantCulture, $"2001:db8:100::{number}/64")], ["192.0.2.53/32", "2001:db8:53::53/128"]);
        string folder = "site-" + letter;
        host.Install(folder + "/oops.yaml", OopsConfig);
        if (Edit is { } edit)
        {
            string text = await File.ReadAllTextAsync(host.At(OopsConfig));
            if (!text.Contains(edit.Written, StringComparison.Ordinal))
                throw new InvalidOperationException($"{folder}/oops.yaml has no '{edit.Written}'");
            await File.WriteAllTextAsync(host.At(OopsConfig), text.Replace(edit.Written, edit.Instead, StringComparison.Ordinal));
        }

        host.Install(folder + "/site.key", "/etc/oops/site.key");
        foreach (string program in Programs)
            host.Install(program, "/etc/oops/" + program);
        string[] files = letter switch
        {
            'a' => ["named.conf /etc/bind", "site.key /etc/bind", "exabgp.conf /etc/exabgp"],
            'b' => ["knot.conf /etc/knot", "bird.conf /etc/bird"],
            _ => ["nsd.conf /etc/nsd", "bird.conf /etc/bird"],
        };
        foreach (string[] file in files.Select(f => f.Split(' ')))
            host.Install($"{folder}/{file[0]}", $"{file[1]}/{file[0]}");
        host.MakeFolders("/run/named", "/run/knot", "/run/nsd", "/run/bird", "/run/exabgp", "/run/dbus", First);
        if (letter == 'b')
            await StartBusAsync();
        await StartRouterAsync();
    }

    public async Task StartRouterAsync()
    {
        if (letter == 'a')
        {
            // As Debian's unit does before each start.
            foreach (string pipe in (string[])["/run/exabgp/exabgp.in", "/run/exabgp/exabgp.out"])
            {
                File.Delete(host.At(pipe));
                await OopsDaemon.DoProgramAsync("mkfifo", "-m", "600", host.At(pipe));
            }

            Router = host.Launch(new Dictionary<string, string> { ["exabgp_daemon_daemonize"] = "false", ["exabgp_daemon_drop"] = "false", ["exabgp_daemon_user"] = "root" }, "exabgp", "/etc/exabgp/exabgp.conf");
            await Wait.UntilAsync("exabgp reads its pipe and has a session", async () => (await host.RunAsync("exabgpcli", "show", "neighbor", "summary")).Text.Contains(" established ", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => Router.Tail());
            return;
        }

        Router = host.Launch(new Dictionary<string, string>(), "bird", "-f", "-c", "/etc/bird/bird.conf");
        await Wait.UntilAsync("bird has a session", async () => (await host.RunAsync("birdc", "show", "protocols")).Text.Contains("Established", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100), () => Router.Tail());
    }

    /// <summary>Starts the name server and waits for it to serve the zone.</summary>
    public async Task StartServerAsync()
    {
        string path = $"{First}:{Path.GetDirectoryName(OopsDaemon.Binary)}:{Environment.GetEnvironmentVariable("PATH")}";
        Server = letter switch
        {
            'a' => host.Launch(new Dictionary<string, string>(), "named", "-f", "-c", "/etc/bind/named.conf"),
            'b' => host.Launch(new Dictionary<string, string>(), "knotd", "-c", "/etc/knot/knot.conf"),
            _ => host.Launch(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = "/run/oops/ns1.notify", ["PATH"] = path }, "nsd", "-d", "-c", "/etc/nsd/nsd.conf"),
        };
        await Wait.UntilAsync("it serves the zone", async () => await SerialAsync() is not null, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100), () => Server.Tail());
    }

    /// <summary>The serial that it serves.</summary>
    public async Task<string?> SerialAsync()
    {
        string[] words = (await host.RunAsync("dig", "+short", "+norecurse", "+time=1", "+tries=1", "@192.0.2.53", Center.Zone, "SOA")).Text.Split(' ');
        return words.Length == 7 ? words[2] : null;
    }

    public async Task StartOopsAsync()
    {
        Oops = host.Launch(new Dictionary<string, string>(), OopsDaemon.Binary!, "run");
        await Wait.UntilAsync("oops answers", async () => !Oops.Running || (await VerbAsync("status")).Code == 0, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100), () => Oops.Tail(30));
    }

    /// <summary>`oops VERB ...` here.</summary>
    public Task<(int Code, string Text)> VerbAsync(params string[] arguments) => host.RunAsync([OopsDaemon.Binary!, .. arguments]);

    public async Task<string> ExplainAsync() => (await VerbAsync("explain", "route/anycast")).Text;

    public async ValueTask DisposeAsync() => await host.DisposeAsync();

    /// <summary>The system bus of a host, where any user may own any name.</summary>
    async Task StartBusAsync()
    {
        await File.WriteAllTextAsync(host.At("/run/dbus/bus.conf"), """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <listen>unix:path=/run/dbus/system_bus_socket</listen>
              <auth>EXTERNAL</auth>
              <policy context="default"><allow send_destination="*"/><allow own="*"/><allow user="*"/><allow receive_sender="*"/></policy>
            </busconfig>
            """);
        bus = host.Launch(new Dictionary<string, string>(), "dbus-daemon", "--config-file=/run/dbus/bus.conf", "--nofork", "--nopidfile", "--nosyslog");
        await Wait.UntilAsync("dbus-daemon listens", () => File.Exists(host.At("/run/dbus/system_bus_socket")), state: () => bus.Tail());
    }
}
