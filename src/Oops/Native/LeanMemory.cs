using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>
/// How the runtime and libc take memory. Unless told otherwise the runtime (10.0) lets half of the processor's last cache be allocated between two collections of the garbage of the last moments, and libc keeps for each
/// thread what its compiling once took: of a daemon that allocates some kilobytes in a second that is memory which is written once and held for ever. Both are told by their environment only, before any code of ours, so the
/// daemon begins once more with it (ADR 10).
/// </summary>
internal static unsafe partial class LeanMemory
{
    const string Variable = "DOTNET_GCgen0size";

    // The runtime reads its own as hexadecimal: 1 MiB, and no more than 4 where much survives. It would go up to 200, and a first read of a million zones would do nothing but that, with pauses of 100 ms.
    // libc: one arena for all threads, and what is larger than 64 KiB goes back to the kernel when it is free (mallopt(3)).
    const string Settings = Variable + "=100000\0DOTNET_GCGen0MaxBudget=400000\0MALLOC_ARENA_MAX=1\0MALLOC_MMAP_THRESHOLD_=65536\0MALLOC_TRIM_THRESHOLD_=65536\0";

    const int SigHangUp = 1;

    /// <summary>Executes the program again, as it was called, in this very process. SIGHUP, which nohup(1) has it ignore, is received again: it reads the config. Returns where that was done before, was set by somebody else, or cannot be done.</summary>
    public static void BeginWithIt()
    {
        Spawn.Receive(SigHangUp);
        if (Environment.GetEnvironmentVariable(Variable) is not null || Environment.ProcessPath is not { } program) return;
        byte[] arguments, environment;
        try
        {
            arguments = File.ReadAllBytes("/proc/self/cmdline");
            environment = [.. File.ReadAllBytes("/proc/self/environ"), .. Encoding.ASCII.GetBytes(Settings)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc the daemon is some megabytes larger.
            return;
        }

        fixed (byte* argv = arguments, envp = environment)
        fixed (byte** argvStarts = Starts(argv, arguments), envpStarts = Starts(envp, environment))
            _ = Execute(program, argvStarts, envpStarts);
    }

    /// <summary>Where each of the strings begins, and a null at their end.</summary>
    static byte*[] Starts(byte* at, byte[] strings)
    {
        var count = strings.AsSpan().Count((byte)0);
        var starts = new byte*[count + 1];
        for (int i = 0, from = 0; i < count; i++)
        {
            starts[i] = at + from;
            from += strings.AsSpan(from).IndexOf((byte)0) + 1;
        }

        return starts;
    }

    // Returns only when it fails.
    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, byte** argv, byte** envp);
}
