using Oops.Native;

namespace Oops.Doctor;

/// <summary>A running server or router: the main process.</summary>
internal sealed record Seen(Software Software, int Pid, string? Executable, string[] Arguments);

/// <summary>Looks through the process table for what is known.</summary>
internal static class ProcessScan
{
    /// <summary>More would be a machine that hosts others' machines.</summary>
    const int Most = 64;

    public static List<Seen> Read(CancellationToken stop)
    {
        var all = new Dictionary<int, (Seen Seen, int Parent)>();
        foreach (var pid in Proc.ReadPids())
        {
            if (stop.IsCancellationRequested || all.Count >= Most) break;
            if (!Proc.TryReadStat(pid, out var stat) || stat.IsDead) continue;
            var executable = Proc.ReadExecutable(pid);
            var arguments = Proc.ReadCommandLine(pid) ?? [];
            if (Of(executable, arguments, stat.Name) is { } software) all[pid] = (new Seen(software, pid, executable, arguments), stat.ParentPid);
        }

        // A server's workers are not servers.
        return [.. all.Values.Where(p => !all.TryGetValue(p.Parent, out var parent) || parent.Seen.Software != p.Seen.Software).Select(p => p.Seen).OrderBy(s => s.Pid)];
    }

    // The executable, where we may look; else what the process calls itself.
    static Software? Of(string? executable, string[] arguments, string name)
    {
        var program = Path.GetFileName(executable) ?? name;
        if (Software.All.FirstOrDefault(s => s.Executables.Contains(program)) is { } found) return found;
        // A program in Python is its interpreter's argument.
        var script = program.StartsWith("python", StringComparison.Ordinal) && arguments.Length > 1 ? Path.GetFileName(arguments[1]) : name;
        return Software.All.FirstOrDefault(s => s.Word == "exabgp" && s.Executables.Contains(script));
    }
}
