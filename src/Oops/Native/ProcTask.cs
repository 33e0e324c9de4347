namespace Oops.Native;

/// <summary>One thread of a process, from /proc/PID/task/TID/stat and schedstat (proc_pid_stat(5); Documentation/scheduler/sched-stats).</summary>
/// <param name="Tid">Its number.</param>
/// <param name="State">R (runs, or waits for a CPU), S, D (waits for a disk or a page), T (stopped), t (traced), Z, X.</param>
/// <param name="Cpu">Nanoseconds on a CPU; 0 where the kernel does not count them.</param>
/// <param name="Waited">Nanoseconds that it was runnable and had no CPU, counted when it gets one; 0 where the kernel does not count them.</param>
/// <param name="Turns">How often it got a CPU.</param>
internal readonly record struct ProcTask(int Tid, char State, long Cpu, long Waited, long Turns)
{
    public bool IsDead => State is 'Z' or 'X' or 'x';

    public bool IsStopped => State is 'T' or 't';
}
