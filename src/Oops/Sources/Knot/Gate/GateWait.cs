using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Knot.Gate;

/// <summary>A version that waits. One that differs in any of this is another one: nothing that was found out about the one counts for the other.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Pid">Of the knotd; null: it cannot be seen from here.</param>
/// <param name="Serial">Of the version.</param>
/// <param name="Dump">The file that knotd wrote it into; null: none is configured, or none is there.</param>
internal readonly record struct Held(DnsName Zone, int? Pid, uint Serial, FileStamp? Dump);

/// <summary>A version that waits, and the way to end what is done about it.</summary>
internal sealed class GateWait(Held held, long since, CancellationToken stop) : IDisposable
{
    readonly CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stop);

    public Held Held => held;

    /// <summary>When it was seen.</summary>
    public long Since => since;

    public string Zone { get; } = held.Zone.ToString();

    /// <summary>Another version waits in its place, or the gate ends.</summary>
    public CancellationToken Token => ends.Token;

    public bool Superseded { get; private set; }

    public void Supersede()
    {
        Superseded = true;
        ends.Cancel();
    }

    public void Dispose() => ends.Dispose();
}
