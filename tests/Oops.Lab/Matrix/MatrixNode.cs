using System.Net;
using Oops.Lab.Harness;
using Oops.Native;

namespace Oops.Lab.Matrix;

/// <summary>A server of the matrix on the node, configured to tell all that it can, and what oops is told to listen to.</summary>
internal abstract class MatrixNode(SiteOptions options) : IAsyncDisposable
{
    readonly string folder = Harness.Lab.FreshDirectory("node");
    LabProcess? process;
    string? removed;

    /// <summary>Its word in the config.</summary>
    public abstract string Kind { get; }

    /// <summary>Where it answers.</summary>
    public virtual IPEndPoint Address => new(IPAddress.Parse(Harness.Lab.Node4), 53);

    /// <summary>The same as the config has it.</summary>
    public string Place => $"{Address.Address}@{Address.Port}";

    /// <summary>What it is asked to see whether it answers.</summary>
    public virtual string Probed => Options.Zones[0];

    /// <summary>More keys of the server in oops.yaml, each after a comma.</summary>
    public virtual string Keys => "";

    /// <summary>Its sources beside process and probe, in YAML, indented by two.</summary>
    public abstract string Sources { get; }

    /// <summary>The conditions of zones that its sources cover: a rule for each tells when they change.</summary>
    public virtual IReadOnlyList<string> ZoneConditions => options.ProbesZones ? ["zone-ready", "zone-updated", "not-refreshed", "expiring", "expired", "stale", "signatures"] : [];

    /// <summary>More conditions of the config.</summary>
    public virtual string Conditions => "";

    /// <summary>INFO-CODEs that its clients see of the lookups of <see cref="ErrorName"/>.</summary>
    public virtual IReadOnlyList<int> ErrorCodes => [20];

    /// <summary>A name whose lookup gives an Extended DNS Error; `%` is replaced by what was not asked for before.</summary>
    public virtual string ErrorName => "%.elsewhere.test";

    /// <summary>What the probe source is told, beside server and address.</summary>
    public virtual string Probe => options.ProbesZones
        ? $"zones: [{string.Join(", ", options.Zones.Take(3))}], zone-interval: 1s, signatures: true, reference-interval: 1s"
        : "zones: []";

    /// <summary>It has the zones of the primary.</summary>
    public virtual bool HasZones => true;

    public virtual LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Program and arguments that oops is started by, where it must see what the server sees.</summary>
    public virtual string[] Around => [];

    public string PidFile => InFolder("lab.pid");

    protected SiteOptions Options => options;

    /// <summary>Those that it serves by its config.</summary>
    protected IEnumerable<string> Served => options.Zones.Where(z => z != removed);

    protected string Folder => folder;

    protected string TapSocket => InFolder("tap.sock");

    protected string NotifySocket => InFolder("notify.sock");

    /// <summary>Program and arguments, in the foreground.</summary>
    protected abstract string[] Command { get; }

    protected virtual IReadOnlyDictionary<string, string>? Environment => null;

    /// <summary>Its config and its first data.</summary>
    protected abstract Task WriteAsync();

    /// <summary>Others that it needs, started before it.</summary>
    public virtual Task PrepareAsync() => WriteAsync();

    /// <summary>Returns as soon as the process is there.</summary>
    public virtual async Task LaunchAsync()
    {
        process = LabProcess.Start(InFolder("output"), Side.Node, Environment, Command);
        // A server writes its pidfile itself: not while it is still the shell that starts it, whose pid nobody would take for a server's.
        await Wait.UntilAsync($"{Command[0]} runs", () => !process.Running || Path.GetFileName(File.ResolveLinkTarget($"/proc/{process.Pid}/exe", false)?.Name) is not ("sh" or "dash" or "bash"), step: TimeSpan.FromMilliseconds(1));
        await File.WriteAllTextAsync(PidFile, $"{process.Pid}\n");
    }

    /// <summary>It never lets a zone expire: one that is to be gone is taken away.</summary>
    public virtual bool ServesForEver => false;

    /// <summary>When the zone expires or has expired, for a server that does not say so over DNS; null: its first answer tells.</summary>
    public virtual Func<string, Task<DateTimeOffset>>? ExpiredAt => null;

    /// <summary>It no longer has one of its zones, as an operator would take it away.</summary>
    public virtual Task RemoveZoneAsync(string zone) => WithoutAsync(zone);

    public virtual Task ReturnZoneAsync(string zone) => WithoutAsync(null);

    async Task WithoutAsync(string? zone)
    {
        removed = zone;
        await WriteAsync();
        await ReloadAsync();
    }

    /// <summary>Has it take its config anew.</summary>
    protected virtual Task ReloadAsync() => throw new NotSupportedException();

    /// <summary>As an operator or systemd does; returns when it has ended.</summary>
    public virtual Task StopAsync() => Process.EndAsync(patience: TimeSpan.FromSeconds(30));

    /// <summary>Has it make a new key for a zone that it signs.</summary>
    public virtual Task NewKeyAsync(string zone) => throw new NotSupportedException();

    /// <summary>To the main process and all its descendants.</summary>
    public void SignalAll(int signal)
    {
        foreach (var one in Proc.ReadTree(Process.Pid).Where(p => !p.IsDead))
            _ = LabProcess.Kill(one.Pid, signal);
    }

    protected string InFolder(string name) => Path.Combine(folder, name);

    public virtual async ValueTask DisposeAsync()
    {
        if (process is null) return;
        if (process.Running) SignalAll(LabProcess.Cont);
        await process.DisposeAsync();
    }
}
