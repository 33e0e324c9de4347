using System.Globalization;
using Oops.Core;
using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>
/// Tells an idle process set from one that works, from looks at it while it answers nothing. Idle must be certain, since it makes a silence a proof: a set that waits for a CPU works, however little it
/// gets; one that waits for a disk, or of which a part is stopped, is given longer.
/// </summary>
internal sealed class WorkSampler(TimeSpan window)
{
    /// <summary>Of one core, CPU time and waiting for a CPU together.</summary>
    const double IdleShare = 0.02;

    /// <summary>A disk that stalls comes back, and what is left of a set may serve: only after so many windows nobody believes that any more.</summary>
    const int DoubtfulWindows = 6;

    /// <summary>A debugger that takes a snapshot stops a process, too.</summary>
    public static readonly TimeSpan LeastStopped = TimeSpan.FromMilliseconds(350);

    /// <summary>Clock ticks are 10 ms: over less time 2 % cannot be told.</summary>
    // Looks come five times in a second, or once. After a longer gap the host was suspended, or we were starved.
    static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(3);

    static readonly TimeSpan LeastWorking = TimeSpan.FromSeconds(1);

    /// <summary>One look.</summary>
    /// <param name="At">When.</param>
    /// <param name="Processes">How many there were.</param>
    /// <param name="Stopped">How many of them were stopped with all their threads.</param>
    /// <param name="Blocked">How many had a thread in state D.</param>
    /// <param name="Waits">A thread runs, or waits for a CPU.</param>
    /// <param name="Starves">One has waited ever since the look before.</param>
    /// <param name="Cpu">Nanoseconds on a CPU since the first look: of the threads.</param>
    /// <param name="Ticks">The same of the processes, where threads that have ended count too, but only in ticks.</param>
    /// <param name="Waited">Nanoseconds without a CPU since the first look.</param>
    readonly record struct Look(At At, int Processes, int Stopped, int Blocked, bool Waits, bool Starves, long Cpu, long Ticks, long Waited)
    {
        public bool IsStopped => Stopped == Processes;

        public bool IsDoubtful => Stopped > 0 || Blocked > 0;
    }

    readonly List<Look> looks = [];
    Dictionary<(int Pid, long Start), long> ticks = [];
    Dictionary<(int Pid, int Tid), ProcTask> tasks = [];
    long cpu;
    long ticked;
    long waited;

    TimeSpan Doubtful => window * DoubtfulWindows;

    /// <summary>Forgets what was seen: another incarnation, or it answers.</summary>
    public void Reset()
    {
        looks.Clear();
        ticks.Clear();
        tasks.Clear();
    }

    /// <summary>Looks at the main process and its descendants. Null: nothing can be said yet.</summary>
    /// <param name="main">The main process.</param>
    /// <param name="now">The time of this look.</param>
    /// <param name="since">What was seen before is of no interest: then it still answered.</param>
    public Finding? Sample(int main, At now, At since)
    {
        looks.RemoveAll(l => l.At < since);
        if (Take(main, now) is not { } look)
        {
            Reset();
            return null;
        }

        if (look.At < since) return null;
        // Over a gap in which we, or the host, stood still nothing was measured.
        if (looks.Count > 0 && now - looks[^1].At > LongestGap) looks.Clear();
        looks.Add(look);
        // One that is older than the longest span is kept, to measure from.
        while (looks.Count > 2 && looks[1].At <= now - Doubtful) looks.RemoveAt(0);
        return Judge(look);
    }

    Finding? Judge(Look last)
    {
        if (last.IsStopped) return Stopped(last);
        var from = looks[Before(last.At - window)];
        var working = Share(from, last) >= IdleShare && last.At - from.At >= LeastWorking;
        if (working || last.Starves) return new(Idle: false, last.At - from.At, Words(from, last));
        if (last.Waits) return null;
        var span = looks.Exists(l => l.At >= from.At && l.IsDoubtful) ? Doubtful : window;
        from = looks[Before(last.At - span)];
        return last.At - from.At >= span && Share(from, last) < IdleShare ? new(Idle: true, last.At - from.At, Words(from, last)) : null;
    }

    /// <summary>All of it stands still, and that needs no measuring, only that it lasts.</summary>
    Finding? Stopped(Look last)
    {
        var first = looks.FindLastIndex(l => !l.IsStopped) + 1;
        var over = last.At - looks[first].At;
        return over >= LeastStopped ? new(Idle: true, over, $"all {last.Processes} stopped (state T)") : null;
    }

    /// <summary>The last look that is not younger than that; the first if all are.</summary>
    int Before(At at) => Math.Max(0, looks.FindLastIndex(l => l.At <= at));

    static double Share(Look from, Look to) => Used(from, to) + Waited(from, to);

    static double Used(Look from, Look to) => to.At == from.At ? 0 : Math.Max(to.Cpu - from.Cpu, to.Ticks - from.Ticks) / (to.At - from.At).TotalNanoseconds;

    static double Waited(Look from, Look to) => to.At == from.At ? 0 : (to.Waited - from.Waited) / (to.At - from.At).TotalNanoseconds;

    static string Words(Look from, Look to)
    {
        var words = string.Create(CultureInfo.InvariantCulture, $"{Core.Words.Count(to.Processes, "process")}, {Used(from, to) * 100:0.0} % of a core");
        if (Waited(from, to) >= IdleShare) words += string.Create(CultureInfo.InvariantCulture, $" and {Waited(from, to) * 100:0} % waiting for one");
        if (to.Starves) words += ", waits for a CPU";
        if (to.Stopped > 0) words += $", {to.Stopped} stopped";
        if (to.Blocked > 0) words += $", {to.Blocked} blocked (state D)";
        return words;
    }

    Look? Take(int main, At now)
    {
        int processes = 0, stopped = 0, blocked = 0;
        bool waits = false, starves = false;
        var seenTicks = new Dictionary<(int, long), long>();
        var seenTasks = new Dictionary<(int, int), ProcTask>();
        foreach (var process in Proc.ReadTree(main))
        {
            var threads = Proc.ReadTasks(process.Pid);
            if (threads.Count == 0) continue;
            processes++;
            var id = (process.Pid, process.StartTicks);
            ticked += (process.CpuTicks - ticks.GetValueOrDefault(id, looks.Count == 0 ? process.CpuTicks : 0)) * (1_000_000_000 / Proc.TicksPerSecond);
            seenTicks[id] = process.CpuTicks;
            stopped += threads.TrueForAll(t => t.IsStopped) ? 1 : 0;
            blocked += threads.Exists(t => t.State == 'D') ? 1 : 0;
            foreach (var thread in threads)
            {
                seenTasks[(process.Pid, thread.Tid)] = thread;
                var known = tasks.TryGetValue((process.Pid, thread.Tid), out var before);
                waits |= thread.State == 'R';
                starves |= known && thread.State == 'R' && before.State == 'R' && thread.Turns == before.Turns && thread.Cpu == before.Cpu;
                if (!known) continue;
                cpu += Math.Max(0, thread.Cpu - before.Cpu);
                waited += Math.Max(0, thread.Waited - before.Waited);
            }
        }

        if (processes == 0) return null;
        (ticks, tasks) = (seenTicks, seenTasks);
        return new(now, processes, stopped, blocked, waits, starves, cpu, ticked, waited);
    }
}
