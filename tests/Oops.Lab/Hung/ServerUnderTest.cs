using System.Net;
using Oops.Dns;
using Oops.Lab.Harness;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Lab.Hung;

/// <summary>A real DNS server of any kind on one address (the anycast one by default), in the foreground and with one worker, that answers for one.test (dnsdist and kresd: that they refuse it).</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    public const string Zone = "one.test";

    readonly string directory;
    LabProcess? process;

    public ServerUnderTest(string kind, string address = Oops.Lab.Harness.Lab.Anycast4)
    {
        (Kind, Address) = (kind, address);
        directory = Oops.Lab.Harness.Lab.FreshDirectory(kind);
    }

    /// <summary>All that there are, by the word of the config for their kind.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["knot", "nsd", "bind", "unbound", "powerdns", "recursor", "dnsdist", "kresd"];

    public string Kind { get; }

    public string Address { get; }

    public string PidFile => Path.Combine(directory, "lab.pid");

    /// <summary>Of a knotd: its control socket, as a server of the config has it.</summary>
    public string Control => Kind == "knot" ? $", control: {InFolder("knot.sock")}" : "";

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>The main process and its descendants, itself first.</summary>
    public IReadOnlyList<int> Pids => [.. Proc.ReadTree(Process.Pid).Where(p => !p.IsDead).Select(p => p.Pid)];

    /// <summary>Its programs.</summary>
    public static string[] Programs(string kind) => kind switch
    {
        "knot" => ["knotd"],
        "nsd" => ["nsd"],
        "bind" => ["named"],
        "unbound" => ["unbound"],
        "powerdns" => ["pdns_server", "pdnsutil", "sqlite3"],
        "recursor" => ["pdns_recursor"],
        "dnsdist" => ["dnsdist"],
        "kresd" => ["kresd"],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such server"),
    };

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(InFolder(Zone + ".zone"), ZoneText.Of(Zone, 100, new ZoneTimers()));
        await File.WriteAllTextAsync(InFolder(ServerConfigs.FileName(Kind)), ServerConfigs.Of(Kind, directory, Address));
        if (Kind == "powerdns") await PrepareDatabaseAsync();
        process = LabProcess.Start(InFolder("output"), [Programs(Kind)[0], .. ServerConfigs.Arguments(Kind, directory)]);
        await File.WriteAllTextAsync(PidFile, $"{process.Pid}\n");
        await Wait.UntilAsync($"{Kind} answers", AnswersAsync, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100), () => process.Tail());
    }

    /// <summary>One question over UDP.</summary>
    public async Task<bool> AnswersAsync()
    {
        _ = DnsName.TryParse(Zone, out var name);
        var options = new AskOptions { Timeout = TimeSpan.FromMilliseconds(500) };
        var result = await new DnsAsker(TimeProvider.System).AskAsync(new IPEndPoint(IPAddress.Parse(Address), 53), name, options, CancellationToken.None);
        return result.Outcome == AskOutcome.Answered;
    }

    /// <summary>To the main process and all its descendants.</summary>
    public void SignalAll(int signal)
    {
        foreach (int pid in Pids)
            _ = LabProcess.Kill(pid, signal);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null)
            return;
        if (process.Running)
            SignalAll(LabProcess.Cont);
        await process.DisposeAsync();
    }

    string InFolder(string name) => Path.Combine(directory, name);

    async Task PrepareDatabaseAsync()
    {
        const string Schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
        await OopsDaemon.DoProgramAsync("sqlite3", InFolder("pdns.sqlite3"), $".read {Schema}");
        await OopsDaemon.DoProgramAsync("pdnsutil", $"--config-dir={directory}", "load-zone", Zone, InFolder(Zone + ".zone"));
    }
}
