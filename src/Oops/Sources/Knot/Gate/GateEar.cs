using System.Globalization;
using Oops.Servers;

namespace Oops.Sources.Knot.Gate;

/// <summary>What the bus tells the gate: only where to look. What waits is what the control socket says.</summary>
internal sealed class GateEar(Look look, GateCounts counts, Action<string?> tell) : IKnotListener
{
    readonly Lock gate = new();
    string owner = "";
    int? ownerPid;
    int? listenerPid;
    bool connected;
    string? told = "";

    public void Lost(string reason)
    {
        lock (gate) (connected, owner, ownerPid) = (false, "", null);
        Tell(reason);
    }

    public void Owner(string name, int? pid)
    {
        lock (gate) (connected, owner, ownerPid) = (true, name, pid);
        Weigh();
        // What it said before we heard it is not known.
        look.AtOnce();
    }

    public void Hear(string sender, in KnotSignal signal)
    {
        if (signal.Kind != KnotSignalKind.ExternalVerify) return;
        lock (gate)
        {
            if (sender != owner) return;
            if (IsForeign)
            {
                counts.Add(GateCount.Foreign);
                return;
            }
        }

        counts.Add(GateCount.Heard);
        look.At(signal.Zone);
    }

    public void Missed() => look.AtAll();

    /// <summary>Who listens on the control socket; null: nobody, or it cannot be seen.</summary>
    public void Listens(int? pid)
    {
        lock (gate) listenerPid = pid;
        Weigh();
    }

    bool IsForeign => ownerPid is { } speaks && listenerPid is { } listens && speaks != listens;

    void Weigh()
    {
        string? why = null;
        lock (gate)
        {
            if (!connected) return;
            if (owner.Length == 0) why = $"d-bus: nobody owns {KnotSignal.BusName}: has knotd a dbus-event, and was the bus restarted?";
            else if (IsForeign) why = string.Create(CultureInfo.InvariantCulture, $"d-bus: {KnotSignal.BusName} belongs to pid {ownerPid}, but the server is pid {listenerPid}");
        }

        Tell(why);
    }

    void Tell(string? why)
    {
        lock (gate)
        {
            if (told == why) return;
            told = why;
        }

        tell(why);
    }
}
