using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>One zone as the notify source knows it. Owned by <see cref="NotifyZones"/>, whose gate guards all of it.</summary>
internal sealed class NotifyZone(byte[] wire, int hash, bool named)
{
    /// <summary>The name, lower case, in wire form.</summary>
    public byte[] Wire => wire;

    public int Hash => hash;

    /// <summary>In the config's list or the server's expected set: polled. Others were learnt through a wildcard and are asked for only when they are notified.</summary>
    public bool Named { get; set; } = named;

    /// <summary>Next in the table's bucket.</summary>
    public NotifyZone? Next { get; set; }

    /// <summary>Null until the first good answer; any number is legal, 0 too.</summary>
    public uint? Serial { get; set; }

    /// <summary>The server said with authority that it does not have the zone.</summary>
    public bool Absent { get; set; }

    /// <summary>The server has answered since, and not for the zone: SERVFAIL, REFUSED.</summary>
    public bool Declined { get; set; }

    /// <summary>Failed checks in a row.</summary>
    public int Failures { get; set; }

    /// <summary>The SOA's retry, seconds; 0 before the first good answer.</summary>
    public uint Retry { get; set; }

    /// <summary>What was notified and not yet looked at: however many NOTIFYs, one look.</summary>
    public Notified Wants { get; set; }

    /// <summary>The last notifier.</summary>
    public PeerAddress By { get; set; }

    /// <summary>The serial that the last NOTIFY told, if it told one.</summary>
    public uint? Told { get; set; }

    /// <summary>How often it was looked at again since, because the answer was not yet what had been notified.</summary>
    public byte Again { get; set; }

    /// <summary>A NOTIFY at or after this begins to count them anew.</summary>
    public TimeSpan AgainAnew { get; set; }

    /// <summary>Being looked at.</summary>
    public bool Busy { get; set; }

    /// <summary>In the queue of zones to look at now.</summary>
    public bool Queued { get; set; }

    /// <summary>Left the config or the expected set while it was being looked at.</summary>
    public bool Gone { get; set; }

    /// <summary>Not asked for again before this.</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>When it is asked for next if nobody notifies; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan PollAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>When it is looked at next, if it is in the heap.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>Its place in the heap; -1: not there.</summary>
    public int Place { get; set; } = -1;

    /// <summary>Learnt through a wildcard and never answered for.</summary>
    public bool Unproved => !Named && Serial is null;

    public DnsName Name => DnsName.TryFromWire(wire, out var name) ? name : default;
}
