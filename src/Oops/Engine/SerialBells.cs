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

    /// <summary>The server's count of new serials stands so. On the machine's thread alone.</summary>
    public void Heard(string server, long count)
    {
        if (bells.TryGetValue(server, out var bell)) bell.Heard(count);
    }

    sealed class Bell
    {
        long heard;
        volatile TaskCompletionSource next = New();

        public Task Next => next.Task;

        public void Heard(long count)
        {
            if (count == heard) return;
            heard = count;
            var rung = next;
            next = New();
            rung.SetResult();
        }

        static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
