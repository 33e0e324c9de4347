using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// A process held by descriptor (pidfd_open(2), Linux 5.3): it names one incarnation for ever, so that a reused pid is never signalled or
/// waited for by mistake. Poll it: readable when the process has ended, hung up when its parent has reaped it (Linux 6.10 on).
/// </summary>
internal sealed partial class Pidfd : IDisposable
{
    const int PidfdOpenCall = 434;
    const int PidfdThread = 0x80;
    const int PidfdSendSignalCall = 424;

    // _IOWR(0xFF, 11, struct pidfd_info of 64 bytes), Linux 6.13; later kernels accept the shorter struct.
    const nuint PidfdGetInfo = 0xC040FF0B;
    const ulong InfoExit = 1 << 3;
    const int InfoSize = 64;
    const int InfoExitCodeOffset = 60;

    const int WaitByPidfd = 3;
    const int WaitNoHang = 1;
    const int WaitExited = 4;

    Pidfd(int pid, Descriptor handle)
    {
        Pid = pid;
        Handle = handle;
    }

    /// <summary>When it started, in clock ticks since boot (<see cref="ProcStat.StartTicks"/>): with the pid, the name of this incarnation.</summary>
    public long StartTicks { get; private init; }

    /// <summary>The pid that it was opened by.</summary>
    public int Pid { get; }

    /// <summary>For <see cref="Epoll"/>.</summary>
    public Descriptor Handle { get; }

    /// <summary>Opens a process that is alive or a zombie, and reads its start time. Null with <paramref name="errno"/> set: <see cref="Errno.NoProcess"/>, or <see cref="Errno.Invalid"/> for a thread or a pid that cannot be.</summary>
    public static Pidfd? TryOpen(int pid, out int errno)
    {
        var fd = (int)Syscall(PidfdOpenCall, pid, 0, 0, 0);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (fd < 0) return null;

        // The order matters: hold the process, read what the number says, then make sure that the number still was its own.
        var found = Proc.TryReadStat(pid, out var stat);
        var pidfd = new Pidfd(pid, new Descriptor(fd)) { StartTicks = stat.StartTicks };
        if (found && pidfd.IsPresent) return pidfd;
        pidfd.Dispose();
        errno = Errno.NoProcess;
        return null;
    }

    /// <summary>
    /// Holds a single thread, readable when that has ended (PIDFD_THREAD, Linux 6.9). Null where there is no such thread any more, or the kernel is older: it takes the number of a process only.
    /// </summary>
    public static Descriptor? TryOpenThread(int tid)
    {
        var fd = (int)Syscall(PidfdOpenCall, tid, PidfdThread, 0, 0);
        return fd < 0 ? null : new Descriptor(fd);
    }

    /// <summary>Alive or a zombie: its pid still is its own.</summary>
    public bool IsPresent => TrySignal(0, out var errno) || errno != Errno.NoProcess;

    /// <summary>Sends a signal to exactly this process. False with <paramref name="errno"/> when it is gone or not ours to signal.</summary>
    public bool TrySignal(int signal, out int errno)
    {
        var added = false;
        try
        {
            Handle.DangerousAddRef(ref added);
            errno = Syscall(PidfdSendSignalCall, (int)Handle.DangerousGetHandle(), signal, 0, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
            return errno == 0;
        }
        finally
        {
            if (added) Handle.DangerousRelease();
        }
    }

    /// <summary>
    /// How it ended, without being its parent. Measured on Linux 6.18: as a zombie the kernel tells through /proc/PID/stat (to who may trace it; others read 0), and
    /// through PIDFD_GET_INFO only once it is reaped (6.15 on, for a pidfd opened before). So ask when it becomes readable and once more when it hangs up. Known also before it is a zombie, from the
    /// moment on that nothing can keep it from ending (<see cref="ProcStat.IsDead"/>).
    /// </summary>
    public ExitStatus ReadExit()
    {
        if (TryReadReaped(out var status)) return status;
        if (Proc.TryReadStat(Pid, out var stat) && stat.StartTicks == StartTicks)
        {
            if (!stat.IsDead) return ExitStatus.Unknown;
            if (stat.ExitWord != 0) return ExitStatus.FromWait(stat.ExitWord);

            // 0 may mean that we may not look. Only a zombie that is still there makes the answer to that its own.
            if (Proc.MayTrace(Pid) && IsPresent) return ExitStatus.FromWait(0);
        }

        // Reaped between the looks, perhaps.
        TryReadReaped(out status);
        return status;
    }

    bool TryReadReaped(out ExitStatus status)
    {
        Span<byte> info = stackalloc byte[InfoSize];
        info.Clear();
        BitConverter.TryWriteBytes(info, InfoExit);
        var known = GetInfo(info) && (BitConverter.ToUInt64(info) & InfoExit) != 0;
        status = known ? ExitStatus.FromWait(BitConverter.ToInt32(info[InfoExitCodeOffset..])) : ExitStatus.Unknown;
        return known;
    }

    /// <summary>Reaps our own child if it has ended. False while it runs; a child that somebody else reaped ends as <see cref="ExitStatus.Unknown"/>.</summary>
    public unsafe bool TryReap(out ExitStatus status)
    {
        status = ExitStatus.Unknown;
        var info = stackalloc int[32];
        new Span<int>(info, 32).Clear();
        int result;
        do result = WaitId(WaitByPidfd, Handle, info, WaitExited | WaitNoHang);
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

        if (result < 0) return true;

        // siginfo_t on 64-bit Linux: signo, errno, code, pad, pid, uid, status. A zero pid means that nothing has ended.
        if (info[4] == 0) return false;

        const int Exited = 1, Dumped = 3;
        status = info[2] == Exited ? new(true, info[6], 0, false) : new(true, 0, info[6], info[2] == Dumped);
        return true;
    }

    public void Dispose() => Handle.Dispose();

    unsafe bool GetInfo(Span<byte> info)
    {
        fixed (byte* p = info)
            return Ioctl(Handle, PidfdGetInfo, p) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int Ioctl(Descriptor fd, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static unsafe partial int WaitId(int idType, Descriptor id, int* info, int options);
}
