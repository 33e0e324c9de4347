using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Routers;
using Oops.Wire.Bgp;

namespace Oops.Actions.Speaker;

/// <summary>
/// The table, and the sessions that have it. One lock guards both, so that a session that comes gets each change once; what is done within it is written without waiting.
/// </summary>
/// <param name="changed">A session came or went; called outside the lock.</param>
internal sealed class SpeakerRib(Func<Task> changed)
{
    readonly Lock gate = new();
    readonly List<SpeakerSession> sessions = [];
    SpeakerTable table = SpeakerTable.Empty;

    /// <summary>The routes of the table that no session has had since they came into it, and by which intent that was.</summary>
    readonly Dictionary<string, long> unheard = new(StringComparer.Ordinal);

    /// <summary>The table and who has it, as they are together.</summary>
    public T Look<T>(Func<SpeakerTable, IReadOnlyList<SpeakerSession>, T> look)
    {
        lock (gate) return look(table, sessions);
    }

    /// <summary>Takes what an intent says, and writes the difference to each session. On the machine's thread.</summary>
    /// <param name="sequence">The intent's.</param>
    /// <param name="merge">What stands, and it.</param>
    /// <returns>What it took out of the table without that anybody ever had it.</returns>
    public ImmutableArray<UnheardRoute> Change(long sequence, Func<ImmutableArray<RouteWanted>, ImmutableArray<RouteWanted>> merge)
    {
        lock (gate)
        {
            var before = table;
            table = new(merge(table.Routes));
            foreach (var route in table.Announced)
                if (!before.Announced.Contains(route)) unheard[route] = sequence;
            UnheardRoute[] gone = [.. unheard.Where(u => !table.Announced.Contains(u.Key)).Select(u => new UnheardRoute(u.Key, u.Value))];
            foreach (var route in gone) unheard.Remove(route.Route);
            foreach (var session in sessions)
            {
                var to = new ArrayBufferWriter<byte>();
                session.Sent.Change(table, to);
                session.Write(to.WrittenSpan);
                Hear(session);
            }

            return [.. gone];
        }
    }

    /// <summary>A session stands: it gets the table, and the end of each family.</summary>
    public async Task EnterAsync(SpeakerSession session)
    {
        lock (gate)
        {
            var to = new ArrayBufferWriter<byte>();
            session.Sent.Change(table, to);
            if (session.Open.Carries(BgpFamily.Ip4)) BgpUpdate.EndOfRib(to, BgpFamily.Ip4);
            if (session.Open.Carries(BgpFamily.Ip6)) BgpUpdate.EndOfRib(to, BgpFamily.Ip6);
            session.Write(to.WrittenSpan);
            sessions.Add(session);
            Hear(session);
        }

        await changed().ConfigureAwait(false);
    }

    /// <summary>The peer wants a family again.</summary>
    public void Refresh(SpeakerSession session, BgpFamily family)
    {
        lock (gate)
        {
            var to = new ArrayBufferWriter<byte>();
            if (session.Open.EnhancedRefresh) to.Write(new BgpRefresh(BgpRefreshKind.Begin, family).Write());
            session.Sent.Again(table, family, to);
            if (session.Open.EnhancedRefresh) to.Write(new BgpRefresh(BgpRefreshKind.End, family).Write());
            session.Write(to.WrittenSpan);
        }
    }

    /// <summary>What was written to it, it may have.</summary>
    void Hear(SpeakerSession session)
    {
        if (unheard.Count == 0) return;
        foreach (var route in table.Routes)
            if (unheard.ContainsKey(route.Route) && route.Prefixes.Any(session.Sent.Has)) unheard.Remove(route.Route);
    }

    public async Task LeaveAsync(SpeakerSession session)
    {
        lock (gate)
        {
            if (!sessions.Remove(session)) return;
        }

        await changed().ConfigureAwait(false);
    }
}
