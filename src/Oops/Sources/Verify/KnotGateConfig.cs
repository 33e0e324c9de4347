using System.ComponentModel;
using Oops.Config;
using Oops.DBus;
using Oops.Sources.Knot;
using Oops.Sources.Knot.Gate;

namespace Oops.Sources.Verify;

/// <summary>The gate at a knotd that waits for a verdict on each new version (knot.conf, section external).</summary>
internal sealed record KnotGateConfig
{
    [Description("Where knotd writes the new version: `dump-new-zone` of its section external, an absolute path with its formatters, such as /run/knot/new/%s.zone. The user of oops must be able to read it.")]
    public required string NewZone { get; set; }

    [Description("D-Bus address of the bus that knotd sends external-verify to: unix:path=... or unix:abstract=..., or none: what waits is then found by reading alone.")]
    public string Bus { get; set; } = DBusAddress.SystemBus;

    [Description("From when a version is seen to wait until there must be a verdict.")]
    [Bounds("1s", "1d")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(60);

    [Description("The answer where there is no verdict in time, or the zone is not judged here: pass or fail.")]
    public GateAnswer Otherwise { get; set; } = GateAnswer.Fail;

    [Description("knotd's own patience, `timeout` of its section external: then it discards the version.")]
    [Bounds("1s", "1d")]
    public TimeSpan KnotdTimeout { get; set; } = TimeSpan.FromSeconds(300);

    [Description("How often knotd is asked what waits, where no signal told.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    [Description("How long knotd or the bus may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public KnotGateOptions ToOptions(string? control) => new()
    {
        Control = control ?? KnotConfig.DefaultControl,
        Bus = KnotConfig.BusOf(Bus),
        NewZone = DumpPath.Parse(NewZone, out _),
        Deadline = Deadline,
        Otherwise = Otherwise,
        KnotdTimeout = KnotdTimeout,
        Interval = Interval,
        Timeout = Timeout,
    };

    public void Check(ConfigErrors errors, string path)
    {
        if (DumpPath.Parse(NewZone, out var why) is null)
            errors.Add($"{path}.new-zone", $"{ConfigErrors.Show(NewZone)} {why}");
        KnotConfig.CheckBus(Bus, errors, path);
        foreach (var (key, what) in ToOptions(null).Problems())
            errors.Add($"{path}.{key}", what);
    }
}
