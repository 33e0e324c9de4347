using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>What /proc/PID/stat says of a process (proc_pid_stat(5)).</summary>
/// <param name="Pid">Its pid as this process sees it.</param>
/// <param name="Name">The first 15 bytes of the executable's name; any byte may occur in it.</param>
/// <param name="State">R, S, D, T (stopped), t (traced), Z, X.</param>
/// <param name="ParentPid">Its parent; 0 when that is outside our pid namespace.</param>
/// <param name="Flags">The kernel's PF_* of its first thread.</param>
/// <param name="Threads">How many it has.</param>
/// <param name="CpuTicks">User and system time of all its threads, in clock ticks.</param>
/// <param name="StartTicks">Clock ticks between boot and its start: with the pid, the name of one incarnation.</param>
/// <param name="ExitWord">The wait(2) status of one that has ended, or of whose threads all must end; else 0, or the signal that stopped it. 0 also when we may not trace it.</param>
internal readonly record struct ProcStat(int Pid, string Name, char State, int ParentPid, long Flags, int Threads, long CpuTicks, long StartTicks, int ExitWord)
{
    // include/linux/sched.h PF_SIGNALED: the thread has met a fatal signal, its own or as its share in the end of the process. Nothing returns from there.
    const long Signaled = 0x400;

    /// <summary>
    /// Ended, and only waiting to be reaped; or bound to end. A first thread that has ended by itself while others go on looks ended, too (pthread_exit in main; for a moment execve of another thread), and is not. Bound to end: its first thread has met the end of the whole process and serves nobody any more. The rest can take long, since the last thread frees the
    /// memory, and a core is written before. The flag alone would not do: it is also set where another thread calls execve(2), which leaves the status 0. Nor would the status: a traced thread shows its stops there.
    /// </summary>
    public bool IsDead => IsDoomed || (State is 'Z' or 'X' or 'x' && Threads <= 1);

    /// <summary>Its first thread has met the end of the whole process; others may still be freeing its memory or writing its core.</summary>
    public bool IsDoomed => (Flags & Signaled) != 0 && ExitWord != 0;

    /// <summary>Stopped by a signal or by a tracer: it uses no CPU however busy it should be.</summary>
    public bool IsStopped => State is 'T' or 't';
}

/// <summary>The process table, as files under /proc. Every read can find that the process is gone: that is a value, not an exception.</summary>
internal static partial class Proc
{
    const int ClockTicksName = 2;

    /// <summary>Clock ticks per second, the unit of <see cref="ProcStat"/>'s times (100 on all that we know).</summary>
    public static long TicksPerSecond { get; } = SysConf(ClockTicksName) is > 0 and var hz ? hz : 100;

    /// <summary>Reads /proc/PID/stat; false when there is no such process.</summary>
    public static bool TryReadStat(int pid, out ProcStat stat)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var n = TryReadFile($"/proc/{pid}/stat", buffer);
        stat = default;
        return n > 0 && TryParseStat(buffer[..n], out stat);
    }

    /// <summary>Parses the line. The name may hold spaces and parentheses, so fields are counted from the last ')'.</summary>
    public static bool TryParseStat(ReadOnlySpan<byte> line, out ProcStat stat)
    {
        stat = default;
        var open = line.IndexOf((byte)'(');
        var close = line.LastIndexOf((byte)')');
        if (open < 1 || close < open || close + 2 >= line.Length || !Utf8Parser.TryParse(line[..open], out int pid, out _)) return false;

        Span<long> fields = stackalloc long[53];
        fields.Clear();
        var rest = line[(close + 2)..];
        var state = (char)rest[0];
        rest = rest.Length > 2 ? rest[2..] : default;
        var field = 4;
        for (; field <= 52 && !rest.IsEmpty; field++)
        {
            // Some fields are unsigned and beyond long; none that is used here.
            if (!Utf8Parser.TryParse(rest, out fields[field], out _)) fields[field] = 0;
            var space = rest.IndexOf((byte)' ');
            rest = space < 0 ? default : rest[(space + 1)..];
        }

        if (field <= 22) return false;
        stat = new(pid, Encoding.UTF8.GetString(line[(open + 1)..close]), state, (int)fields[4], fields[9], (int)fields[20], fields[14] + fields[15], fields[22], (int)fields[52]);
        return true;
    }

    /// <summary>The arguments of a process; null when it is gone or a kernel thread. At most the first 64 KiB.</summary>
    public static string[]? ReadCommandLine(int pid)
    {
        var buffer = new byte[64 * 1024];
        var n = TryReadFile($"/proc/{pid}/cmdline", buffer);
        if (n <= 0) return null;
        if (buffer[n - 1] == 0) n--;
        return Encoding.UTF8.GetString(buffer, 0, n).Split('\0');
    }

    /// <summary>
    /// The executable's path as its own mount namespace has it, without the kernel's " (deleted)" that a package upgrade leaves; null when it is gone or we may
    /// not look (the same user without capabilities, or CAP_SYS_PTRACE, is needed).
    /// </summary>
    public static string? ReadExecutable(int pid)
    {
        try
        {
            var path = new FileInfo($"/proc/{pid}/exe").LinkTarget;
            const string Deleted = " (deleted)";
            return path is not null && path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the kernel shows us the private parts of a process (same user, or CAP_SYS_PTRACE). Asked of a zombie too: its executable is gone then, which is only told to
    /// who may look.
    /// </summary>
    public static unsafe bool MayTrace(int pid)
    {
        byte buffer;
        return ReadLink($"/proc/{pid}/exe", &buffer, 1) >= 0 || Marshal.GetLastPInvokeError() == Errno.NoEntry;
    }

    /// <summary>The path in the unified cgroup hierarchy ("/system.slice/knot.service"); null when gone or without cgroup v2.</summary>
    public static string? ReadCgroup(int pid)
    {
        var buffer = new byte[8 * 1024];
        var n = TryReadFile($"/proc/{pid}/cgroup", buffer);
        if (n <= 0) return null;
        foreach (var line in Encoding.UTF8.GetString(buffer, 0, n).Split('\n'))
            if (line.StartsWith("0::", StringComparison.Ordinal))
                return line[3..];
        return null;
    }

    /// <summary>The pid as a process of another pid namespace sees itself, innermost last; empty when gone. More than one means that it runs in a container.</summary>
    public static int[] ReadNamespacePids(int pid)
    {
        var buffer = new byte[8 * 1024];
        var n = TryReadFile($"/proc/{pid}/status", buffer);
        if (n <= 0) return [];
        foreach (var line in Encoding.UTF8.GetString(buffer, 0, n).Split('\n'))
            if (line.StartsWith("NSpid:", StringComparison.Ordinal))
                return [.. line[6..].Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries).Select(s => int.TryParse(s, out var p) ? p : 0)];
        return [];
    }

    /// <summary>Every process that we see, in no order.</summary>
    public static List<int> ReadPids()
    {
        var pids = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(folder.AsSpan("/proc/".Length), System.Globalization.NumberStyles.None, null, out var pid))
                pids.Add(pid);
        return pids;
    }

    /// <summary>A process and its living descendants, itself first; empty when it is gone. Descendants whose parent died have moved to init and are not found.</summary>
    public static List<ProcStat> ReadTree(int root)
    {
        var tree = new List<ProcStat>();
        if (!TryReadStat(root, out var stat)) return tree;
        tree.Add(stat);
        if (!File.Exists($"/proc/{root}/task/{root}/children"))
        {
            AddByParent(tree);
            return tree;
        }

        for (var i = 0; i < tree.Count; i++)
            foreach (var child in ReadChildren(tree[i].Pid))
                if (TryReadStat(child, out var found) && found.ParentPid == tree[i].Pid)
                    tree.Add(found);
        return tree;
    }

    static List<int> ReadChildren(int pid)
    {
        var children = new List<int>();
        var buffer = new byte[16 * 1024];
        try
        {
            foreach (var task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                var n = TryReadFile(task + "/children", buffer);
                if (n <= 0) continue;
                foreach (var word in Encoding.ASCII.GetString(buffer, 0, n).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    if (int.TryParse(word, out var child))
                        children.Add(child);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked.
        }

        return children;
    }

    // Kernels without CONFIG_PROC_CHILDREN: one pass over the table.
    static void AddByParent(List<ProcStat> tree)
    {
        var byParent = new List<ProcStat>();
        foreach (var pid in ReadPids())
            if (TryReadStat(pid, out var stat))
                byParent.Add(stat);
        var children = byParent.ToLookup(s => s.ParentPid);
        for (var i = 0; i < tree.Count; i++)
            tree.AddRange(children[tree[i].Pid]);
    }

    // /proc has no length to ask for: read until the end or until the buffer is full.
    static int TryReadFile(string path, Span<byte> into)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var n = 0;
            while (n < into.Length)
            {
                var got = RandomAccess.Read(file, into[n..], n);
                if (got == 0) break;
                n += got;
            }

            return n;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint ReadLink(string path, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial long SysConf(int name);
}
