using System.Diagnostics.CodeAnalysis;

namespace Oops.Native;

/// <summary>How running a command came out.</summary>
internal enum ChildEnd
{
    /// <summary>It ended by itself: see the status.</summary>
    Exited,

    /// <summary>It was killed, with its group, at the timeout.</summary>
    TimedOut,

    /// <summary>It was killed, with its group, because we stop.</summary>
    Stopped,

    /// <summary>It could not be started: see <see cref="ChildResult.Why"/>.</summary>
    NotStarted,
}

/// <summary>A command that is over.</summary>
/// <param name="End">How it came out.</param>
/// <param name="Status">Its exit code or signal; unknown where it was not started.</param>
/// <param name="Output">The last lines of its standard output, terminal-safe.</param>
/// <param name="Errors">The last lines of its standard error, terminal-safe.</param>
/// <param name="Took">From the start to the end.</param>
/// <param name="Why">In words: "exit code 1", "timed out after 10 s (killed by SIGTERM)", "cannot start ...".</param>
internal sealed record ChildResult(ChildEnd End, ExitStatus Status, string[] Output, string[] Errors, TimeSpan Took, string Why)
{
    /// <summary>Ended by itself with code 0.</summary>
    public bool Ok => End == ChildEnd.Exited && Status.Ok;

    /// <summary>How it ended, and the last line that it wrote, as users of health checks know it; standard output first.</summary>
    public string Said => (Output.LastOrDefault() ?? Errors.LastOrDefault()) is { } line ? $"{Why}: {line}" : Why;
}

/// <summary>
/// Runs commands to their end: one thread and one epoll set read the output of all children and learn of their exits. An exit ends the command, also while grandchildren hold its pipes
/// open. The thread lives on: where the limit of threads is reached when a command is due, none could be made.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "lives as long as its thread")]
internal sealed class Children(TimeProvider time)
{
    const int SigTerm = 15;
    const int SigKill = 9;

    // A process in an uninterruptible wait (NFS) does not die of SIGKILL: after this it is left to the thread, which reaps it whenever it ends.
    static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    // After a pause of our own (SIGSTOP, a suspended machine) a timeout and an exit long past come due together: the exit counts.
    static readonly TimeSpan LastLook = TimeSpan.FromMilliseconds(100);

    readonly Epoll epoll = new();
    readonly Lock gate = new();
    readonly Dictionary<long, Running> running = [];
    bool watched;
    long lastId;

    /// <summary>Those of the daemon.</summary>
    public static Children Instance { get; } = new(BootTime.Instance);

    /// <summary>
    /// Starts a command and waits for its end, both within the timeout. At the timeout or the stop, the whole group gets SIGTERM and, after <paramref name="grace"/> or at the command's own
    /// end, whichever is first, SIGKILL. Never throws for what a command does.
    /// </summary>
    public async Task<ChildResult> RunAsync(SpawnOptions options, TimeSpan timeout, TimeSpan grace, CancellationToken stop)
    {
        var begun = time.GetTimestamp();
        if (stop.IsCancellationRequested) return Unknown(ChildEnd.Stopped, "not started: we stop");
        if (!TryWatch()) return Unknown(ChildEnd.NotStarted, Errno.Say($"cannot watch {options.Argv[0]}", Errno.Again));
        var (child, why) = await StartAsync(options, timeout, stop);
        if (child is null) return Unknown(stop.IsCancellationRequested ? ChildEnd.Stopped : ChildEnd.NotStarted, why);

        if (!TryRegister(child, options.LineLength, out var running, out why)) return Unknown(ChildEnd.NotStarted, why);
        var end = ChildEnd.Exited;
        try
        {
            var left = timeout - time.GetElapsedTime(begun);
            await running.Exited.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, stop);
        }
        catch (TimeoutException)
        {
            if (!await EndsWithin(running, LastLook)) end = ChildEnd.TimedOut;
        }
        catch (OperationCanceledException)
        {
            end = ChildEnd.Stopped;
        }

        if (end != ChildEnd.Exited && !await KillAsync(running, grace))
            return Unknown(end, $"pid {child.Pid} does not die of SIGKILL");

        // Completed: the await only reads the result.
        var (status, output, errors) = await running.Exited;
        return new(end, status, output, errors, time.GetElapsedTime(begun), end switch
        {
            ChildEnd.TimedOut => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"timed out after {timeout.TotalSeconds:0.###} s ({status})"),
            ChildEnd.Stopped => $"ended because we stop ({status})",
            _ => status.ToString(),
        });

        // Nothing is known of how it came out, or it never began.
        ChildResult Unknown(ChildEnd how, string reason) => new(how, ExitStatus.Unknown, [], [], time.GetElapsedTime(begun), reason);
    }

    async Task<Started> StartAsync(SpawnOptions options, TimeSpan timeout, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var starting = SpawnThreads.StartAsync(options, time, late.Token);
        try
        {
            return await starting.WaitAsync(timeout, time, stop);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await late.CancelAsync();
            _ = EndLateAsync(starting);
            return new(null, e is TimeoutException ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cannot start {options.Argv[0]}: its file system, or that of commands before it, did not answer within {timeout.TotalSeconds:0.###} s") : "not started: we stop");
        }
    }

    // It was given up while it was being started: nobody waits for it any more, and it must not run.
    async Task EndLateAsync(Task<Started> starting)
    {
        if ((await starting).Child is { } child && TryRegister(child, 1, out var running, out _)) await KillAsync(running, TimeSpan.Zero);
    }

    async Task<bool> KillAsync(Running running, TimeSpan grace)
    {
        running.Signal(SigTerm, killGroupAtExit: true);
        if (await EndsWithin(running, grace)) return true;
        running.Signal(SigKill, killGroupAtExit: true);
        return await EndsWithin(running, KillPatience);
    }

    async Task<bool> EndsWithin(Running running, TimeSpan patience)
    {
        try
        {
            await running.Exited.WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>False: it cannot be watched (no memory in the kernel), so it does not run.</summary>
    bool TryRegister(Child child, int lineLength, [NotNullWhen(true)] out Running? registered, out string why)
    {
        try
        {
            Register(child, lineLength, out registered);
            why = "";
            return true;
        }
        catch (IOException e)
        {
            why = $"cannot watch what was started: {e.Message}";
            registered = null;
            Spawn.Discard(child.Pid);
            // Closed descriptors leave the set by themselves.
            child.Dispose();
            return false;
        }
    }

    void Register(Child child, int lineLength, out Running registered)
    {
        lock (gate)
        {
            var id = ++lastId;
            registered = new Running(child, lineLength);

            // Three descriptors, three tokens: the low two bits say which. Under the lock nobody serves them before all are there.
            epoll.Add(child.Output, EpollEvents.In, id << 2);
            epoll.Add(child.Errors, EpollEvents.In, (id << 2) | 1);
            epoll.Add(child.Pidfd.Handle, EpollEvents.In, (id << 2) | 2);
            running.Add(id, registered);
        }
    }

    bool TryWatch()
    {
        lock (gate)
        {
            return watched = watched || Threads.TryStart(Loop, "oops-children");
        }
    }

    void Loop()
    {
        var ready = new EpollReady[32];
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var n = epoll.Wait(ready, Timeout.InfiniteTimeSpan);
            lock (gate)
            {
                for (var i = 0; i < n; i++)
                    if (this.running.TryGetValue(ready[i].Token >> 2, out var running))
                        Serve(running, ready[i].Token, buffer);
            }
        }
    }

    void Serve(Running running, long token, byte[] buffer)
    {
        switch (token & 3)
        {
            case 0:
                if (!running.ReadOutput(buffer)) epoll.Remove(running.Child.Output);
                break;
            case 1:
                if (!running.ReadErrors(buffer)) epoll.Remove(running.Child.Errors);
                break;
            default:
                if (!running.TryEnd(buffer)) break;
                this.running.Remove(token >> 2);
                epoll.Remove(running.Child.Output);
                epoll.Remove(running.Child.Errors);
                epoll.Remove(running.Child.Pidfd.Handle);
                running.Complete();
                break;
        }
    }

    /// <summary>One command between its start and its end.</summary>
    sealed class Running(Child child, int lineLength)
    {
        // What is still in the pipes at the exit is read, but a grandchild that goes on writing does not hold us.
        const int MaxReadsAtExit = 16;

        readonly TaskCompletionSource<(ExitStatus, string[], string[])> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly OutputTail output = new(lineLength: lineLength);
        readonly OutputTail errors = new();
        readonly Lock signals = new();
        ExitStatus status;
        bool killGroupAtExit;
        bool reaped;

        public Child Child => child;

        public Task<(ExitStatus Status, string[] Output, string[] Errors)> Exited => exited.Task;

        public bool ReadOutput(byte[] buffer) => Read(child.Output, output, buffer);

        public bool ReadErrors(byte[] buffer) => Read(child.Errors, errors, buffer);

        public void Signal(int signal, bool killGroupAtExit)
        {
            lock (signals)
            {
                this.killGroupAtExit = killGroupAtExit;
                if (!reaped) child.SignalGroup(signal);
            }
        }

        public bool TryEnd(byte[] buffer)
        {
            lock (signals)
            {
                // While the child is a zombie its number is its own: the rest of its group dies before it is reaped.
                if (killGroupAtExit) child.SignalGroup(SigKill);
                reaped = child.Pidfd.TryReap(out status);
            }

            if (!reaped) return false;
            for (var i = 0; i < MaxReadsAtExit && child.Output.Read(buffer, out _) is > 0 and var n; i++) output.Add(buffer.AsSpan(0, n));
            for (var i = 0; i < MaxReadsAtExit && child.Errors.Read(buffer, out _) is > 0 and var n; i++) errors.Add(buffer.AsSpan(0, n));
            return true;
        }

        public void Complete()
        {
            child.Dispose();
            exited.SetResult((status, output.Lines, errors.Lines));
        }

        // False at the end of the file. One read per turn, so that one flood does not starve the other children.
        static bool Read(Descriptor from, OutputTail into, byte[] buffer)
        {
            var n = from.Read(buffer, out var errno);
            if (n > 0) into.Add(buffer.AsSpan(0, n));
            return n > 0 || (n < 0 && errno == Errno.Again);
        }
    }
}
