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

    // Something like the server runs, but which one is not clear: between a start and its pidfile this is normal. A proof of death stands for so long.
    static readonly TimeSpan UnclearPatience = TimeSpan.FromMinutes(1);

    enum Stand
    {
        Nothing,
        Running,
        Gone,
    }

    readonly ProcessTarget _target;
    readonly IEngine _engine;
    readonly string _channel;
    readonly string _cpuChannel;
    readonly ProcessFinder _finder;
    readonly FolderWatch? _folder;
    readonly Epoll _epoll = new();
    readonly CpuSampler _cpu = new();
    Pidfd? _process;
    Pidfd? _unreaped;
    Stand _stand;
    string _why = "";
    long _unclearSince = -1;
    bool _cpuOpen;
    volatile bool _stopping;

    public ProcessWatch(ProcessTarget target, IEngine engine, string channel, string cpuChannel)
    {
        (_target, _engine, _channel, _cpuChannel) = (target, engine, channel, cpuChannel);
        _finder = new ProcessFinder(target);
        if (target.Pidfile is null) return;
        _folder = new FolderWatch(target.Pidfile);
        _epoll.Add(_folder.Handle, EpollEvents.In, FolderToken);
    }

    static long Now => Environment.TickCount64;

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public void Loop()
    {
        var ready = new EpollReady[4];
        var nextLook = Now;
        var nextCpu = Now;
        while (!_stopping)
        {
            var now = Now;
            if (now >= nextLook)
            {
                _folder?.Arm();
                Look();
                nextLook = now + (long)_target.Recheck.TotalMilliseconds;
            }

            if (now >= nextCpu)
            {
                SampleCpu(now);
                nextCpu = now + (long)_target.CpuWindow.TotalMilliseconds;
            }

            var n = _epoll.Wait(ready, TimeSpan.FromMilliseconds(Math.Max(0, Math.Min(nextLook, nextCpu) - Now)));
            Serve(ready.AsSpan(0, n));
        }
    }

    /// <summary>Any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        _epoll.Wake();
    }

    public void Dispose()
    {
        _process?.Dispose();
        _unreaped?.Dispose();
        _epoll.Dispose();
        _folder?.Dispose();
    }

    void Serve(ReadOnlySpan<EpollReady> ready)
    {
        bool folder = false, exit = false, reaped = false;
        foreach (var r in ready)
        {
            folder |= r.Token == FolderToken;
            exit |= r.Token == ProcessToken;
            reaped |= r.Token == ReapedToken && r.Events.HasFlag(EpollEvents.HangUp);
        }

        // A process that hands over to a successor writes the pidfile first: then there was no exit of the server. Otherwise this costs one read of a small file.
        var ended = exit ? _process : null;
        if (folder && _folder!.Read()) Look();
        if (ended is not null && ended == _process)
        {
            Exited();
            Look();
        }

        if (reaped) Reaped();
    }

    void Exited()
    {
        var process = _process!;
        _process = null;
        var status = process.ReadExit();
        _epoll.Remove(process.Handle);
        Say(new ProcessGone(_channel, Words(status)));
        _stand = Stand.Gone;
        _cpu.Reset();
        ForgetUnreaped();
        if (status.Known)
        {
            process.Dispose();
            return;
        }

        // How it ended is not ours to read yet; the kernel tells when its parent has reaped it, which hangs up the pidfd (6.10 on).
        _unreaped = process;
        _epoll.Add(process.Handle, EpollEvents.None, ReapedToken);
    }

    void Reaped()
    {
        if (_unreaped is null) return;
        var status = _unreaped.ReadExit();
        ForgetUnreaped();
        if (status.Known && _stand == Stand.Gone) Say(new ProcessGone(_channel, Words(status)));
    }

    void ForgetUnreaped()
    {
        if (_unreaped is null) return;
        _epoll.Remove(_unreaped.Handle);
        _unreaped.Dispose();
        _unreaped = null;
    }

    void Look()
    {
        // A held process is alive, whatever its file says: servers remove the file before they exit. Only another number makes us look again.
        if (_process is not null && (_target.Pidfile is null || Pidfile.Read(_target.Pidfile) is not { Pid: > 0 } file || file.Pid == _process.Pid)) return;
        var sighting = _finder.Look();
        switch (sighting)
        {
            case Seen seen:
                Found(seen.Process);
                break;
            case NoProcess none when _process is null:
                _unclearSince = -1;
                if (_stand == Stand.Gone) break;
                Open();
                Say(new ProcessGone(_channel, "no process"));
                Say(new ChannelRead(_channel));
                (_stand, _why) = (Stand.Gone, none.Why);
                break;
            case Unclear unclear when _process is null:
                NotCovered(unclear);
                break;
        }
    }

    void Found(Pidfd process)
    {
        _unclearSince = -1;
        if (_process is { } held)
        {
            if (held.Pid == process.Pid && held.StartTicks == process.StartTicks)
            {
                process.Dispose();
                return;
            }

            _epoll.Remove(held.Handle);
            held.Dispose();
        }

        Open();
        _process = process;
        ForgetUnreaped();
        _cpu.Reset();

        // Compiles what the exit will need: the first call of a method costs milliseconds, and there is only one exit.
        _ = process.ReadExit();
        _epoll.Add(process.Handle, EpollEvents.In, ProcessToken);
        Say(new ProcessStarted(_channel, process.Pid, process.StartTicks));
        Say(new ChannelRead(_channel));
        _stand = Stand.Running;
    }

    void NotCovered(Unclear unclear)
    {
        // An exit that we saw stays a fact for as long as nothing runs that could be the next incarnation.
        if (_stand == Stand.Gone)
        {
            if (!unclear.Running)
            {
                _unclearSince = -1;
                return;
            }

            if (_unclearSince < 0) _unclearSince = Now;
            if (Now - _unclearSince < UnclearPatience.TotalMilliseconds) return;
        }

        if (_stand == Stand.Nothing && _why == unclear.Why) return;
        Say(new ChannelLost(_channel, unclear.Why));
        (_stand, _why, _unclearSince) = (Stand.Nothing, unclear.Why, -1);
    }

    void Open()
    {
        if (_stand == Stand.Nothing) Say(new ChannelOpened(_channel));
    }

    void SampleCpu(long now)
    {
        if (_process is null)
        {
            if (_cpuOpen) Say(new ChannelLost(_cpuChannel, "no process"));
            _cpuOpen = false;
            return;
        }

        if (_cpu.Sample(_process.Pid, now, out var detail) is not { } idle) return;
        if (!_cpuOpen) Say(new ChannelOpened(_cpuChannel));
        _cpuOpen = true;
        Say(new ServerSignal(_cpuChannel, Measure.Idle, idle ? 1 : 0, Evidence.Proof, detail));
        Say(new ChannelRead(_cpuChannel));
    }

    void Say(Signal signal) => _engine.Send(signal);

    static string Words(ExitStatus status) =>
        !status.Known ? "gone" : status.Signal > 0 ? $"signal {status.Signal}" : $"exit {status.Code}";
}
