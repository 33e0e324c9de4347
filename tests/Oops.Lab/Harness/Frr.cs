using System.Globalization;
using Oops.Actions.Frr;

namespace Oops.Lab.Harness;

/// <summary>FRR's bgpd next to the DNS server: AS 64501, with one session to the upstream that carries both families. Without zebra, unless a test wants one.</summary>
internal sealed class Frr : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("frr");
    LabProcess? process;
    LabProcess? zebra;

    public Frr() => Client = new FrrClient(Socket, TimeSpan.FromSeconds(2), TimeProvider.System);

    public string Socket => Path.Combine(directory, "bgpd.vty");

    /// <summary>More lines of `router bgp`.</summary>
    public string Extra { get; set; } = " no bgp network import-check\n";

    /// <summary>More lines of its IPv6 family: the session runs over IPv4, and without zebra bgpd knows no IPv6 address of its own.</summary>
    public string Extra6 { get; set; } = $"  neighbor {Lab.Upstream4} route-map NEXTHOP6 out\n";

    /// <summary>With zebra, which tells bgpd the kernel's routes and addresses.</summary>
    public bool Zebra { get; set; }

    /// <summary>A client of the tests' own, which does not queue with the action's.</summary>
    public FrrClient Client { get; }

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    string ConfigPath => Path.Combine(directory, "bgpd.conf");

    string ZebraSocket => Path.Combine(directory, "zserv.api");

    /// <summary>Starts it and waits for the session with the upstream, which must run.</summary>
    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(ConfigPath, $"""
            route-map NEXTHOP6 permit 10
             set ipv6 next-hop global {Lab.Node6}
            router bgp {Lab.NodeAs}
             bgp router-id {Lab.Node4}
             bgp graceful-restart-disable
             no bgp default ipv4-unicast
             no bgp ebgp-requires-policy
            {Extra} neighbor {Lab.Upstream4} remote-as {Lab.UpstreamAs}
             neighbor {Lab.Upstream4} timers 3 9
             neighbor {Lab.Upstream4} timers connect 1
             neighbor {Lab.Upstream4} advertisement-interval 0
             address-family ipv4 unicast
              neighbor {Lab.Upstream4} activate
             exit-address-family
             address-family ipv6 unicast
              neighbor {Lab.Upstream4} activate
            {Extra6} exit-address-family

            """);
        if (Zebra)
            await StartZebraAsync();
        await LaunchAsync();
        await EstablishedAsync();
    }

    /// <summary>Starts it with the configuration that is there, and waits for its socket only.</summary>
    public async Task LaunchAsync()
    {
        string[] kernel = Zebra ? ["-z", ZebraSocket] : ["-Z"];
        // -S: as we are, who may be root in a namespace that knows no other user.
        process = LabProcess.Start(Path.Combine(directory, "bgpd.log"), ["bgpd", .. kernel, "-S", "-f", ConfigPath, "--vty_socket", directory, "-P", "0", "-i", Path.Combine(directory, "bgpd.pid"), "--log", "stdout"]);
        await Wait.UntilAsync("bgpd answers", async () => (await Client.BeginAsync("show version", default)).Reply is not null || !process.Running, state: () => process.Tail());
    }

    public Task EstablishedAsync() => Wait.UntilAsync("the BGP session is established",
        async () => (await AskAsync("show bgp summary json")).Contains("\"state\":\"Established\"", StringComparison.Ordinal), TimeSpan.FromSeconds(15), state: () => Process.Tail());

    /// <summary>Commands, each of which must succeed, and the last one's answer.</summary>
    public async Task<string> AskAsync(params string[] commands)
    {
        string text = "";
        foreach (string command in commands)
        {
            FrrAnswer answer = command == commands[0] ? await Client.BeginAsync(command, default) : await Client.AskAsync(command, default);
            text = answer.Refusal(command) is { } why ? throw new InvalidOperationException($"{command}: {why}") : answer.Reply!.Text;
        }
        return text;
    }

    /// <summary>What another writer says in `router bgp`.</summary>
    public Task ConfigureAsync(params string[] commands) =>
        AskAsync(["enable", "configure terminal", string.Create(CultureInfo.InvariantCulture, $"router bgp {Lab.NodeAs}"), .. commands, "end"]);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (process is not null)
            await process.DisposeAsync();
        if (zebra is not null)
            await zebra.DisposeAsync();
    }

    /// <summary>It becomes the user frr, with the group of the sockets, and takes no other.</summary>
    async Task StartZebraAsync()
    {
        LabRequires.Programs("zebra");
        bool users = File.ReadLines("/proc/self/uid_map").Any(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, var count] && long.Parse(count, CultureInfo.InvariantCulture) > 65536);
        LabRequires.Nothing(users ? null : "zebra needs a user of its own, and this laboratory has one user only: run it as root");
        File.SetUnixFileMode(directory, (UnixFileMode)0x1FF);
        zebra = LabProcess.Start(Path.Combine(directory, "zebra.log"), "zebra", "-z", ZebraSocket, "--vty_socket", directory, "-P", "0", "-i", Path.Combine(directory, "zebra.pid"), "-f", "/dev/null", "--log", "stdout");
        await Wait.UntilAsync("zebra listens", () => File.Exists(ZebraSocket) || !zebra.Running, state: () => zebra.Tail());
    }
}
