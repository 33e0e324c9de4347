using Oops.Config;

namespace Oops.Sources.Knot.Gate;

/// <summary>The gate at one knotd.</summary>
internal sealed record KnotGateOptions
{
    /// <summary>Path of its control socket.</summary>
    public required string Control { get; init; }

    /// <summary>D-Bus address; null: what waits is found by reading alone, each <see cref="Interval"/>.</summary>
    public string? Bus { get; init; }

    /// <summary>Where knotd writes the new version: `dump-new-zone` of its section `external`, as an absolute path. Null: it does not.</summary>
    public DumpPath? NewZone { get; init; }

    /// <summary>From when a version is seen to wait until there must be a verdict, its place in the queue included.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The answer where there is no verdict: the judge was too slow, or could not judge.</summary>
    public GateAnswer Otherwise { get; init; } = GateAnswer.Fail;

    /// <summary>knotd's own patience: `timeout` of its section `external`. Then it has discarded the version.</summary>
    public TimeSpan KnotdTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Between two reads of all zones, for what no signal told.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long knotd or the bus may be silent while we wait for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Versions that are judged at a time, with the threads shared; others queue.</summary>
    public int AtOnce { get; init; } = Judges;

    public const int Judges = 4;

    /// <summary>The knotd that first asked.</summary>
    public static Version Since { get; } = new(3, 5);

    /// <summary>Versions that wait at a time; knotd has as many as `background-workers` at most. What is more is found by a later read.</summary>
    public const int MostWaiting = 1024;

    /// <summary>A version that a read found may have waited for an interval already; looking, and answering with one try lost, are three waits on knotd.</summary>
    const int Waits = 3;

    /// <summary>What is wrong with them, each with the key of a config that it is about: `knotd-timeout`, `deadline`.</summary>
    public IEnumerable<(string Key, string What)> Problems()
    {
        if (Deadline <= TimeSpan.Zero || Interval <= TimeSpan.Zero || Timeout <= TimeSpan.Zero || AtOnce < 1)
            yield return ("deadline", "times and numbers of the gate are more than 0");
        var longest = Interval + Deadline + (Waits * Timeout);
        if (longest >= KnotdTimeout)
        {
            yield return ("knotd-timeout", $"a version may wait {Duration.Format(longest)} for its answer (interval, deadline and {Waits} timeouts), and knotd gives it up after {Duration.Format(KnotdTimeout)}; "
                + "write a shorter deadline or interval, or a longer `timeout` into the section external of knot.conf, and the same here");
        }
    }
}
