using Oops.Core;
using Oops.Engine;

namespace Oops.Control;

/// <summary>Walks over the zones of servers, a page at a time: between two pages the machine decides whatever has come in.</summary>
internal static class ZonePages
{
    /// <summary>Zones that are reported in one turn of the machine's thread: well below a millisecond where few of them are bad.</summary>
    public const int Page = 500;

    /// <summary>Tells <paramref name="each"/> of all zones, off the machine's thread, until it says false. What changes meanwhile may be seen or not.</summary>
    public static async Task WalkAsync(Daemon daemon, IEnumerable<string> servers, Func<ZoneReport, bool> each, CancellationToken stop)
    {
        foreach (var server in servers)
        {
            IEnumerator<ZoneReport>? walk = null;
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                // Lazy, and counts by number: it is moved on the machine's thread only, and goes on where it was.
                var page = await daemon.Engine.AskAsync((machine, now) => Next(walk ??= machine.Zones(server, now).GetEnumerator())).WaitAsync(stop).ConfigureAwait(false);
                foreach (var zone in page)
                    if (!each(zone)) return;
                if (page.Count < Page) break;
            }
        }
    }

    static List<ZoneReport> Next(IEnumerator<ZoneReport> walk)
    {
        var page = new List<ZoneReport>();
        while (page.Count < Page && walk.MoveNext()) page.Add(walk.Current);
        return page;
    }
}
