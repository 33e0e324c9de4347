using System.ComponentModel;

namespace Oops.Config;

/// <summary>Times and sizes that are not a route's own.</summary>
internal sealed record LimitsConfig
{
    [Description("A route that is announced but would not be admitted now is alarmed after so long, and again each day.")]
    [Bounds("1s", "1d")]
    public TimeSpan KeptAlarm { get; set; } = TimeSpan.FromMinutes(5);

    [Description("A zone that is new in a complete set counts after its first load, or after so long.")]
    [Bounds("0s", "30d")]
    public TimeSpan NewZoneGrace { get; set; } = TimeSpan.FromMinutes(15);

    [Description("A server that is silent but busy is alarmed as unresponsive after so long. It is not down.")]
    [Bounds("1s", "1d")]
    public TimeSpan Unresponsive { get; set; } = TimeSpan.FromSeconds(60);

    [Description("A last resort that was not announced for so long is admitted on server-running alone, degraded.")]
    [Bounds("1s", "1d")]
    public TimeSpan LastResortAfter { get; set; } = TimeSpan.FromMinutes(10);

    [Description("A route's rise doubles at most to this, and is reset after so long announced.")]
    [Bounds("1s", "1d")]
    public TimeSpan RiseCeiling { get; set; } = TimeSpan.FromMinutes(30);

    [Description("A set of zones that shrinks by more than this share is held and alarmed.")]
    public Share ShrinkHeld { get; set; } = new(10);

    [Description("Whether the wall clock counts; signature times need it. kernel: while the kernel says that something synchronises it. trusted: also without, on a host whose clock is kept right by what does not tell the kernel (a hypervisor, OpenNTPD). For an hour after a step it never does.")]
    public WallClock WallClock { get; set; } = WallClock.Kernel;
}

/// <summary>By whose word the wall clock counts.</summary>
internal enum WallClock
{
    Kernel,
    Trusted,
}
