using System.Globalization;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>
/// Which ExaBGP this is: nothing that it answers tells a restart from a new session. Its control process, which has the pipes open, is a new one after each reload (SIGUSR1) while the routes stay (4.2.21), so the main process counts:
/// the parent of that one. Whose pipes these are is not shown to other users, so all ExaBGPs of the host count. And the pipe itself: Debian's unit makes a new one at each start, which counts where the process is in a container. The socket of a relay is a new one also when the relay alone was started again: it counts
/// only where no process is seen.
/// </summary>
internal sealed class ExabgpProcess(string path, bool isSocket)
{
    List<(int Pid, long Start)> known = [];

    /// <summary>One that has just been started has no control process yet, and is seen once it answers.</summary>
    public bool IsUnseen => known.Count == 0;

    /// <summary>Text that changes when it was restarted. Reads /proc: not on the machine's thread.</summary>
    public string Read()
    {
        if (known.Count == 0 || known.Exists(k => !Proc.TryReadStat(k.Pid, out var stat) || stat.StartTicks != k.Start || stat.IsDead)) known = Find();
        var processes = known.Count == 0 ? "no process seen" : string.Join(", ", known.Select(k => string.Create(CultureInfo.InvariantCulture, $"pid {k.Pid} of tick {k.Start}")));
        if (isSocket && known.Count > 0) return processes;
        var inode = FileFacts.TryRead(path, out var facts, out _) ? facts.Inode : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{processes}, {(isSocket ? "socket" : "pipe")} {inode}");
    }

    /// <summary>Those whose program is ExaBGP, with a child of that program. A control process alone, whose ExaBGP has just died, is none: it ends, too, and that is no restart.</summary>
    static List<(int Pid, long Start)> Find()
    {
        List<ProcStat> found = [];
        foreach (var pid in Proc.ReadPids())
            if (Proc.TryReadStat(pid, out var stat) && IsExabgp(Proc.ReadCommandLine(pid)))
                found.Add(stat);
        return [.. found.Where(f => found.Exists(o => o.ParentPid == f.Pid)).Select(f => (f.Pid, f.StartTicks)).Order()];
    }

    /// <summary>`/usr/bin/python3 /usr/sbin/exabgp /etc/exabgp/exabgp.conf`, `python3 -m exabgp ...`, or a program of that name.</summary>
    public static bool IsExabgp(string[]? line)
    {
        const string Word = "exabgp";
        if (line is not [var program, ..]) return false;
        if (Path.GetFileName(program) == Word) return true;
        return Path.GetFileName(program).StartsWith("py", StringComparison.Ordinal) && line.Length > 1 && (line[1] == "-m" ? line.ElementAtOrDefault(2) == Word : Path.GetFileName(line[1]) == Word);
    }
}
