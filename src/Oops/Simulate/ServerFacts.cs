using System.Collections.Immutable;
using System.Net;
using Oops.Core;

namespace Oops.Simulate;

/// <summary>What was read of a server, from the inputs alone. It looks at nothing of the machine: what the machine does is held against this.</summary>
internal sealed class ServerFacts
{
    readonly Dictionary<string, ImmutableArray<ChannelFacts>> heard;
    readonly Dictionary<(string Condition, string By), (ExternalClaim Claim, At At)> external = [];
    readonly SortedSet<string> names = new(StringComparer.Ordinal);
    (int Pid, long Start)? process;
    bool gone;

    public ServerFacts(ServerSpec spec, Policy policy)
    {
        Spec = spec;
        Channels = [.. policy.Channels.Where(c => c.Server == spec.Name).Select(c => new ChannelFacts(c))];
        heard = policy.Routes.ToDictionary(r => r.Name, r => Channels.Where(c => IsHeard(r, c)).ToImmutableArray(), StringComparer.Ordinal);
    }

    public ServerSpec Spec { get; }

    public ImmutableArray<ChannelFacts> Channels { get; }

    /// <summary>Those that count for a route.</summary>
    public ImmutableArray<ChannelFacts> HeardBy(RouteSpec route) => heard[route.Name];

    /// <summary>Its process has ended, no later one has answered, and somebody watches.</summary>
    public bool Down { get; private set; }

    /// <summary>There is a process, and somebody watches.</summary>
    public bool Runs => process is not null;

    public void Take(Signal signal, At at)
    {
        var channel = Channels.FirstOrDefault(c => c.Spec.Name == signal.Channel);
        if (channel is null) return;
        // Who is not watched any more is neither known to run nor known to be gone.
        if (channel.Spec.Process && signal is (ChannelLost or ChannelOpened)) (process, gone, Down) = (null, false, false);
        channel.Take(signal, at);
        if (signal is ZoneSignal of) names.Add(of.Zone);
        switch (signal)
        {
            case ProcessStarted started:
                Started(started, at);
                break;
            case ProcessGone when !gone:
                (process, gone, Down) = (null, true, true);
                foreach (var other in Channels.Where(c => IsOfServer(c) && !c.Spec.Process)) other.End(at);
                external.Clear();
                break;
            case ServerSignal { Measure: Measure.Answering, Value: 1 } when channel.Spec.Standing != Standing.Reference && !gone:
                Down = false;
                break;
            default:
                break;
        }
    }

    /// <summary>All names that were ever spoken of, as far as the selector has them.</summary>
    public IReadOnlyList<string> Names(ZoneSelector selector) => [.. names.Where(selector.Matches)];

    /// <summary>Somebody says that the zone is there, or that it is not.</summary>
    public bool Says(string zone, At now, bool absent) => Says(zone, now, absent, ofServer: true);

    /// <summary>The same of whom it is compared with.</summary>
    public bool SaysReference(string zone, At now, bool absent) => Says(zone, now, absent, ofServer: false);

    public void Take(ExternalClaim claim, At at) => external[(claim.Condition, claim.By)] = (claim, at);

    public bool IsProven(string condition, State state, At now) =>
        external.Values.Any(e => e.Claim.Condition == condition && e.Claim.State == state && e.Claim.Evidence == Evidence.Proof && now < e.At + e.Claim.ValidFor);

    bool Says(string zone, At now, bool absent, bool ofServer)
    {
        foreach (var channel in Channels)
            if (IsOfServer(channel) == ofServer && channel.Living(zone, Measure.Serial, now) is { } claim && (claim.Value == Signal.Absent) == absent) return true;
        return false;
    }

    void Started(ProcessStarted started, At at)
    {
        if (process == (started.Pid, started.StartTime)) return;
        var known = process is not null || gone;
        // What is heard after a pause of ours counts as heard before it: nothing is born later than that.
        var born = At.Min(at, new At(started.StartTime * (TimeSpan.TicksPerSecond / 100)));
        (process, gone) = ((started.Pid, started.StartTime), false);
        if (!known) return;
        foreach (var channel in Channels.Where(c => IsOfServer(c) && !c.Spec.Process && c.Began < born)) channel.End(at);
        external.Clear();
        var asked = Channels.Where(c => c.Asks && c.Spec.Standing == Standing.Witness).ToList();
        if (asked.Count == 0 || Channels.Any(c => IsOfServer(c) && c.Living(Measure.Answering, at) is { Said.Value: 1 })) Down = false;
    }

    /// <summary>A route listens to the probes inside its prefixes; without any, to those of its address family; without any, to all.</summary>
    bool IsHeard(RouteSpec route, ChannelFacts channel)
    {
        if (!IsOfServer(channel)) return false;
        if (channel.Spec.Target is not { } target) return true;
        var probes = Channels.Where(IsOfServer).Select(c => c.Spec.Target).OfType<IPAddress>().ToList();
        if (probes.Exists(p => route.Prefixes.Any(r => r.Contains(p)))) return route.Prefixes.Any(r => r.Contains(target));
        if (probes.Exists(p => route.Prefixes.Any(r => r.BaseAddress.AddressFamily == p.AddressFamily))) return route.Prefixes.Any(r => r.BaseAddress.AddressFamily == target.AddressFamily);
        return true;
    }

    static bool IsOfServer(ChannelFacts channel) => channel.Spec.Standing != Standing.Reference && channel.Spec.Condition is null;
}
