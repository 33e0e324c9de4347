using System.Globalization;

namespace Oops.Lab.Harness;

/// <summary>
/// A real systemd as process 1 of a machine of its own (`tests/boot-systemd.sh`): a copy of this one's files, the laboratory's network, its own processes, cgroups, journal and system bus.
/// What is written there ends with it.
/// </summary>
internal sealed class BootedSystemd : IAsyncDisposable
{
    const int CannotBoot = 77;

    readonly string directory = Lab.FreshDirectory("machine");
    LabProcess? process;

    /// <summary>What holds all of it; its end is the machine's.</summary>
    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Its process 1, as seen from here.</summary>
    public int Pid { get; private set; }

    /// <summary>A file of it as a path of ours, sockets included.</summary>
    public string PathOf(string path) => $"/proc/{Pid.ToString(CultureInfo.InvariantCulture)}/root{path}";

    /// <summary>Boots it with these units of the distribution beside the journal and the system bus, loaded and not started; returns when it is up. Skips where this machine cannot.</summary>
    public async Task StartAsync(params string[] units)
    {
        LabRequires.Programs("systemctl", "journalctl", "dbus-daemon", "nsenter", "unshare", "setpriv");
        string runtime = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        process = LabProcess.Start(Path.Combine(directory, "boot.log"), Side.Node, new Dictionary<string, string> { ["OOPS_DOTNET"] = runtime },
            [Path.Combine(Repository, "tests/boot-systemd.sh"), directory, .. units]);
        string pid = Path.Combine(directory, "pid");
        await Wait.UntilAsync("systemd is started", () => File.Exists(pid) || !process.Running, state: () => process.Tail());
        if (!process.Running && process.ExitCode == CannotBoot)
            LabRequires.Nothing(process.Tail());
        if (!File.Exists(pid))
            throw new InvalidOperationException(process.Tail());
        Pid = int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture);
        // Until it has its own root, systemctl believes itself in a chroot, does nothing and calls it a success.
        await Wait.UntilAsync("systemd is up", async () => await RunAsync("systemctl", "is-active", "oops-lab.target") is (0, "active") || !process.Running,
            TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), () => process.Tail());
        if (!process.Running)
            throw new InvalidOperationException(process.Tail());
    }

    /// <summary>A program in it, as root, to its end: exit code and what it printed.</summary>
    public Task<(int Code, string Text)> RunAsync(params string[] argv) => OopsDaemon.RunProgramAsync(
        [Lab.Find("nsenter")!, "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--target", Pid.ToString(CultureInfo.InvariantCulture), "--wd=" + PathOf("/"), "--",
            "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG=C.UTF-8", "SYSTEMD_PAGER=", .. argv]);

    /// <summary>The same, which must succeed.</summary>
    public async Task<string> DoAsync(params string[] argv)
    {
        (int code, string text) = await RunAsync(argv);
        return code == 0 ? text : throw new InvalidOperationException($"{string.Join(' ', argv)}: exit {code}: {text}\n{await JournalAsync("-n", "40")}");
    }

    /// <summary>A property of a unit, as `systemctl show` has it.</summary>
    public Task<string> PropertyAsync(string unit, string property) => DoAsync("systemctl", "show", "--value", "--property", property, unit);

    /// <summary>The journal's lines that journalctl's options choose.</summary>
    public async Task<string> JournalAsync(params string[] options) => (await RunAsync(["journalctl", "--no-pager", "--output=short-precise", .. options])).Text;

    /// <summary>Writes a file of it, and makes the folders above.</summary>
    public async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        await File.WriteAllTextAsync(PathOf(path), text);
    }

    /// <summary>Installs what was built with the commands of docs/operation.md, as they stand there.</summary>
    public async Task InstallOopsAsync()
    {
        string binary = OopsDaemon.Binary ?? throw new InvalidOperationException("oops is not built: make build");
        string from = "/usr/src/oops";
        await DoAsync("mkdir", "-p", from + "/artifacts/publish");
        await CopyAsync(binary, from + "/artifacts/publish/oops");
        await CopyAsync(Path.Combine(Repository, "packaging"), from + "/packaging");
        foreach (string part in (string[])["README.md", "docs", "examples"])
            await CopyAsync(Path.Combine(Repository, part), $"{from}/{part}");
        // Of the source its pages, and not what was built beside it.
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository, "src"), "*.md", SearchOption.AllDirectories))
        {
            string to = PathOf($"{from}/{Path.GetRelativePath(Repository, file)}");
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        string page = await File.ReadAllTextAsync(Path.Combine(Repository, "docs/operation.md"));
        await DoAsync("sh", "-e", "-c", $"cd {from}\n" + page.Split("## Install")[1].Split("```")[1]);
        if (!File.Exists(binary + ".dll"))
            return;
        // What was built and not published is a small launcher, which follows a link to where its libraries are.
        await CopyAsync(Path.GetDirectoryName(binary)!, "/usr/lib/oops");
        await DoAsync("ln", "-sf", "/usr/lib/oops/oops", "/usr/bin/oops");
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    async Task CopyAsync(string from, string to)
    {
        (int code, string text) = await OopsDaemon.RunProgramAsync("cp", "-r", from, PathOf(to));
        if (code != 0)
            throw new InvalidOperationException(text);
    }

    static string Repository => Lab.Repository ?? throw new InvalidOperationException("not in the repository");
}
