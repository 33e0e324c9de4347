using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// Asks a server over DNS for the serials that its control does not tell. Zones that are new, or of which it is known that they changed, are asked for at once; the others in turn, each within the
/// interval or, where they are more than it allows at <see cref="MostPerSecond"/>, within so long. The witness owns it and calls it when its time has come.
/// </summary>
internal sealed class SoaSweep(IPEndPoint address, TimeSpan interval, ServerCounts counts, IEngine engine)
{
    /// <summary>Questions per second of a turn: 100,000 zones take some eight minutes.</summary>
    public const int MostPerSecond = 200;

    // Of zones that nothing was said about yet: the first answers are awaited.
    const int MostNewPerSecond = 2000;

    // A datagram may be lost on a busy host.
    const int Tries = 3;

    static readonly AskOptions Options = new() { Query = SoaQueryOptions.None };

    readonly DnsAsker asker = new(engine.Time);
    readonly HashSet<string> known = new(StringComparer.Ordinal);
    readonly HashSet<string> silent = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> missed = new(StringComparer.Ordinal);
    readonly Queue<string> soon = new();
    readonly HashSet<string> waiting = new(StringComparer.Ordinal);
    List<string> names = [];
    List<string> turn = [];
    int next;
    At turnDue = At.Never;
    At soonest = At.Zero;
    bool taken;

    /// <summary>When the next group is to be asked for; Never: none is.</summary>
    public At Due => soon.Count > 0 ? soonest : turnDue;

    /// <summary>Each zone was answered, and none has fallen silent since.</summary>
    public bool Complete => taken && soon.Count == 0 && silent.Count == 0;

    /// <summary>Takes the zones of a complete read, and those of them that have changed. The turn that is under way goes on.</summary>
    public void Take(List<string> zones, List<string> changed)
    {
        (names, taken) = (zones, true);
        if (zones.Count == 0)
        {
            Clear();
            return;
        }

        foreach (var zone in zones)
            if (known.Add(zone)) Hurry(zone);
        if (known.Count > zones.Count)
        {
            known.IntersectWith(new HashSet<string>(zones, StringComparer.Ordinal));
            silent.IntersectWith(known);
            foreach (var gone in missed.Keys.Where(z => !known.Contains(z)).ToArray()) missed.Remove(gone);
        }

        foreach (var zone in changed)
            if (known.Contains(zone)) Hurry(zone);
        if (turnDue == At.Never) turnDue = engine.Now + Pace(Math.Min(DnsAsker.MaxZones, zones.Count), zones.Count);
    }

    /// <summary>All is to be said again.</summary>
    public void Forget()
    {
        Clear();
        (names, taken) = ([], false);
    }

    /// <summary>Asks for the next group. What the answers say goes to <paramref name="book"/>; a timeout says nothing.</summary>
    /// <returns>True when with it each zone was answered, which was not so before.</returns>
    public async Task<bool> AskAsync(ZoneBook book, CancellationToken stop)
    {
        var (began, complete) = (engine.Now, Complete);
        var group = Next(began);
        if (group.Count == 0) return !complete && Complete;
        var questions = new DnsName[group.Count];
        for (var i = 0; i < questions.Length; i++)
            if (!DnsName.TryParse(group[i], out questions[i])) throw new InvalidOperationException("a name of the book is no name");
        var results = await asker.AskAsync(address, questions, Options, stop);
        for (var i = 0; i < results.Length; i++)
        {
            var (serial, detail) = results[i].Outcome == AskOutcome.Answered ? ZoneReading.Serial(results[i].Answer) : (null, null);
            if (serial is not { } value)
            {
                Miss(group[i]);
                continue;
            }

            silent.Remove(group[i]);
            missed.Remove(group[i]);
            book.Answer(group[i], value, detail, value == Signal.Absent ? null : results[i].Answer.Soa, engine.Now);
        }

        return !complete && Complete;
    }

    List<string> Next(At now)
    {
        List<string> group = [];
        if (soon.Count > 0)
        {
            while (group.Count < DnsAsker.MaxZones && soon.TryDequeue(out var zone))
                if (waiting.Remove(zone) && known.Contains(zone)) group.Add(zone);
            soonest = now + TimeSpan.FromSeconds((double)group.Count / MostNewPerSecond);
            return group;
        }

        if (next >= turn.Count) (turn, next) = (names, 0);
        group = turn.GetRange(next, Math.Min(DnsAsker.MaxZones, turn.Count - next));
        next += group.Count;
        turnDue = now + Pace(group.Count, turn.Count);
        return group;
    }

    TimeSpan Pace(int group, int all)
    {
        var whole = TimeSpan.FromSeconds((double)all / MostPerSecond);
        return (whole > interval ? whole : interval) * group / all;
    }

    void Miss(string zone)
    {
        counts.SilentZone();
        if (!known.Contains(zone)) return;
        var tries = missed[zone] = missed.GetValueOrDefault(zone) + 1;
        if (tries % Tries != 0) Hurry(zone);
        else silent.Add(zone);
    }

    void Hurry(string zone)
    {
        if (waiting.Add(zone)) soon.Enqueue(zone);
    }

    void Clear()
    {
        known.Clear();
        silent.Clear();
        missed.Clear();
        soon.Clear();
        waiting.Clear();
        (turn, next, turnDue) = ([], 0, At.Never);
    }
}
