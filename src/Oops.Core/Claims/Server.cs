using System.Collections.Immutable;

namespace Oops.Core;

internal enum ProcessState : byte { Unknown, Running, Gone }

/// <summary>A claim on an external condition, with its end.</summary>
internal sealed record StandingClaim(ExternalClaim Claim, At At)
{
    public At Ends => At + Claim.ValidFor;
}

/// <summary>One DNS server: its incarnation, its channels, its zones, and what was claimed of it from outside.</summary>
internal sealed class Server
{
    const int MostExternal = 1000;

    /// <summary>It was alive and is not; how it ended is not known.</summary>
    const string Ended = "gone";

    readonly Dictionary<(string Condition, string By), StandingClaim> external = [];
    long judged = -1;

    public Server(ServerSpec spec, Policy policy, IReadOnlyList<KindSpec> zoneConditions, ImmutableArray<ZoneSelector> selectors, IReadOnlySet<string> watched)
    {
        Spec = spec;
        var specs = policy.Channels.Where(c => c.Server == spec.Name).ToImmutableArray();
        var load = Latches.Of(policy);
        Channels = [.. specs.Select((channel, place) => new Channel(channel, this, place, new(load)))];
        var conditions = zoneConditions.Where(c => c.Polarity != Polarity.Level)
            .Select(c => new ZoneCondition(c, Slots(c, specs), selectors.Length + 1, watched.Contains(c.Name)));
        var levels = zoneConditions.Where(c => c.Polarity == Polarity.Level)
            .Select(c => new ZoneLevel(c, Mask(specs, s => s.Standing != Standing.Reference && s.Measures.Contains(ZoneCondition.MeasureOf(c.Kind)))));
        Zones = new(specs, [.. conditions], [.. levels], selectors, spec.Catalog);
    }

    public ServerSpec Spec { get; }

    public string Name => Spec.Name;

    /// <summary>Rises with everything that may change a condition of the server itself; zones apart.</summary>
    public long Version { get; private set; }

    public void Touch() => Version++;

    /// <summary>Whether it was touched since this was asked last.</summary>
    public bool HasChanged()
    {
        var changed = judged != Version;
        judged = Version;
        return changed;
    }

    /// <summary>What is believed of it: all conditions of servers, by name.</summary>
    public required ImmutableArray<Conclusion> Conclusions { get; init; }

    public ImmutableArray<Channel> Channels { get; }

    public ZoneTable Zones { get; }

    /// <summary>The routes that see it.</summary>
    public List<Route> Routes { get; } = [];

    public ProcessState Process { get; private set; }

    public int? Pid { get; private set; }

    public long StartTime { get; private set; }

    /// <summary>When the present incarnation was born; not when we heard of it: a restart of ours is no start of the server.</summary>
    public At IncarnationAt { get; private set; }

    /// <summary>How the last incarnation ended.</summary>
    public string How { get; private set; } = "";

    /// <summary>This incarnation was asked to stop; kept beyond its end, until the next one answers.</summary>
    public bool Asked { get; private set; }

    /// <summary>Begun by the exit of an incarnation, ended only by an answer of a later one.</summary>
    public bool Down { get; private set; }

    /// <summary>It was alive in this run of ours: it ran, it answered, or its exit was seen. What never was cannot have crashed.</summary>
    public bool Seen { get; private set; }

    public At ProcessAt { get; private set; }

    public void Take(ExternalClaim claim, At at)
    {
        if (claim.State == State.Unknown) external.Remove((claim.Condition, claim.By));
        else if (external.Count < MostExternal || external.ContainsKey((claim.Condition, claim.By))) external[(claim.Condition, claim.By)] = new(claim, at);
    }

    /// <summary>What is claimed of it from outside; some of it may have ended.</summary>
    public Dictionary<(string Condition, string By), StandingClaim>.ValueCollection External => external.Values;

    /// <summary>Lets go of what has ended.</summary>
    public void Forget(At now)
    {
        foreach (var (key, standing) in external)
            if (standing.Ends <= now) external.Remove(key);
    }

    /// <summary>The main process is there. True if it is another incarnation than the one known.</summary>
    public bool Started(int pid, long start, At at)
    {
        Seen = true;
        if (Process == ProcessState.Running && Pid == pid && StartTime == start) return false;
        // While nobody watched, it may have become another one; the first ever says nothing about the claims that are here already.
        var first = Process == ProcessState.Unknown && (Pid is null || (Pid == pid && StartTime == start));
        // Clock ticks are 10 ms.
        var born = At.Min(at, new At(start * (TimeSpan.TicksPerSecond / 100)));
        (Process, Pid, StartTime, IncarnationAt, ProcessAt) = (ProcessState.Running, pid, start, born, at);
        if (first) return false;
        // What was claimed after this process had started is about it; the rest is about a dead one.
        EndClaims(at, c => !c.Spec.Process && c.Began < born);
        Zones.EndGraces();
        // It may have answered before it was seen.
        if (!HasAnswers || Says(Measure.Answering, at)) Down = false;
        // Until it answers, it is still the end of the one before that is judged: an orderly restart is no crash. What was said since it was born is about it.
        if (!Down) Asked = Says(Measure.Stopping, at);
        return true;
    }

    /// <summary>Proof that there is no main process. True if one was known, or nothing was.</summary>
    public bool Gone(string how, At at)
    {
        Seen |= how is not (ProcessGone.NoProcess or ProcessGone.LeftPidfile);
        if (Process == ProcessState.Gone)
        {
            // How it ended may be known only later, once its parent has reaped it.
            if (How == Ended) How = how;
            return false;
        }
        // That there is none now says less than what is known of the last one: that it was alive, or how it ended.
        if (how is ProcessGone.NoProcess or ProcessGone.LeftPidfile) how = Pid is not null ? Ended : How.Length > 0 ? How : how;
        (Process, Pid, How, Down, ProcessAt) = (ProcessState.Gone, null, how, true, at);
        EndClaims(at, c => !c.Spec.Process);
        return true;
    }

    public void WasAsked() => Asked = true;

    /// <summary>It says, or whoever controls it does, that it is not asked to stop (any more): a stop that was called off is no excuse for a later crash. Only of one that runs: of a dead one it says nothing.</summary>
    public void NotAsked(At at)
    {
        if (Process == ProcessState.Running && !Down) Asked = Says(Measure.Stopping, at);
    }

    /// <summary>An answer ends `server-down` if it is one of the incarnation that we know of, or if no process is watched.</summary>
    public void Answered(At at)
    {
        Seen = true;
        if (Process == ProcessState.Gone || !Down) return;
        (Down, Asked) = (false, false);
    }

    /// <summary>Nobody watches the process any more: neither its life nor its death is known. Which one it was is remembered.</summary>
    public void ProcessLost() => (Process, Down) = (ProcessState.Unknown, false);

    /// <summary>What its claims do not tell a successor that goes on watching: that it was alive, and of a process that is out of sight which one it was, or how it ended.</summary>
    public ServerSnapshot Save() => (Process == ProcessState.Unknown ? new ServerSnapshot(Name, Pid, StartTime, How) : new(Name, null, 0, "")) with { Seen = Seen, Asked = Asked };

    public void Restore(ServerSnapshot saved) => (Seen, Pid, StartTime, How, Asked) = (saved.Seen, saved.Pid, saved.StartTime, saved.How, saved.Asked);

    public void Wants(ref Deadline next, At now)
    {
        Zones.Wants(ref next);
        foreach (var channel in Channels) next.Add(channel.NextEnd(now));
        foreach (var claim in external.Values) next.Add(claim.Ends);
    }

    bool Says(Measure measure, At at) => Channels.Any(c => c.Spec.Standing != Standing.Reference && c.Living(measure, at) is { Value: 1 });

    /// <summary>Somebody besides the process table can tell that the server answers.</summary>
    bool HasAnswers => Channels.Any(c => c.Spec.Standing == Standing.Witness && c.Covers(Measure.Answering));

    void EndClaims(At at, Predicate<Channel> which)
    {
        foreach (var channel in Channels)
        {
            if (!channel.Open || channel.Spec.IsHearsay || !which(channel)) continue;
            channel.Ended(at);
            Zones.EndChannel(channel.Place);
        }
        external.Clear();
    }

    static ImmutableArray<(int, Standing)> Slots(KindSpec condition, ImmutableArray<ChannelSpec> specs)
    {
        var measure = ZoneCondition.MeasureOf(condition.Kind);
        return [.. specs.Select((s, i) => (Spec: s, Place: i))
            .Where(c => c.Spec.Tells(condition, measure) || (!condition.IsHearsay && c.Spec.Standing == Standing.Reference && c.Spec.Measures.Contains(Measure.Serial)))
            .Take(ZoneCondition.MostSlots)
            .Select(c => (c.Place, c.Spec.Standing))];
    }

    static uint Mask(ImmutableArray<ChannelSpec> specs, Func<ChannelSpec, bool> which)
    {
        var mask = 0u;
        for (var i = 0; i < Math.Min(32, specs.Length); i++)
            if (which(specs[i])) mask |= 1u << i;
        return mask;
    }
}
