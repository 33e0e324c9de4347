using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// Asks a server over DNS for what its control does not tell, or shall be confirmed, in groups that follow one another so that a turn through all zones takes an interval; the first turn a tenth of it.
/// Zones that were answered for as not served are asked for again soon. The witness owns it and calls it when its time has come.
/// </summary>
/// <param name="address">Where the server answers.</param>
/// <param name="interval">Of a turn through all zones, at least.</param>
/// <param name="perSecond">Most questions in a second; a turn through more zones takes longer.</param>
/// <param name="engine">Its clock.</param>
internal sealed class SoaSweep(IPEndPoint address, TimeSpan interval, int perSecond, IEngine engine)
{
    // The first turn is awaited: until then the witness has not read all that it speaks of.
    const int FirstHaste = 10;

    // The server refuses to answer us, whatever it serves to others (RFC 8914, 4.19).
    const ushort Prohibited = 18;

    // One group of the zones that are not served is asked for so often.
    static readonly TimeSpan SorePause = TimeSpan.FromSeconds(2);

    static readonly AskOptions Options = new() { Query = SoaQueryOptions.None };

    readonly DnsAsker asker = new(engine.Time);
    readonly Queue<string> sore = new();
    readonly HashSet<string> isSore = new(StringComparer.Ordinal);
    List<string> names = [];
    int next;
    bool missed;
    bool first = true;
    At turn = At.Never;
    At soreDue = At.Never;

    /// <summary>When the next group is to be asked for; Never: none is.</summary>
    public At Due => At.Min(turn, soreDue);

    /// <summary>The last turn was answered for each of its zones, and so was every zone since.</summary>
    public bool Complete { get; private set; }

    /// <summary>Takes the zones of a complete read. A turn that is under way goes on, unless they are others.</summary>
    public void Take(List<string> zones)
    {
        if (zones.Count == 0)
        {
            Forget();
            Complete = true;
            return;
        }

        if (turn != At.Never && zones.SequenceEqual(names)) return;
        if (!zones.TrueForAll(new HashSet<string>(names, StringComparer.Ordinal).Contains)) (Complete, first) = (false, true);
        // A turn that takes longer than the interval goes on, or it would never get to its end.
        if (turn != At.Never && zones.Count > perSecond * interval.TotalSeconds)
        {
            names = zones;
            if (next >= names.Count) next = 0;
            return;
        }

        (names, next, missed, turn) = (zones, 0, false, engine.Now);
    }

    /// <summary>All is to be said again.</summary>
    public void Forget()
    {
        (names, next, turn, soreDue, Complete, first) = ([], 0, At.Never, At.Never, false, true);
        sore.Clear();
        isSore.Clear();
    }

    /// <summary>Asks for the next group. What the answers say goes to <paramref name="book"/>; a timeout says nothing.</summary>
    /// <returns>True at the end of a turn in which every zone was answered.</returns>
    public async Task<bool> AskAsync(ZoneBook book, Action<string> look, CancellationToken stop)
    {
        var began = engine.Now;
        if (soreDue <= began && soreDue < turn)
        {
            List<string> again = [];
            while (again.Count < DnsAsker.MaxZones && sore.TryDequeue(out var name)) again.Add(name);
            isSore.ExceptWith(again);
            soreDue = At.Never;
            await AskAsync(again, book, look, stop);
            return false;
        }

        var group = names.GetRange(next, Math.Min(DnsAsker.MaxZones, names.Count - next));
        missed |= !await AskAsync(group, book, look, stop);
        next += group.Count;
        if (next < names.Count)
        {
            var least = TimeSpan.FromSeconds((double)names.Count / perSecond);
            var span = first ? interval / FirstHaste : interval;
            turn = At.Max(engine.Now, began + ((span > least ? span : least) * group.Count / names.Count));
            return false;
        }

        (turn, Complete, first) = (At.Never, !missed, missed && first);
        return !missed;
    }

    // True when each of them was answered.
    async Task<bool> AskAsync(List<string> group, ZoneBook book, Action<string> look, CancellationToken stop)
    {
        var questions = new DnsName[group.Count];
        for (var i = 0; i < questions.Length; i++)
            if (!DnsName.TryParse(group[i], out questions[i])) throw new InvalidOperationException("a name of the book is no name");
        var results = await asker.AskAsync(address, questions, Options, stop);
        var all = true;
        for (var i = 0; i < results.Length; i++)
        {
            var answer = results[i].Answer;
            var (serial, detail) = results[i].Outcome == AskOutcome.Answered && answer.EdeCode != Prohibited ? ZoneReading.Serial(answer) : (null, null);
            if (serial is not { } value)
            {
                all = false;
                continue;
            }

            if (!book.Wants(group[i])) continue;
            if (!book.Answer(group[i], value, detail, answer.Soa?.Expire, engine.Now)) look(group[i]);
            if (value == Signal.Absent && isSore.Add(group[i])) sore.Enqueue(group[i]);
        }

        if (sore.Count > 0 && soreDue == At.Never) soreDue = engine.Now + SorePause;
        return all;
    }
}
