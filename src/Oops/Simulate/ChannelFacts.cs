using Oops.Core;

namespace Oops.Simulate;

/// <summary>What a channel has said and still stands by, kept as plainly as the rule is written: a claim lives no longer than its channel, the server's incarnation and its validity.</summary>
internal sealed class ChannelFacts(ChannelSpec spec)
{
    readonly Dictionary<(string Zone, Measure Measure), (long Value, At At)> zones = [];
    readonly Dictionary<Measure, (ServerSignal Said, At At)> said = [];
    At lastRead;

    public ChannelSpec Spec => spec;

    /// <summary>It asks whether the server answers.</summary>
    public bool Asks { get; } = spec.Measures.Contains(Measure.Answering);

    public bool Open { get; private set; }

    public At Began { get; private set; }

    /// <summary>Since when nothing that it asked was answered.</summary>
    public At? SilentFrom { get; private set; }

    public void Take(Signal signal, At at)
    {
        if (signal is ChannelOpened || (!Open && signal is not ChannelLost))
        {
            End(at);
            (Open, Began) = (true, at);
        }
        switch (signal)
        {
            case ChannelLost:
                End(at);
                Open = false;
                break;
            case ChannelRead:
                lastRead = at;
                break;
            case ServerSignal s:
                said[s.Measure] = (s, at);
                if (s.Measure == Measure.Answering && s.Value == Signal.Absent) SilentFrom ??= at - s.For;
                else if (s.Measure == Measure.Unanswered) SilentFrom ??= at - s.For;
                else if (s.Measure == Measure.Answering) SilentFrom = null;
                break;
            case ZoneSignal { Value: Signal.Unsaid } s:
                zones.Remove((s.Zone, s.Measure));
                break;
            case ZoneSignal s:
                zones[(s.Zone, s.Measure)] = (s.Value, at);
                break;
            default:
                break;
        }
    }

    /// <summary>What it said was about a process that is no more.</summary>
    public void End(At at)
    {
        said.Clear();
        zones.Clear();
        (SilentFrom, Began) = (null, at);
    }

    public (ServerSignal Said, At At)? Living(Measure measure, At now) =>
        Open && said.TryGetValue(measure, out var claim) && IsValid(claim.At, now) ? claim : null;

    public (long Value, At At)? Living(string zone, Measure measure, At now) =>
        Open && zones.TryGetValue((zone, measure), out var claim) && IsValid(claim.At, now) ? claim : null;

    // Times of zone claims are kept in tenths of a second.
    bool IsValid(At at, At now) => spec.Validity == Timeout.InfiniteTimeSpan || now <= At.Max(at, lastRead) + spec.Validity + TimeSpan.FromMilliseconds(100);
}
