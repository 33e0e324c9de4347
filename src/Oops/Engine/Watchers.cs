using System.Threading.Channels;
using Oops.Core;
using Oops.Journal;

namespace Oops.Engine;

/// <summary>Those who follow the history live. A slow one misses lines and is told how many; nobody waits for it.</summary>
internal sealed class Watchers
{
    const int Most = 1000;

    readonly Lock gate = new();
    Watcher[] all = [];

    public sealed class Watcher
    {
        internal readonly Channel<Decision> Lines = Channel.CreateBounded<Decision>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        long missed;

        public ChannelReader<Decision> Reader => Lines.Reader;

        /// <summary>Lines missed since the last question.</summary>
        public long TakeMissed() => Interlocked.Exchange(ref missed, 0);

        internal void Offer(Decision line)
        {
            if (!Lines.Writer.TryWrite(line)) Interlocked.Increment(ref missed);
        }
    }

    public int Count => all.Length;

    public Watcher Add()
    {
        var watcher = new Watcher();
        lock (gate) all = [.. all, watcher];
        return watcher;
    }

    public void Remove(Watcher watcher)
    {
        lock (gate) all = [.. all.Where(w => w != watcher)];
    }

    /// <summary>A tap of the engine.</summary>
    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        var watchers = all;
        if (watchers.Length == 0) return;
        foreach (var line in Decisions.Of(now, input, effects))
            foreach (var watcher in watchers) watcher.Offer(line);
    }
}
