using System.Net.Sockets;
using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>
/// Finds a server's main process by its pidfile or by its executable, and says when that cannot be told. A pidfile is only a hint: kill -9 leaves it behind, its number
/// may have been given to another process, and a container's says what the container sees. So a pid counts only if the executable or the control socket's peer agrees.
/// </summary>
internal sealed class ProcessFinder(ProcessTarget target)
{
    // /proc counts a start in ticks of 10 ms, and file systems stamp with a granularity of their own.
    static readonly TimeSpan StampTolerance = TimeSpan.FromSeconds(2);

    // The initial pid namespace has this inode number (include/uapi/linux/nsfs.h, PROC_PID_INIT_INO).
    const string InitialPidNamespace = "pid:[4026531836]";

    string Name => string.Join(" or ", target.Executables.Select(Path.GetFileName));

    public Sighting Look()
    {
        if (target.Executables.Count == 0) return new Unclear("the server's kind has no usual executable: set `executable`", Running: false);
        if (target.Pidfile is null) return WithoutPid($"no {Name} runs", default);
        var file = Pidfile.Read(target.Pidfile);
        if (file.Pid == 0) return file.Missing ? WithoutPid(file.Why, file) : new Unclear(file.Why, Running: false);
        var process = Pidfd.TryOpen(file.Pid, out var errno);
        if (process is null)
        {
            return errno == Errno.NoProcess || errno == Errno.Invalid
                ? WithoutPid($"pid {file.Pid} of {target.Pidfile} is gone", file)
                : new Unclear(Errno.Say($"cannot watch pid {file.Pid}", errno), Running: true);
        }

        var sighting = Judge(process, file);
        if (sighting is not Seen) process.Dispose();
        return sighting;
    }

    Sighting Judge(Pidfd process, Pidfile file)
    {
        if (!Proc.TryReadStat(process.Pid, out var stat) || stat.StartTicks != process.StartTicks || stat.IsDead)
            return WithoutPid($"pid {file.Pid} of {target.Pidfile} is gone", file);
        var startedLater = StartOf(process) > file.Written + StampTolerance;
        var isOurs = IsOurs(process.Pid);
        if (isOurs && !startedLater) return new Seen(process);

        // A doubt. Ask the control socket, which the usual case never does.
        var peer = ControlPeer();
        if (peer > 0 && IsRelated(peer, process.Pid)) return new Seen(process);
        if (!isOurs)
        {
            if (InContainer(file.Pid, Mains()) is > 0 and var inside) return Hold(inside, "");
            var who = $"pid {file.Pid} of {target.Pidfile} is {OutputTail.Printable(stat.Name)}, not {Name}";
            return startedLater ? WithoutPid(who, file) : new Unclear($"{who}: is `executable` right?", Running: true);
        }

        // The right program, but younger than the file that names it: a reused pid, or the wall clock was stepped since. Alone, it is the one.
        return Mains() is [var only] && only == process.Pid
            ? new Seen(process)
            : new Unclear($"pid {file.Pid} of {target.Pidfile} started after the file was written, and other {Name} run", Running: true);
    }

    /// <summary>The number leads nowhere. Whether the server runs all the same is asked of its control socket and of the whole process table.</summary>
    /// <param name="why">Why there is no pid.</param>
    /// <param name="file">What the pidfile says; its number can be true inside a container.</param>
    Sighting WithoutPid(string why, in Pidfile file)
    {
        var mains = Mains();
        if (InContainer(file.Pid, mains) is > 0 and var inside) return Hold(inside, why);
        var peer = ControlPeer();
        if (peer > 0 && mains.Find(p => IsRelated(peer, p)) is > 0 and var byPeer) return Hold(byPeer, why);
        if (target.Pidfile is null && mains.Count == 1) return Hold(mains[0], why);
        if (mains.Count > 0)
        {
            var pids = string.Join(", ", mains.Take(5));
            return new Unclear(target.Pidfile is null ? $"{mains.Count} {Name} run (pid {pids}): which one? Set `pidfile` or `arguments`" : $"{why}, while {Name} runs as pid {pids}", Running: true);
        }

        // A server beyond our sight (another pid namespace, hidepid) would at least listen on its socket.
        if (peer > 0) return new Unclear($"{why}, but pid {peer} listens on {target.Control}: is `executable` right?", Running: true);
        // One of an earlier boot says only that the host went down.
        var none = new NoProcess(why, Left: file.Pid > 0 && file.Written > BootedAt);
        if (peer == 0 && target.Control is { } control && Directory.Exists(Path.GetDirectoryName(control))) return none;
        if (!Proc.TryReadStat(1, out _)) return new Unclear($"{why}, and other users' processes are hidden from us (hidepid)", Running: false);
        return new FileInfo("/proc/self/ns/pid").LinkTarget == InitialPidNamespace
            ? none
            : new Unclear($"{why}, and we see only the processes of our own container", Running: false);
    }

    /// <summary>The one process that has this number in a pid namespace below ours; 0 when there is none, or more than one.</summary>
    static int InContainer(int number, List<int> mains) =>
        number > 0 && mains.FindAll(p => Proc.ReadNamespacePids(p) is { Length: > 1 } pids && pids[^1] == number) is [var one] ? one : 0;

    static Sighting Hold(int pid, string why) => Pidfd.TryOpen(pid, out _) is { } process ? new Seen(process) : new Unclear(why, Running: true);

    /// <summary>The processes that could be the server, without their descendants.</summary>
    List<int> Mains()
    {
        var ours = Proc.ReadPids().FindAll(p => Proc.TryReadStat(p, out var stat) && !stat.IsDead && IsOurs(p));
        return ours.FindAll(p => !(Proc.TryReadStat(p, out var stat) && ours.Contains(stat.ParentPid)));
    }

    /// <summary>
    /// The executable, where we may look; else (another user's process, no CAP_SYS_PTRACE) what the process calls itself, which is less, but the number came from a file
    /// that only the server's user writes.
    /// </summary>
    bool IsOurs(int pid)
    {
        var executable = Proc.ReadExecutable(pid);
        var command = executable is null || target.Arguments.Count > 0 ? Proc.ReadCommandLine(pid) ?? [] : [];
        var name = executable ?? (command.Length > 0 ? command[0] : "");
        var matches = target.Executables.Any(e => e.StartsWith('/') && executable is not null ? executable == e : Path.GetFileName(name) == Path.GetFileName(e));
        return matches && target.Arguments.All(a => command.Skip(1).Contains(a));
    }

    /// <summary>The pid behind the control socket; 0 when none is configured or nobody listens, -1 when it cannot be told. Never blocks: a hung server's queue may be full.</summary>
    int ControlPeer()
    {
        if (target.Control is not { } path) return 0;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable ? 0 : -1;
        }
        catch (ArgumentException)
        {
            return -1;
        }

        if (!PeerCredentials.TryRead(socket, out var peer) || peer.Pid <= 0) return -1;
        // One that dies holds its sockets until the end, seconds where a core is written; it serves nobody. One that has ended has none: then another, a child, holds this one.
        return Proc.TryReadStat(peer.Pid, out var stat) && stat.IsDoomed ? 0 : peer.Pid;
    }

    // NSD's socket belongs to a child of the process in the pidfile: either may be the other's ancestor.
    static bool IsRelated(int one, int other) => IsAncestor(one, other) || IsAncestor(other, one);

    static bool IsAncestor(int ancestor, int pid)
    {
        const int Deepest = 16;
        for (var i = 0; i < Deepest && pid > 1; i++)
        {
            if (pid == ancestor) return true;
            if (!Proc.TryReadStat(pid, out var stat)) return false;
            pid = stat.ParentPid;
        }

        return false;
    }

    static DateTimeOffset BootedAt => BootClock.Wall - (BootClock.Now - Core.At.Zero);

    static DateTimeOffset StartOf(Pidfd process) =>
        BootClock.Wall - (BootClock.Now - new Core.At(process.StartTicks * TimeSpan.TicksPerSecond / Proc.TicksPerSecond));
}
