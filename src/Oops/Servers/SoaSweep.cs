using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// Asks a server over DNS for what its control does not tell, or shall be confirmed. Zones that are new, or of which it is known that they changed, are asked for at once, and those that are answered
/// for as not served again soon; the others in turn, each within the interval or, where they are more than it allows at its pace, within so long. The witness owns it and calls it when its time has come.
/// </summary>
/// <param name="address">Where the server answers.</param>
/// <param name="interval">Of a turn through all zones, at least.</param>
/// <param name="perSecond">Most questions in a second of a turn; five times as many for zones of which nothing was said yet.</param>
/// <param name="counts">Where the zones are counted that were not answered.</param>
/// <param name="engine">Its clock.</param>
internal sealed class SoaSweep(IPEndPoint address, TimeSpan interval, int perSecond, ServerCounts counts, IEngine engine)
{
    // The first answers are awaited: until then the witness has not read all that it speaks of.
    const int FirstHaste = 5;

    // A datagram may be lost on a busy host.
    const int Tries = 3;

    // The server refuses to answer us, whatever it serves to others (RFC 8914, 4.19).
    const ushort Prohibited = 18;

    // One group of the zones that are not served is asked for so often.
    static readonly TimeSpan SorePause = TimeSpan.FromSeconds(2);

    static readonly AskOptions Options = new() { Query = SoaQueryOptions.None };

    readonly DnsAsker asker = new(engine.Time);
    readonly HashSet<string> known = new(StringComparer.Ordinal);
    readonly HashSet<string> silent = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> missed = new(StringComparer.Ordinal);
    readonly Waiting soon = new();
    readonly Waiting sore = new();
    List<string> names = [];
    List<string> turn = [];
    int next;
    At turnDue = At.Never;
    At soonest = At.Zero;
    At soreDue = At.Never;
    bool taken;

    /// <summary>When the next group is to be asked for; Never: none is.</summary>
    public At Due => At.Min(soreDue, soon.Count > 0 ? soonest : turnDue);

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
            if (known.Add(zone)) soon.Add(zone);
        if (known.Count > zones.Count)
        {
            known.IntersectWith(new HashSet<string>(zones, StringComparer.Ordinal));
            silent.IntersectWith(known);
            foreach (var gone in missed.Keys.Where(z => !known.Contains(z)).ToArray()) missed.Remove(gone);
        }

        foreach (var zone in changed)
            if (known.Contains(zone)) soon.Add(zone);
        if (turnDue == At.Never) turnDue = engine.Now + Pace(Math.Min(DnsAsker.MaxZones, zones.Count), zones.Count);
    }

    /// <summary>All is to be said again.</summary>
    public void Forget()
    {
        Clear();
        (names, taken) = ([], false);
    }

    /// <summary>Asks for the next group. What the answers say goes to the book; a timeout says nothing.</summary>
    /// <param name="book">Takes the answers.</param>
    /// <param name="look">Takes zones that answer though their control says that they are not loaded.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>True when with it each zone was answered, which was not so before.</returns>
    public async Task<bool> AskAsync(ZoneBook book, Action<string> look, CancellationToken stop)
    {
        var complete = Complete;
        var group = Next(engine.Now);
        if (group.Count == 0) return !complete && Complete;
        var questions = new DnsName[group.Count];
        for (var i = 0; i < questions.Length; i++)
            if (!DnsName.TryParse(group[i], out questions[i])) throw new InvalidOperationException("a name of the book is no name");
        var results = await asker.AskAsync(address, questions, Options, stop);
        for (var i = 0; i < results.Length; i++) Take(group[i], results[i], book, look);
        if (sore.Count > 0 && soreDue == At.Never) soreDue = engine.Now + SorePause;
        return !complete && Complete;
    }

    void Take(string zone, in AskResult result, ZoneBook book, Action<string> look)
    {
        var answer = result.Answer;
        var (serial, detail) = result.Outcome == AskOutcome.Answered && answer.EdeCode != Prohibited ? ZoneReading.Serial(answer) : (null, null);
        if (serial is not { } value)
        {
            Miss(zone, book);
            return;
        }

        silent.Remove(zone);
        missed.Remove(zone);
        if (!book.Wants(zone)) return;
        if (!book.Answer(zone, value, detail, value == Signal.Absent ? null : answer.Soa, engine.Now)) look(zone);
        if (value == Signal.Absent) sore.Add(zone);
    }

    List<string> Next(At now)
    {
        if (soreDue <= now)
        {
            soreDue = At.Never;
            return sore.Take(known);
        }

        if (soon.Count > 0)
        {
            var first = soon.Take(known);
            soonest = now + TimeSpan.FromSeconds((double)first.Count / (perSecond * FirstHaste));
            return first;
        }

        if (next >= turn.Count) (turn, next) = (names, 0);
        var group = turn.GetRange(next, Math.Min(DnsAsker.MaxZones, turn.Count - next));
        next += group.Count;
        turnDue = turn.Count == 0 ? At.Never : now + Pace(group.Count, turn.Count);
        return group;
    }

    TimeSpan Pace(int group, int all)
    {
        var whole = TimeSpan.FromSeconds((double)all / perSecond);
        return (whole > interval ? whole : interval) * group / all;
    }

    void Miss(string zone, ZoneBook book)
    {
        counts.SilentZone();
        if (!known.Contains(zone)) return;
        var tries = missed[zone] = missed.GetValueOrDefault(zone) + 1;
        if (tries % Tries != 0)
        {
            soon.Add(zone);
            return;
        }

        silent.Add(zone);
        book.Unanswered(zone);
    }

    void Clear()
    {
        known.Clear();
        silent.Clear();
        missed.Clear();
        soon.Clear();
        sore.Clear();
        (turn, next, turnDue, soreDue) = ([], 0, At.Never, At.Never);
    }

    /// <summary>Zones that wait for their turn, each once.</summary>
    sealed class Waiting
    {
        readonly Queue<string> queue = new();
        readonly HashSet<string> members = new(StringComparer.Ordinal);

        public int Count => queue.Count;

        public void Add(string zone)
        {
            if (members.Add(zone)) queue.Enqueue(zone);
        }

        /// <summary>The next group; those that are not known any more are passed over.</summary>
        public List<string> Take(HashSet<string> known)
        {
            List<string> group = [];
            while (group.Count < DnsAsker.MaxZones && queue.TryDequeue(out var zone))
                if (members.Remove(zone) && known.Contains(zone)) group.Add(zone);
            return group;
        }

        public void Clear()
        {
            queue.Clear();
            members.Clear();
        }
    }
}
