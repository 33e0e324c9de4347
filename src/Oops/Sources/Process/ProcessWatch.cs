using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>The loop of a <see cref="ProcessSource"/>: one thread, one epoll set with the pidfile's folder and the process itself.</summary>
internal sealed class ProcessWatch : IDisposable
{
    const long FolderToken = 1;
    const long ProcessToken = 2;
    const long ReapedToken = 3;
    const long FirstThreadToken = 4;

    // A held thread has ended: for so long the end of the others is awaited.
    const long EndsWithin = 20;

    // A server that has just been started makes its threads one by one.
    const long FirstHold = 50;

    // Something like the server runs, but which one is not clear: between a start and its pidfile this is normal. A proof of death stands for so long.
    static readonly TimeSpan UnclearPatience = TimeSpan.FromMinutes(1);

    enum Stand
    {
        Nothing,
        Running,
        Gone,
    }

    readonly ProcessTarget target;
    readonly IEngine engine;
    readonly string channel;
    readonly ProcessFinder finder;
    readonly FolderWatch? folder;
    readonly Epoll epoll = new();
    readonly WorkWatch work;
    readonly ThreadWatch threads;
    Pidfd? process;
    Pidfd? unreaped;
    Stand stand;
    string why = "";
    long unclearSince = -1;
    long endsUntil = -1;
    long nextHold = long.MaxValue;
    long holdAfter;
    volatile bool stopping;

    public ProcessWatch(ProcessTarget target, IEngine engine, string channel, string cpuChannel)
    {
        (this.target, this.engine, this.channel) = (target, engine, channel);
        work = new WorkWatch(engine, cpuChannel, target.CpuWindow);
        finder = new ProcessFinder(target);
        threads = new ThreadWatch(epoll, FirstThreadToken);
        if (target.Pidfile is null) return;
        folder = new FolderWatch(target.Pidfile);
        epoll.Add(folder.Handle, EpollEvents.In, FolderToken);
    }

    static long Now => Environment.TickCount64;

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public void Loop()
    {
        var ready = new EpollReady[8];
        var nextLook = Now;
        while (!stopping)
        {
            var now = Now;
            if (now >= nextLook)
            {
                folder?.Arm();
                Look();
                nextLook = now + (long)target.Recheck.TotalMilliseconds;
            }

            if (now >= nextHold) Hold();
            var unanswered = engine.Server(target.Server).UnansweredSince;
            if (unanswered is not null || endsUntil >= 0) ExitedAlready();
            work.Turn(unanswered);
            if (endsUntil < Now) endsUntil = -1;
            var left = endsUntil >= 0 ? 1 : Math.Min(Math.Min(nextLook, nextHold) - Now, Math.Ceiling(work.Left.TotalMilliseconds));
            var n = epoll.Wait(ready, TimeSpan.FromMilliseconds(Math.Max(0, left)));
            Serve(ready.AsSpan(0, n));
        }
    }

    /// <summary>Any thread.</summary>
    public void Stop()
    {
        stopping = true;
        epoll.Wake();
    }

    /// <summary>Any thread: the engine's view of the server is another one.</summary>
    public void Wake() => epoll.Wake();

    public void Dispose()
    {
        process?.Dispose();
        unreaped?.Dispose();
        threads.Dispose();
        epoll.Dispose();
        folder?.Dispose();
    }

    void Serve(ReadOnlySpan<EpollReady> ready)
    {
        bool folder = false, exit = false, reaped = false;
        foreach (var r in ready)
        {
            folder |= r.Token == FolderToken;
            exit |= r.Token == ProcessToken;
            reaped |= r.Token == ReapedToken && r.Events.HasFlag(EpollEvents.HangUp);
            if (threads.Ended(r.Token)) endsUntil = Now + EndsWithin;
        }

        var ended = exit ? process : null;
        if (folder && this.folder!.Read()) Look();
        if (ended is not null && ended == process) End(ended.ReadExit());
        if (reaped) Reaped();
    }

    /// <summary>
    /// Killed, and not yet torn down: the kernel shows the status of the whole process from the kill on, and makes its descriptor readable only when the last thread has freed the memory (milliseconds) and
    /// a core is written (seconds). A thread's end is no more than a hint; that the process cannot go on is what counts.
    /// </summary>
    bool ExitedAlready() => process?.ReadExit() is { Known: true } status && End(status);

    /// <summary>False: the server goes on. A process that hands over to a successor writes the pidfile first, and then there was no exit of the server; otherwise this costs one read of a small file.</summary>
    bool End(ExitStatus status)
    {
        var ended = process!;
        if (IsNamed(out var other) && other != ended.Pid) Replace();
        if (process != ended) return false;
        Exited(status);
        return true;
    }

    bool IsNamed(out int pid)
    {
        pid = target.Pidfile is null ? 0 : Pidfile.Read(target.Pidfile).Pid;
        return pid > 0;
    }

    void Exited(ExitStatus status)
    {
        var process = this.process!;
        this.process = null;
        endsUntil = -1;
        epoll.Remove(process.Handle);
        threads.Release();
        nextHold = long.MaxValue;
        Say(new ProcessGone(channel, Words(status)));
        stand = Stand.Gone;
        work.Watch(null);
        ForgetUnreaped();
        if (status.Known)
        {
            process.Dispose();
        }
        else
        {
            // How it ended is not ours to read yet; the kernel tells when its parent has reaped it, which hangs up the pidfd (6.10 on).
            unreaped = process;
            epoll.Add(process.Handle, EpollEvents.None, ReapedToken);
        }

        Look();
    }

    void Reaped()
    {
        if (unreaped is null) return;
        var status = unreaped.ReadExit();
        ForgetUnreaped();
        if (status.Known && stand == Stand.Gone) Say(new ProcessGone(channel, Words(status)));
    }

    void ForgetUnreaped()
    {
        if (unreaped is null) return;
        epoll.Remove(unreaped.Handle);
        unreaped.Dispose();
        unreaped = null;
    }

    void Look()
    {
        // A held process is alive, whatever its file says: servers remove the file before they exit. Only another number makes us look again.
        if (ExitedAlready()) return;
        if (process is not null && !(IsNamed(out var pid) && pid != process.Pid)) return;
        Replace();
    }

    void Replace()
    {
        var sighting = finder.Look();
        switch (sighting)
        {
            case Seen seen:
                Found(seen.Process);
                break;
            case NoProcess none when process is null:
                unclearSince = -1;
                if (stand == Stand.Gone) break;
                Open();
                Say(new ProcessGone(channel, none.Left ? ProcessGone.LeftPidfile : ProcessGone.NoProcess));
                Say(new ChannelRead(channel));
                (stand, why) = (Stand.Gone, none.Why);
                break;
            case Unclear unclear when process is null:
                NotCovered(unclear);
                break;
        }
    }

    void Found(Pidfd process)
    {
        unclearSince = -1;
        if (this.process is { } held)
        {
            if (held.Pid == process.Pid && held.StartTicks == process.StartTicks)
            {
                process.Dispose();
                return;
            }

            epoll.Remove(held.Handle);
            held.Dispose();
            threads.Release();
        }

        Open();
        this.process = process;
        ForgetUnreaped();
        work.Watch(process.Pid);

        // Compiles what the exit will need: the first call of a method costs milliseconds, and there is only one exit.
        _ = process.ReadExit();
        epoll.Add(process.Handle, EpollEvents.In, ProcessToken);
        holdAfter = FirstHold;
        Hold();
        Say(new ProcessStarted(channel, process.Pid, process.StartTicks));
        Say(new ChannelRead(channel));
        stand = Stand.Running;
    }

    void Hold()
    {
        // Without the right to read how it will end, a thread's end tells nothing.
        if (Proc.MayTrace(process!.Pid)) threads.Hold(process.Pid);
        nextHold = Now + holdAfter;
        holdAfter = Math.Min(holdAfter * 2, (long)target.Recheck.TotalMilliseconds);
    }

    void NotCovered(Unclear unclear)
    {
        // An exit that we saw stays a fact for as long as nothing runs that could be the next incarnation.
        if (stand == Stand.Gone)
        {
            if (!unclear.Running)
            {
                unclearSince = -1;
                return;
            }

            if (unclearSince < 0) unclearSince = Now;
            if (Now - unclearSince < UnclearPatience.TotalMilliseconds) return;
        }

        if (stand == Stand.Nothing && why == unclear.Why) return;
        Say(new ChannelLost(channel, unclear.Why));
        (stand, why, unclearSince) = (Stand.Nothing, unclear.Why, -1);
    }

    void Open()
    {
        if (stand == Stand.Nothing) Say(new ChannelOpened(channel));
    }

    void Say(Signal signal) => engine.Send(signal);

    static string Words(ExitStatus status) =>
        !status.Known ? "gone" : status.Signal > 0 ? $"signal {status.Signal}" : $"exit {status.Code}";
}
