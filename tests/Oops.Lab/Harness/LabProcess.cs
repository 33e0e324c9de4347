using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Oops.Lab.Harness;

/// <summary>Which side of the veth a program runs on.</summary>
internal enum Side
{
    Node,
    Upstream,
}

/// <summary>
/// A real program, started by argv and ended by pid. What it prints goes to a file. It ends with this process at the latest: on disposal, and with
/// the process namespace of `tests/lab.sh`. (PR_SET_PDEATHSIG is of no use: it fires when the *thread* that forked ends, and ours is of the pool.)
/// </summary>
internal sealed partial class LabProcess : IAsyncDisposable
{
    public const int Hup = 1;
    public const int Int = 2;
    public const int KillNow = 9;
    public const int Term = 15;
    public const int Cont = 18;
    public const int Stop = 19;

    readonly Process process;

    LabProcess(string name, Process process, string output)
    {
        Name = name;
        Output = output;
        this.process = process;
    }

    public string Name { get; }

    /// <summary>The file with what it printed.</summary>
    public string Output { get; }

    public int Pid => process.Id;

    public bool Running => !process.HasExited;

    public int ExitCode => process.ExitCode;

    public static LabProcess Start(string output, Side side, IReadOnlyDictionary<string, string>? environment, params string[] argv)
    {
        string program = argv[0].Contains('/', StringComparison.Ordinal) ? argv[0] : Lab.Find(argv[0]) ?? throw new InvalidOperationException(Lab.Missing(argv[0]));
        // nsenter and sh replace themselves: the pid is the program's.
        string[] enter = side == Side.Upstream ? ["nsenter", "--net=" + Lab.UpstreamNamespace, "--"] : [];
        string[] line = [.. enter, "sh", "-c", "out=$1; shift; exec \"$@\" >>\"$out\" 2>&1 </dev/null", "sh", output, program, .. argv[1..]];
        var start = new ProcessStartInfo(line[0]) { UseShellExecute = false };
        foreach (string argument in line[1..])
            start.ArgumentList.Add(argument);
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {argv[0]}");
        return new LabProcess(Path.GetFileName(argv[0]), process, output);
    }

    public static LabProcess Start(string output, params string[] argv) => Start(output, Side.Node, null, argv);

    /// <summary>kill(2); false when it is gone already.</summary>
    public bool Signal(int signal) => Kill(Pid, signal) == 0;

    /// <summary>Sends the signal (0: none) and waits for the end; kills after the time given.</summary>
    public async Task EndAsync(int signal = Term, TimeSpan? patience = null)
    {
        if (signal != 0 && Running)
            Signal(signal);
        using var late = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(5));
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            Signal(KillNow);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>The last lines that it printed, for the message of a failure.</summary>
    public string Tail(int lines = 15)
    {
        if (!File.Exists(Output))
            return $"[{Name}: no output]";
        return $"[{Name}, {(Running ? "running" : "exit " + ExitCode)}]\n" + string.Join('\n', File.ReadLines(Output).TakeLast(lines));
    }

    public async ValueTask DisposeAsync()
    {
        if (Running)
        {
            Signal(Cont);
            await EndAsync();
        }
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);
}
