using System.Collections.Concurrent;
using Oops.Core;
using Oops.Engine;

namespace Oops.Sources.Verify;

/// <summary>
/// Follows the zones of a server: which there are, and when each is looked at, some at a time. What it does for a zone that changes does not depend on how many there are: there may be a million.
/// </summary>
/// <param name="target">The source's config.</param>
/// <param name="engine">Where it hears of zones and serials.</param>
/// <param name="look">Looks at a zone, and tells after how long it is to be looked at again.</param>
/// <param name="gone">A zone is not among them any more.</param>
/// <param name="rest">All that was to be looked at has been.</param>
internal sealed class ZoneWatch(VerifyTarget target, ZoneDesk desk, IEngine engine, Func<ZoneCase, CancellationToken, Task<TimeSpan>> look, Action<ZoneCase> gone, Action rest)
{
    /// <summary>Zones that are looked at at once; one of them is judged at a time, by as many threads as are allowed.</summary>
    const int AtOnce = 4;

    /// <summary>Zones whose serials are asked for at once: the machine decides between them.</summary>
    const int Piece = 1000;

    /// <summary>However many serials are new: so long from one look round to the next.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    readonly Dictionary<string, ZoneCase> cases = new(StringComparer.Ordinal);
    readonly LookSchedule schedule = new();
    readonly List<(ZoneCase Zone, Task<TimeSpan> Look)> looking = new(AtOnce);
    readonly ConcurrentQueue<ZoneCase> asked = new();
    TaskCompletionSource woken = New();
    ZoneSet? followed;
    int? pid;
    long? heard;
    Task news = Task.CompletedTask;
    long heardAt;

    /// <summary>The zone; null: it is not among those that are judged.</summary>
    public ZoneCase? Find(string zone)
    {
        lock (cases)
            return cases.GetValueOrDefault(zone);
    }

    /// <summary>It is looked at as soon as can be. Any thread.</summary>
    public void Ask(ZoneCase zone)
    {
        asked.Enqueue(zone);
        Volatile.Read(ref woken).TrySetResult();
    }

    /// <summary>Runs until <paramref name="stop"/> is cancelled, or a look throws. Which zones there are is known from the start; they are looked at when <paramref name="ready"/> has ended.</summary>
    public async Task RunAsync(Task ready, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            while (true)
            {
                var view = engine.Server(target.Server);
                var wake = New();
                Volatile.Write(ref woken, wake);
                var added = Follow(view);
                Renew(view);
                await HearAsync(added).ConfigureAwait(false);
                while (asked.TryDequeue(out var zone))
                    schedule.Plan(zone, engine.Now);
                if (ready.IsCompleted)
                    await ready.ConfigureAwait(false);
                while (ready.IsCompleted && looking.Count < AtOnce && schedule.Take(engine.Now) is { } next)
                    looking.Add((next, look(next, ending.Token)));
                await PauseAsync(ready.IsCompleted ? [view.Replaced, wake.Task] : [view.Replaced, wake.Task, ready], ready.IsCompleted, stop).ConfigureAwait(false);
                if (await EndAsync().ConfigureAwait(false) && looking.Count == 0 && schedule.Next > engine.Now)
                {
                    engine.Send(new ChannelRead(target.Channel));
                    rest();
                }
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(looking.Select(static Task (l) => l.Look)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes the zones as they are now, and gives those that are new.</summary>
    List<ZoneCase> Follow(ServerView view)
    {
        var added = new List<ZoneCase>();
        if (followed == view.Zones || (followed is not null && target.Zones is not null))
            return added;
        if (followed is null)
            pid = view.Pid;
        // The same object until it changes, and mostly the same zones then.
        IEnumerable<string> appear = target.Zones ?? view.Zones.Without(followed ?? []), vanish = target.Zones is null && followed is not null ? followed.Without(view.Zones) : [];
        followed = view.Zones;
        lock (cases)
        {
            foreach (var name in vanish)
            {
                if (!cases.Remove(name, out var zone))
                    continue;
                LookSchedule.Forget(zone);
                gone(zone);
            }

            foreach (var name in appear)
            {
                var zone = new ZoneCase(name, desk);
                if (cases.TryAdd(name, zone))
                    added.Add(zone);
            }
        }

        foreach (var zone in added)
            schedule.Plan(zone, engine.Now);
        return added;
    }

    /// <summary>Another process may have loaded another version, and what was said of the old one has ended.</summary>
    void Renew(ServerView view)
    {
        if (view.Pid == pid)
            return;
        pid = view.Pid;
        foreach (var zone in cases.Values)
            schedule.Plan(zone, engine.Now);
    }

    /// <summary>Which zones have a serial that was not heard of.</summary>
    async Task HearAsync(List<ZoneCase> added)
    {
        IEnumerable<ZoneCase> zones = added;
        if (news.IsCompleted && Rest <= TimeSpan.Zero)
        {
            // Waited for before it is looked, so that nothing is missed meanwhile.
            news = engine.NewSerial(target.Server);
            var (rung, until) = engine.NewSerials(target.Server, heard);
            (heard, heardAt) = (until, engine.Time.GetTimestamp());
            zones = rung is null ? cases.Values : added.Concat(rung.Select(z => cases.GetValueOrDefault(z)).OfType<ZoneCase>());
        }

        foreach (var piece in zones.Chunk(Piece))
        {
            var serials = await engine.Serials(target.Server, [.. piece.Select(static c => c.Name)]).ConfigureAwait(false);
            for (var i = 0; i < serials.Count; i++)
            {
                if (piece[i].Hear(serials[i]))
                    schedule.Hear(piece[i], engine.Now);
            }
        }
    }

    /// <summary>So long it is until what is new may be asked for again.</summary>
    TimeSpan Rest => heardAt == 0 ? TimeSpan.Zero : Spacing - engine.Time.GetElapsedTime(heardAt);

    /// <summary>Until there is something to do.</summary>
    async Task PauseAsync(Task[] bells, bool ready, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var left = ready && looking.Count < AtOnce && schedule.Next is var next && next != At.Never ? next - engine.Now : Timeout.InfiniteTimeSpan;
        // What rings again at once is heard a little later. Asked once: what rings between two questions would be neither waited for nor heard of.
        var rung = news.IsCompleted;
        if (rung && (left == Timeout.InfiniteTimeSpan || Rest < left))
            left = Rest;
        var over = left == Timeout.InfiniteTimeSpan ? left : TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(left.TotalMilliseconds, 0, TimeSpan.FromDays(20).TotalMilliseconds)));
        await Task.WhenAny([.. bells, .. looking.Select(static l => l.Look), .. rung ? Array.Empty<Task>() : [news], Task.Delay(over, engine.Time, either.Token)]).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Takes what has been looked at. True: there was something.</summary>
    async Task<bool> EndAsync()
    {
        var had = looking.Count;
        for (var i = looking.Count - 1; i >= 0; i--)
        {
            var (zone, task) = looking[i];
            if (!task.IsCompleted)
                continue;
            looking.RemoveAt(i);
            schedule.Done(zone, await task.ConfigureAwait(false), engine.Now);
        }

        return looking.Count < had;
    }
}
