using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>Tells an idle process set from one that works, by its CPU time between two looks. Silence of an idle server is a hang, of a busy one an overload.</summary>
internal sealed class CpuSampler
{
    /// <summary>Of one core.</summary>
    const double IdleShare = 0.02;

    Dictionary<(int Pid, long Start), long> last = [];
    long lastAt;

    /// <summary>Forgets what was seen: another incarnation.</summary>
    public void Reset() => (last, lastAt) = ([], 0);

    /// <summary>Looks at the main process and its descendants. Null at the first look, or when nothing is there any more.</summary>
    /// <param name="main">The main process.</param>
    /// <param name="now">Milliseconds on any steady clock.</param>
    /// <param name="detail">"3 processes, 0.4 % of a core".</param>
    public bool? Sample(int main, long now, out string detail)
    {
        var set = Proc.ReadTree(main);
        var ticks = 0L;
        var seen = new Dictionary<(int, long), long>(set.Count);
        foreach (var process in set)
        {
            var id = (process.Pid, process.StartTicks);
            ticks += process.CpuTicks - last.GetValueOrDefault(id);
            seen[id] = process.CpuTicks;
        }

        var (first, span) = (last.Count == 0, now - lastAt);
        (last, lastAt) = (seen, now);
        detail = "";
        if (set.Count == 0 || first || span <= 0) return null;
        if (set.TrueForAll(p => p.IsStopped))
        {
            detail = $"all {set.Count} stopped (state T)";
            return true;
        }

        var share = ticks * 1000.0 / (Proc.TicksPerSecond * span);
        detail = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Core.Words.Count(set.Count, "process")}, {share * 100:0.0} % of a core");
        return share < IdleShare;
    }
}
