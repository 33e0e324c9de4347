using Oops.Core;
using Oops.Keys;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>One zone under watch. What is known of it is kept over a restart; the rest is of this run.</summary>
internal sealed class WatchedZone(string name, DnsName zone, ZoneKeys known, At due)
{
    public string Name => name;

    public DnsName Zone => zone;

    public ZoneKeys Known { get; set; } = known;

    public At Due { get; set; } = due;

    /// <summary>Its serials as they were seen last, by address.</summary>
    public Dictionary<string, uint> Serials { get; } = new(StringComparer.Ordinal);

    /// <summary>An address has answered in this run.</summary>
    public bool Heard { get; set; }

    /// <summary>When a server of the parent answered last in this run.</summary>
    public At? ParentHeard { get; set; }

    /// <summary>From the last look to the next.</summary>
    public TimeSpan Interval { get; set; }

    /// <summary>What changed last, in words.</summary>
    public string? Change { get; set; }

    /// <summary>What is known is on the disk.</summary>
    public bool Stored { get; set; }

    /// <summary>Nobody answered at the last look, and what the first said.</summary>
    public string? Silent { get; set; }

    public string? ParentSilent { get; set; }

    /// <summary>DS and keys did not fit at the last look.</summary>
    public bool Mismatch { get; set; }
}
