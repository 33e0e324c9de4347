using Oops.Core;

namespace Oops.Journal;

/// <summary>
/// Tells a measurement that changed from one that only says the same again; one that counts down to the same instant is the same. The first is written; of the second only first, last and count are, every ten minutes or when the
/// rhythm breaks, so that a replay knows when a claim was alive.
/// </summary>
internal sealed class Renewals
{
    /// <summary>Of so many subjects it is known what they said last, some 24 MB; each word of any other is written.</summary>
    public const int Most = 100_000;

    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>What a word is about: who said it, of what, and what else tells it from other words.</summary>
    readonly record struct Subject(string Who, string? Of, string? What, Measure? Measure = null);

    /// <summary>A run of the same word.</summary>
    public sealed class Same
    {
        public required Input Input { get; set; }

        /// <summary>When it was said, in these words.</summary>
        public At Said { get; set; }

        public At Last { get; set; }

        public At First { get; set; }

        public long Count { get; set; }

        /// <summary>The usual distance between two words; zero: not known yet.</summary>
        public TimeSpan Rhythm { get; set; }
    }

    static readonly TimeSpan RoomEvery = TimeSpan.FromMinutes(1);

    readonly Dictionary<Subject, Same> subjects = [];
    At roomAt = At.Zero;
    readonly Action<Same> write;

    /// <param name="write">Writes a run of renewals that has ended.</param>
    public Renewals(Action<Same> write) => this.write = write;

    /// <summary>True: it is new and must be written as it is.</summary>
    public bool IsNews(At at, Input input)
    {
        if (input is ChannelLost or ChannelOpened)
        {
            // Its claims have ended: the next word is news even if it is the old one.
            Forget(((Signal)input).Channel);
            return true;
        }

        if (KeyOf(input) is not { } key) return true;
        if (!subjects.TryGetValue(key, out var same))
        {
            if (subjects.Count >= Most && !MakesRoom(at)) return true;
            subjects.Add(key, new Same { Input = input, Said = at, Last = at });
            return true;
        }

        if (!Says(Countdown.After(same.Input, at - same.Said), input))
        {
            End(same);
            same.Input = input;
            same.Said = same.Last = at;
            same.Rhythm = TimeSpan.Zero;
            return true;
        }

        var distance = at - same.Last;
        if (same.Count > 0 && distance > (2 * same.Rhythm) + TimeSpan.FromMilliseconds(500)) End(same);
        if (same.Count == 0) same.First = at;
        same.Rhythm = same.Rhythm == TimeSpan.Zero ? distance : (same.Rhythm * 0.75) + (distance * 0.25);
        same.Last = at;
        same.Count++;
        return false;
    }

    /// <summary>Writes what has been counted.</summary>
    public void Flush()
    {
        foreach (var same in subjects.Values) End(same);
    }

    public void Clear()
    {
        Flush();
        subjects.Clear();
    }

    // Those that have fallen silent are forgotten.
    bool MakesRoom(At now)
    {
        if (now < roomAt) return false;
        roomAt = now + RoomEvery;
        foreach (var (key, same) in subjects)
        {
            if (now - same.Last < Every) continue;
            End(same);
            subjects.Remove(key);
        }

        return subjects.Count < Most;
    }

    void End(Same same)
    {
        if (same.Count == 0) return;
        same.Input = Countdown.After(same.Input, same.First - same.Said);
        same.Said = same.First;
        write(same);
        same.Count = 0;
    }

    void Forget(string channel)
    {
        foreach (var (key, same) in subjects)
        {
            if (same.Input is not Signal signal || signal.Channel != channel) continue;
            End(same);
            subjects.Remove(key);
        }
    }

    static Subject? KeyOf(Input input) => input switch
    {
        ZoneSignal z => new(z.Channel, z.Zone, null, z.Measure),
        ServerSignal s => new(s.Channel, null, null, s.Measure),
        ErrorRates r => new(r.Channel, null, null, Measure.ExtendedErrors),
        ChannelRead r => new(r.Channel, null, nameof(ChannelRead)),
        ProcessStarted p => new(p.Channel, null, nameof(ProcessStarted)),
        ExternalClaim e => new(e.By, e.Condition, e.Server),
        RouterObserved o => new(o.Action, null, nameof(RouterObserved)),
        RouterUnseen o => new(o.Action, null, nameof(RouterObserved)),
        _ => null,
    };

    static bool Says(Input a, Input b) => (a, b) switch
    {
        (RouterObserved x, RouterObserved y) => x.Router == y.Router && x.Routes.AsSpan().SequenceEqual(y.Routes.AsSpan()) && x.Orphans.AsSpan().SequenceEqual(y.Orphans.AsSpan()) && x.Followed.AsSpan().SequenceEqual(y.Followed.AsSpan()) && x.Troubles.AsSpan().SequenceEqual(y.Troubles.AsSpan()),
        (ZoneSignal x, ZoneSignal y) when Countdown.Is(x) => Countdown.IsSame(x, y),
        _ => a.Equals(b),
    };
}
