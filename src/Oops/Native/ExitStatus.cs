namespace Oops.Native;

/// <summary>How a process ended, where that could be learned: an exit code, or the signal that killed it.</summary>
/// <param name="Known">False: it ended, and nobody told how.</param>
/// <param name="Code">Exit code 0-255; 0 when a signal killed it.</param>
/// <param name="Signal">Signal number, 0 when it exited by itself.</param>
/// <param name="CoreDumped">The kernel wrote (or piped) a core.</param>
internal readonly record struct ExitStatus(bool Known, int Code, int Signal, bool CoreDumped)
{
    /// <summary>It ended; how is not known.</summary>
    public static ExitStatus Unknown => default;

    /// <summary>Ended by itself with code 0.</summary>
    public bool Ok => Known && Code == 0 && Signal == 0;

    /// <summary>From the status word of wait(2), which PIDFD_GET_INFO and field 52 of /proc/PID/stat use too.</summary>
    public static ExitStatus FromWait(int status) => new(true, (status >> 8) & 0xff, status & 0x7f, (status & 0x80) != 0);

    /// <summary>"exit code 1", "killed by SIGSEGV (core dumped)".</summary>
    public override string ToString() =>
        !Known ? "exit status unknown"
        : Signal == 0 ? $"exit code {Code}"
        : $"killed by {SignalName(Signal)}{(CoreDumped ? " (core dumped)" : "")}";

    /// <summary>The name of a signal as kill(1) prints it.</summary>
    public static string SignalName(int signal) => signal is > 0 and < 32 ? "SIG" + Names[signal] : $"signal {signal}";

    // Linux on x86-64 and arm64.
    static readonly string[] Names =
    [
        "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
}
