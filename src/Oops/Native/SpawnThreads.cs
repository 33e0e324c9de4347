using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>A child, or why there is none.</summary>
internal readonly record struct Started(Child? Child, string Why);

/// <summary>
/// The threads that start all children. What the daemon's unit gives to the daemon is not for the commands that it runs: a nice value below 0 and ambient capabilities (capabilities(7)) belong
/// to a thread and are inherited from it, so these have given them up. A start takes as long as the program's file system does (vfork(2) returns when the program is read; on a dead NFS server
/// that is never), so it blocks nobody but its own thread, and a program that did so is not begun again before it has come to its end.
/// </summary>
internal static partial class SpawnThreads
{
    const int SetAmbient = 47;
    const int ClearAll = 4;

    // Starts at once. A start that nobody waits for any more is not counted, so that others are still made; up to so many.
    const int MostAtOnce = 4;
    const int MostThreads = 32;

    // What was given up a moment after it had begun may be about to come to its end; only what takes longer than any program on a file system that answers is held against the next start.
    static readonly TimeSpan Hanging = TimeSpan.FromMilliseconds(100);

    // Whoever waits longer than his timeout leaves his order behind.
    const int MostWaiting = 1_000;

    static readonly object Gate = new();
    static readonly Queue<Order> Waiting = new();
    static readonly List<Order> Begun = [];

    // In a shortage of memory a command that eats it must go before the daemon that started it.
    static readonly bool IsSpared = TryReadScore(out var score) && score < 0;

    static int threads;
    static int idle;

    /// <summary>Starts a child. The source of <paramref name="stop"/> lives as long as the order. An order that is cancelled before its turn is not begun; one that has begun comes to its end, and the child is the caller's.</summary>
    public static Task<Started> StartAsync(SpawnOptions options, TimeProvider time, CancellationToken stop)
    {
        var order = new Order(options, time, stop);
        lock (Gate)
        {
            if (Begun.Exists(o => o.Hangs && o.IsLike(options))) return Task.FromResult(new Started(null, $"cannot start {options.Argv[0]}: its file system does not answer, and has not since an earlier start of it"));
            if (Waiting.Count >= MostWaiting) return Task.FromResult(new Started(null, $"cannot start {options.Argv[0]}: {MostWaiting} commands wait to be started"));
            Serve(Waiting.Count + 1);
            if (threads == 0) return Task.FromResult(new Started(null, Errno.Say($"cannot start {options.Argv[0]}", Errno.Again)));
            Waiting.Enqueue(order);
            Monitor.Pulse(Gate);
        }

        // Given up, its thread does not count any more, and another may serve who waits behind it.
        stop.UnsafeRegister(static _ =>
        {
            lock (Gate) Serve(Waiting.Count);
        }, null);
        return order.Task;
    }

    // One thread more, if there are fewer than orders that wait.
    static void Serve(int waiting)
    {
        if (idle < waiting && threads < MostThreads && threads - Begun.Count(o => o.IsGivenUp) < MostAtOnce && Threads.TryStart(Loop, "oops-spawn")) threads++;
    }

    static void Loop()
    {
        // Neither can fail in a way that matters: who has no ambient capabilities, or no priority, has nothing to give up.
        _ = Control(SetAmbient, ClearAll, 0, 0, 0);
        if (GetPriority(0, 0) < 0) _ = SetPriority(0, 0, 0);
        while (true)
        {
            var next = Next();
            next.Run();
            lock (Gate) Begun.Remove(next);
        }
    }

    static Order Next()
    {
        lock (Gate)
        {
            Order? next;
            idle++;
            while (!Waiting.TryDequeue(out next)) Monitor.Wait(Gate);
            idle--;
            next.Begin();
            Begun.Add(next);
            return next;
        }
    }

    // The protection is a process's and not a thread's, so the child has it until now, and what it forked in its first moment keeps it.
    static void Expose(int pid)
    {
        if (!IsSpared) return;
        try
        {
            File.WriteAllText($"/proc/{pid}/oom_score_adj", "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended already.
        }
    }

    sealed class Order(SpawnOptions options, TimeProvider time, CancellationToken stop)
    {
        readonly TaskCompletionSource<Started> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long begun;

        public Task<Started> Task => started.Task;

        public bool IsGivenUp => stop.IsCancellationRequested;

        /// <summary>It has begun and is given up.</summary>
        public bool Hangs => IsGivenUp && time.GetElapsedTime(begun) >= Hanging;

        public bool IsLike(SpawnOptions other) => other.Argv[0] == options.Argv[0] && other.Folder == options.Folder;

        public void Begin() => begun = time.GetTimestamp();

        public void Run()
        {
            if (IsGivenUp)
            {
                started.SetResult(new(null, "nobody waits for it any more"));
                return;
            }

            try
            {
                Spawn.TryStart(options, out var child, out var why);
                if (child is not null) Expose(child.Pid);
                started.SetResult(new(child, why));
            }
            catch (Exception e)
            {
                // The caller's to handle, as if it had started the child itself.
                started.SetException(e);
            }
        }
    }

    static bool TryReadScore(out int score)
    {
        score = 0;
        try
        {
            return int.TryParse(File.ReadAllText("/proc/self/oom_score_adj"), out score);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    // Of the calling thread: 0 and 0.
    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, uint who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
