using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// Asks a server over DNS for the serials that its control does not tell, in groups that follow one another so that a turn through all zones takes an interval; the first turn a tenth of it.
/// The witness owns it and calls it when its time has come.
/// </summary>
internal sealed class SoaSweep(IPEndPoint address, TimeSpan interval, IEngine engine)
{
    // The first turn is awaited: until then the witness has not read all that it speaks of.
    const int FirstHaste = 10;

    static readonly AskOptions Options = new() { Query = SoaQueryOptions.None };

    readonly DnsAsker asker = new(engine.Time);
    List<string> names = [];
    int next;
    bool missed;
    bool first = true;

    /// <summary>When the next group is to be asked for; Never: none is.</summary>
    public At Due { get; private set; } = At.Never;

    /// <summary>The last turn was answered for each of its zones, and so was every zone since.</summary>
    public bool Complete { get; private set; }

    /// <summary>Takes the zones of a complete read. A turn that is under way goes on, unless they are others.</summary>
    public void Take(List<string> zones)
    {
        if (zones.Count == 0)
        {
            (names, next, Due, Complete) = (zones, 0, At.Never, true);
            return;
        }

        if (Due != At.Never && zones.SequenceEqual(names)) return;
        if (!zones.TrueForAll(new HashSet<string>(names, StringComparer.Ordinal).Contains)) (Complete, first) = (false, true);
        (names, next, missed, Due) = (zones, 0, false, engine.Now);
    }

    /// <summary>All is to be said again.</summary>
    public void Forget() => (names, next, Due, Complete, first) = ([], 0, At.Never, false, true);

    /// <summary>Asks for the next group. What the answers say goes to <paramref name="book"/>; a timeout says nothing.</summary>
    /// <returns>True at the end of a turn in which every zone was answered.</returns>
    public async Task<bool> AskAsync(ZoneBook book, CancellationToken stop)
    {
        var began = engine.Now;
        var group = names.GetRange(next, Math.Min(DnsAsker.MaxZones, names.Count - next));
        var questions = new DnsName[group.Count];
        for (var i = 0; i < questions.Length; i++)
            if (!DnsName.TryParse(group[i], out questions[i])) throw new InvalidOperationException("a name of the book is no name");
        var results = await asker.AskAsync(address, questions, Options, stop);
        for (var i = 0; i < results.Length; i++)
        {
            var (serial, detail) = results[i].Outcome == AskOutcome.Answered ? ZoneReading.Serial(results[i].Answer) : (null, null);
            if (serial is { } value) book.Answer(group[i], value, detail);
            else missed = true;
        }

        next += group.Count;
        if (next < names.Count)
        {
            var turn = first ? interval / FirstHaste : interval;
            Due = At.Max(engine.Now, began + (turn * group.Count / names.Count));
            return false;
        }

        (Due, Complete, first) = (At.Never, !missed, missed && first);
        return !missed;
    }
}
