using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// The thread that starts all children. What the daemon's unit gives to the daemon is not for the commands that it runs: a nice value below 0 and ambient capabilities (capabilities(7)) belong
/// to a thread and are inherited from it, so this one has given them up. It lives on: a daemon that is out of threads when a command is due could not make one then.
/// </summary>
internal static partial class SpawnThread
{
    const int SetAmbient = 47;
    const int ClearAll = 4;

    static readonly object Gate = new();
    static readonly Queue<Order> Waiting = new();

    // In a shortage of memory a command that eats it must go before the daemon that started it.
    static readonly bool IsSpared = TryReadScore(out var score) && score < 0;

    static Thread? thread;

    /// <summary>Runs it there and waits for its end: its result, or <see cref="Errno.Again"/> when there is no thread to be had.</summary>
    public static int Run(Func<int> start)
    {
        var order = new Order(start);
        lock (Gate)
        {
            if (!Make()) return Errno.Again;
            Waiting.Enqueue(order);
            Monitor.PulseAll(Gate);
            while (!order.Done) Monitor.Wait(Gate);
        }

        // The caller's to handle, as if it had started the child itself.
        if (order.Failed is { } e) ExceptionDispatchInfo.Throw(e);
        return order.Result;
    }

    /// <summary>
    /// Takes a child's protection from the OOM killer away. That is a process's and not a thread's, so the child has it until now, and what it forked in its first moment keeps it.
    /// </summary>
    public static void Expose(int pid)
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

    // Under the gate.
    static bool Make()
    {
        if (thread is not null) return true;
        var made = new Thread(Loop) { Name = "oops-spawn", IsBackground = true };
        try
        {
            made.Start();
        }
        catch (OutOfMemoryException)
        {
            // pthread_create's EAGAIN: the limit of processes or tasks is reached. The next command tries again.
            return false;
        }

        thread = made;
        return true;
    }

    static void Loop()
    {
        // Neither can fail in a way that matters: who has no ambient capabilities, or no priority, has nothing to give up.
        _ = Control(SetAmbient, ClearAll, 0, 0, 0);
        if (GetPriority(0, 0) < 0) _ = SetPriority(0, 0, 0);
        while (true)
        {
            Order? next;
            lock (Gate)
            {
                while (!Waiting.TryDequeue(out next)) Monitor.Wait(Gate);
            }

            try
            {
                next.Result = next.Start();
            }
            catch (Exception e)
            {
                next.Failed = e;
            }

            lock (Gate)
            {
                next.Done = true;
                Monitor.PulseAll(Gate);
            }
        }
    }

    sealed class Order(Func<int> start)
    {
        public Func<int> Start { get; } = start;

        public int Result { get; set; }

        public Exception? Failed { get; set; }

        public bool Done { get; set; }
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
