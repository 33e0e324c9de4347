using System.Globalization;
using Oops.Lab.Harness;
using Oops.Native;

namespace Oops.Bench.Idle;

/// <summary>What a process costs: the kernel's own accounts.</summary>
internal sealed class ProcessCost(int pid)
{
    readonly long from = WireTap.Now();
    readonly long cpu = Cpu(pid);

    /// <summary>CPU since this was made, in percent of a core.</summary>
    public double Percent() => Milliseconds() / ((WireTap.Now() - from) / 1e8);

    /// <summary>CPU since this was made.</summary>
    public double Milliseconds() => 1000.0 * (Cpu(pid) - cpu) / Proc.TicksPerSecond;

    /// <summary>Octets of resident memory.</summary>
    public static long Resident(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;

    static long Cpu(int pid) => Proc.TryReadStat(pid, out var stat) ? stat.CpuTicks : throw new InvalidOperationException("it has ended");
}
