using Oops.Lab.Harness;

namespace Oops.Lab.Matrix;

/// <summary>What a plan stands on.</summary>
internal sealed record SiteOptions
{
    public IReadOnlyList<string> Zones { get; init; } = ["one.test"];

    /// <summary>SOA timers of its zones: quiet, unless the plan is about them.</summary>
    public ZoneTimers Timers { get; init; } = new(Refresh: 3600, Retry: 600, Expire: 86400);

    /// <summary>How long before its expiry a zone is to be told.</summary>
    public TimeSpan ExpiringBefore { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The primary has a history, and gives differences; else whole zones.</summary>
    public bool Differences { get; init; }

    /// <summary>Whether the probe source asks for the zones too, and their signatures, and compares with the primary.</summary>
    public bool ProbesZones { get; init; } = true;

    /// <summary>The server validates what it is given.</summary>
    public bool Validates { get; init; }

    /// <summary>The server signs the zones itself, with keys that it makes.</summary>
    public bool Signs { get; init; }

    /// <summary>Where oops listens for NOTIFY.</summary>
    public const int NotifyPort = 5300;
}
