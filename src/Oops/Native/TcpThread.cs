using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// The thread on which all TCP connections are that must end with the process at once (ADR 17). Of a killed process the last thread takes the memory apart, which takes tens of milliseconds, before it lets go of the
/// descriptors; a thread with a table of its own (`unshare(CLONE_FILES)`, unshare(2)) closes what is only there as soon as it ends itself, and so the peers have their FIN.
/// <para>
/// A number of a descriptor means something else on this thread than elsewhere. So what is done with one is done here, by <see cref="Do"/> and <see cref="AskAsync"/>, and never blocks; and nothing is begun here that may
/// make a thread, which would have this table and not the others': who waits is told by a second thread (<see cref="Tell"/>), and not by the pool.
/// </para>
/// It has for ever what was open when it began: so it is begun before anything else is open.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "lives as long as its thread")]
internal sealed partial class TcpThread
{
    const int CloneFiles = 0x400;
    const int Block = 0;
    const int SignalSetWords = 16;

    // SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU and SIGWINCH: the runtime's handlers write to a pipe, which is in the other table.
    const ulong HandledByPipe = (1UL << 0) | (1UL << 1) | (1UL << 2) | (1UL << 14) | (1UL << 16) | (1UL << 17) | (1UL << 19) | (1UL << 20) | (1UL << 21) | (1UL << 27);

    static readonly Lazy<TcpThread> OfProcess = new(() => new TcpThread());

    // In both tables: made before they part.
    readonly Epoll epoll = new();
    readonly Lock gate = new();
    readonly Dictionary<long, TcpSocket> sockets = [];
    readonly object news = new();
    readonly Queue<Action> told = new();
    readonly ManualResetEventSlim begun = new();
    Queue<Action> orders = new();
    long lastToken;

    TcpThread()
    {
        new Thread(Run) { Name = "oops-tcp", IsBackground = true }.Start();
        new Thread(Report) { Name = "oops-tcp-news", IsBackground = true }.Start();
        begun.Wait();
    }

    /// <summary>The one of the process, which the first use begins. Throws <see cref="OutOfMemoryException"/> where no thread is to be had.</summary>
    public static TcpThread Instance => OfProcess.Value;

    /// <summary>Why its table is the one of all threads; null: it has its own.</summary>
    public string? Shares { get; private set; }

    /// <summary>Has it done there, behind what was asked before. Any thread; what it throws ends the process.</summary>
    public void Do(Action order)
    {
        bool first;
        lock (gate)
        {
            orders.Enqueue(order);
            first = orders.Count == 1;
        }

        // Who came before has woken it, and it takes all at once.
        if (first) epoll.Wake();
    }

    /// <summary>Has it done there; what it throws is the caller's.</summary>
    public Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(() =>
        {
            try
            {
                var result = question();
                Tell(() => answer.SetResult(result));
            }
            catch (Exception e)
            {
                Tell(() => answer.SetException(e));
            }
        });
        return answer.Task;
    }

    /// <summary>From there to those who wait: on the second thread, which has the table of all.</summary>
    public void Tell(Action what)
    {
        lock (news)
        {
            told.Enqueue(what);
            Monitor.Pulse(news);
        }
    }

    /// <summary>Serves a socket from now on, once each time that it was armed. Only there; throws where the kernel has no memory for it.</summary>
    public long Add(TcpSocket socket)
    {
        epoll.Add(socket.Handle, EpollEvents.OneShot, ++lastToken);
        sockets[lastToken] = socket;
        return lastToken;
    }

    /// <summary>Only there.</summary>
    public void Arm(TcpSocket socket, EpollEvents events) => epoll.Modify(socket.Handle, events | EpollEvents.OneShot, socket.Token);

    /// <summary>Only there, before it is closed.</summary>
    public void Remove(TcpSocket socket)
    {
        epoll.Remove(socket.Handle);
        sockets.Remove(socket.Token);
    }

    void Run()
    {
        Part();
        begun.Set();
        var ready = new EpollReady[32];
        var mine = new Queue<Action>();
        while (true)
        {
            var n = epoll.Wait(ready, Timeout.InfiniteTimeSpan);
            lock (gate) (orders, mine) = (mine, orders);
            while (mine.TryDequeue(out var order)) order();
            for (var i = 0; i < n; i++)
                if (sockets.TryGetValue(ready[i].Token, out var socket)) socket.Serve();
        }
    }

    void Part()
    {
        Span<ulong> signals = stackalloc ulong[SignalSetWords];
        signals.Clear();
        signals[0] = HandledByPipe;
        _ = SigMask(Block, ref MemoryMarshal.GetReference(signals), 0);
        if (Unshare(CloneFiles) != 0) Shares = Reason.Of(Marshal.GetLastPInvokeError());
    }

    void Report()
    {
        while (true)
        {
            Action what;
            lock (news)
            {
                while (!told.TryDequeue(out what!)) Monitor.Wait(news);
            }

            what();
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SigMask(int how, ref ulong signals, nint old);
}
