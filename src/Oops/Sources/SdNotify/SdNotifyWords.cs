using System.Globalization;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.SdNotify;

namespace Oops.Sources.SdNotify;

/// <summary>What a state is worth as a claim: the server's own word is a proof, that of another process of the same program below it a suspicion, anybody else's nothing.</summary>
internal sealed class SdNotifyWords(SdNotifyTarget target, IEngine engine, SdNotifyCounts counts)
{
    // Ancestors that are looked at; nobody nests its workers deeper.
    const int MostAncestors = 8;

    int? serverPid;
    int? formerPid;
    (int Pid, long Start, SdNotifyState State) last;
    (int Pid, SdNotifyState State) claimed;

    /// <summary>Somebody has said so.</summary>
    public void Hear(int pid, SdNotifyState state)
    {
        // A reload is no change of the server's life, and says nothing of its zones: NSD tells one for each transfer, and READY also when it has failed.
        if (state is SdNotifyState.None or SdNotifyState.Reloading) return;
        Look();
        // Its last word may be heard after its end.
        var isServer = pid != 0 && (pid == serverPid || (serverPid is null && pid == formerPid));
        // It may be gone already; it was there when it spoke.
        var seen = Proc.TryReadStat(pid, out var stat);
        if (isServer)
        {
            Claim(pid, state, Evidence.Proof);
        }
        else if (seen && state == SdNotifyState.Stopping && serverPid is { } main && IsWorker(stat, main))
        {
            if (claimed != (main, SdNotifyState.Stopping)) Claim(pid, state, Evidence.Suspicion);
            return;
        }
        else
        {
            counts.Stranger();
        }

        // Before its pidfile is there nobody knows the server: its word is kept until somebody does.
        if (seen) last = (pid, stat.StartTicks, state);
    }

    /// <summary>The view of the server may have changed. What was claimed before it was known which process it is, or of the one before it, has ended: its word counts again.</summary>
    public void Look()
    {
        var pid = engine.Server(target.Server).Pid;
        if (pid == serverPid) return;
        (formerPid, serverPid) = (serverPid, pid);
        claimed = default;
        if (pid is { } known && known == last.Pid && Proc.TryReadStat(known, out var stat) && stat.StartTicks == last.Start) Claim(known, last.State, Evidence.Proof);
    }

    void Claim(int pid, SdNotifyState state, Evidence evidence)
    {
        // NSD says READY after each transfer.
        if (claimed == (pid, state)) return;
        claimed = (pid, state);
        var stopping = state == SdNotifyState.Stopping;
        engine.Send(new ServerSignal(target.Channel, Measure.Stopping, stopping ? 1 : 0, evidence, string.Create(CultureInfo.InvariantCulture, $"pid {pid} says {(stopping ? "STOPPING" : "READY")}")));
    }

    static bool IsWorker(ProcStat stat, int main)
    {
        if (!Proc.TryReadStat(main, out var top) || top.Name != stat.Name) return false;
        for (var i = 0; i < MostAncestors && stat.ParentPid > 1; i++)
        {
            if (stat.ParentPid == main) return true;
            if (!Proc.TryReadStat(stat.ParentPid, out stat)) return false;
        }

        return false;
    }
}
