using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// What the daemon's unit gives to the daemon is not for the commands that it runs: a nice value below 0, ambient capabilities (capabilities(7)), and an OOM score that spares it.
/// The first two belong to a thread and are inherited from it, so a child is started on a thread that has given them up.
/// </summary>
internal static partial class Modestly
{
    const int SetAmbient = 47;
    const int ClearAll = 4;

    // In a memory shortage a command that eats it must go before the daemon that started it.
    static readonly bool IsSpared = TryReadScore(out var score) && score < 0;

    /// <summary>Runs it on a thread without the daemon's privileges, and waits for its end.</summary>
    public static int Run(Func<int> start)
    {
        var result = 0;
        var thread = new Thread(() =>
        {
            // Neither can fail in a way that matters: who has no ambient capabilities, or no priority, has nothing to give up.
            _ = Control(SetAmbient, ClearAll, 0, 0, 0);
            if (GetPriority(0, 0) < 0) _ = SetPriority(0, 0, 0);
            result = start();
        });
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>Takes a child's protection from the OOM killer away. It is inherited by a process, not by a thread, so the child has it for a moment.</summary>
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
