using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Hackathon;

/// <summary>
/// A machine of its own as far as its programs can tell: a network namespace, and a mount namespace in which /run and the folders of servers, routers and oops are
/// empty. So the example's own files are used as they are, at the places that its README names.
/// </summary>
internal sealed class Host : IAsyncDisposable
{
    // /run comes last: below it is what these are called by until then.
    static readonly string[] Own = ["/etc/oops", "/var/lib/oops", "/etc/bind", "/var/cache/bind", "/etc/knot", "/var/lib/knot", "/etc/nsd", "/var/lib/nsd", "/etc/bird", "/etc/exabgp", "/run"];
    static int hosts;

    readonly string name;
    readonly string network;
    readonly string directory;
    readonly List<LabProcess> processes = [];
    LabProcess? anchor;

    public Host(string name)
    {
        this.name = name;
        network = name + Interlocked.Increment(ref hosts).ToString(CultureInfo.InvariantCulture);
        directory = Harness.Lab.FreshDirectory(name);
    }

    /// <summary>The folder of the example.</summary>
    public static string Example => Path.Combine(Harness.Lab.Repository!, "examples", "hackathon");

    /// <summary>The first router of all: one bridge, with these addresses.</summary>
    public async Task StartBridgeAsync(params string[] addresses)
    {
        await StartAsync();
        await IpAsync("link", "add", "br0", "type", "bridge");
        await UpAsync("br0", addresses);
    }

    /// <summary>A host on that bridge.</summary>
    public async Task StartAsync(Host bridge, string[] onLink, string[] onLo)
    {
        await StartAsync();
        await IpAsync("link", "add", "up0", "type", "veth", "peer", "name", name, "netns", bridge.network);
        await bridge.IpAsync("link", "set", name, "master", "br0");
        await bridge.IpAsync("link", "set", name, "up");
        await UpAsync("up0", onLink);
        foreach (string address in onLo)
            await AddAsync(address, "lo");
    }

    /// <summary>Where a path of this host is for the tests.</summary>
    public string At(string path) => $"/proc/{anchor!.Pid}/root{path}";

    /// <summary>Puts files of the example to their places.</summary>
    public void Install(string from, string to)
    {
        string place = At(to);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.Copy(Path.Combine(Example, from), place, overwrite: true);
    }

    public void MakeFolders(params string[] folders)
    {
        foreach (string folder in folders)
            Directory.CreateDirectory(At(folder));
    }

    /// <summary>Starts a program here.</summary>
    public LabProcess Launch(IReadOnlyDictionary<string, string> environment, params string[] argv)
    {
        string[] line = Line(argv);
        LabProcess process = LabProcess.Start(Path.Combine(directory, Path.GetFileName(argv[0]) + ".log"), Side.Node, new Dictionary<string, string>(environment) { ["TMPDIR"] = "/run/tmp" }, line);
        processes.Add(process);
        return process;
    }

    /// <summary>A program here to its end.</summary>
    public Task<(int Code, string Text)> RunAsync(params string[] argv) => OopsDaemon.RunProgramAsync(["env", "TMPDIR=/run/tmp", .. Line(argv)]);

    public async ValueTask DisposeAsync()
    {
        processes.Reverse();
        foreach (LabProcess process in processes)
            await process.DisposeAsync();
        if (anchor is null)
            return;
        await anchor.EndAsync(LabProcess.KillNow);
        await anchor.DisposeAsync();
        await OopsDaemon.RunProgramAsync("ip", "netns", "del", network);
    }

    string[] Line(string[] argv) =>
        ["nsenter", "-t", anchor!.Pid.ToString(CultureInfo.InvariantCulture), "-m", "-n", "--", argv[0].Contains('/', StringComparison.Ordinal) ? argv[0] : Harness.Lab.Find(argv[0]) ?? argv[0], .. argv[1..]];

    async Task StartAsync()
    {
        await OopsDaemon.DoProgramAsync("ip", "netns", "add", network);
        string mounts = string.Join("; ", Own.Select(f => $"[ ! -d {f} ] || mount -t tmpfs -o mode=755 none {f}"));
        anchor = LabProcess.Start(Path.Combine(directory, "host.log"), "nsenter", "--net=/run/netns/" + network, "--", "unshare", "-m", "sh", "-c",
            $"set -e; {mounts}; mkdir -p /run/tmp /run/oops; touch /run/ready; exec sleep infinity");
        await Wait.UntilAsync($"the host {name} is there", () => File.Exists(At("/run/ready")) || !anchor.Running, state: () => anchor.Tail());
        await IpAsync("link", "set", "lo", "up");
    }

    async Task UpAsync(string link, string[] addresses)
    {
        await IpAsync("link", "set", link, "up");
        foreach (string address in addresses)
            await AddAsync(address, link);
    }

    // No duplicate address detection: an address is used at once.
    Task AddAsync(string address, string link) => IpAsync(["addr", "add", address, "dev", link, .. address.Contains(':', StringComparison.Ordinal) ? (string[])["nodad"] : []]);

    Task IpAsync(params string[] arguments) => OopsDaemon.DoProgramAsync(["ip", "-n", network, .. arguments]);
}
