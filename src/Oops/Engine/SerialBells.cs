using System.Collections.Concurrent;

namespace Oops.Engine;

/// <summary>Rings for those who look at a server as soon as a zone of it has changed.</summary>
internal sealed class SerialBells
{
    readonly ConcurrentDictionary<string, Bell> bells = new(StringComparer.Ordinal);
    volatile bool any;

    /// <summary>Somebody listens: without one nothing is looked up for a serial.</summary>
    public bool Any => any;

    /// <summary>Ends with the next new serial of the server.</summary>
    public Task Next(string server)
    {
        any = true;
        return bells.GetOrAdd(server, _ => new()).Next;
    }

    /// <summary>The zones of the server that rang since then, and what to ask with the next time; null: those cannot be told any more, or nobody listened then.</summary>
    public (IReadOnlyCollection<string>? Zones, long Until) Since(string server, long? since) => bells.GetOrAdd(server, _ => new()).Since(since);

    /// <summary>The server's count of new serials stands so, since a word about that zone. On the machine's thread alone.</summary>
    public void Heard(string server, long count, string zone)
    {
        if (bells.TryGetValue(server, out var bell)) bell.Heard(count, zone);
    }

    sealed class Bell
    {
        /// <summary>Of so many it is known which they were. Who listens looks ten times a second.</summary>
        const int Most = 1000;

        readonly string[] zones = new string[Most];
        long heard, rung;
        volatile TaskCompletionSource next = New();

        public Task Next => next.Task;

        public void Heard(long count, string zone)
        {
            if (count == heard) return;
            heard = count;
            lock (zones) zones[rung++ % Most] = zone;
            var ringing = next;
            next = New();
            ringing.SetResult();
        }

        public (IReadOnlyCollection<string>? Zones, long Until) Since(long? since)
        {
            lock (zones)
            {
                if (since is not { } from || rung - from > Most) return (null, rung);
                var those = new HashSet<string>(StringComparer.Ordinal);
                for (; from < rung; from++) those.Add(zones[from % Most]);
                return (those, rung);
            }
        }

        static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
