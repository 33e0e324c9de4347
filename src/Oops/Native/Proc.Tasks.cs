using System.Buffers.Text;
using System.Globalization;

namespace Oops.Native;

/// <summary>The threads of a process.</summary>
internal static partial class Proc
{
    /// <summary>The numbers of the threads of a process, oldest first, but not more than so many; empty when it is gone.</summary>
    public static List<int> ReadThreads(int pid, int most = 16)
    {
        var threads = new List<int>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories($"/proc/{pid}/task").Take(most))
                if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, null, out var tid))
                    threads.Add(tid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked.
        }

        return threads;
    }

    /// <summary>All threads of a process that live; empty when it is gone or a zombie.</summary>
    public static List<ProcTask> ReadTasks(int pid)
    {
        var tasks = new List<ProcTask>();
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            foreach (var folder in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                var n = TryReadFile(folder + "/stat", buffer);
                if (n <= 0 || !TryParseStat(buffer[..n], out var stat) || stat.State is 'Z' or 'X' or 'x') continue;
                n = TryReadFile(folder + "/schedstat", buffer);
                tasks.Add(n > 0 && TryParseSchedstat(buffer[..n], out var cpu, out var waited, out var turns)
                    ? new(stat.Pid, stat.State, cpu, waited, turns)
                    : new(stat.Pid, stat.State, 0, 0, 0));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked.
        }

        return tasks;
    }

    /// <summary>Parses "cpu waited turns"; zeros and false when it is something else.</summary>
    public static bool TryParseSchedstat(ReadOnlySpan<byte> line, out long cpu, out long waited, out long turns)
    {
        (cpu, waited, turns) = (0, 0, 0);
        if (!Utf8Parser.TryParse(line, out long a, out var n) || n + 1 >= line.Length) return false;
        line = line[(n + 1)..];
        if (!Utf8Parser.TryParse(line, out long b, out n) || n + 1 >= line.Length) return false;
        if (!Utf8Parser.TryParse(line[(n + 1)..], out long c, out _)) return false;
        (cpu, waited, turns) = (a, b, c);
        return true;
    }
}
