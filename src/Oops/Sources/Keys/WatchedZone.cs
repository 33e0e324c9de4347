using Oops.Core;
using Oops.Keys;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>One zone under watch. What is known of it is kept over a restart; the rest is of this run.</summary>
internal sealed class WatchedZone(string name, DnsName zone, ZoneKeys known, At due)
{
    const int LongestChange = 1000;

    public string Name => name;

    public DnsName Zone => zone;

    public ZoneKeys Known { get; set; } = known;

    public At Due { get; set; } = due;

    /// <summary>The serials whose keys were seen, by address.</summary>
    public Dictionary<string, uint> Serials { get; } = new(StringComparer.Ordinal);

    /// <summary>Those that were read since.</summary>
    public Dictionary<string, uint> News { get; } = new(StringComparer.Ordinal);

    /// <summary>When an address answered last in this run.</summary>
    public At? Heard { get; set; }

    /// <summary>When a server of the parent answered last in this run.</summary>
    public At? ParentHeard { get; set; }

    /// <summary>Looks one after the other at which somebody did not answer, or did not agree.</summary>
    public int Failures { get; set; }

    /// <summary>What changed last, in words; of what was not told yet all of it.</summary>
    public string? Change { get; private set; }

    bool untold;

    public void Changed(string words)
    {
        Change = untold ? $"{Change}; then {words}" : words;
        if (Change.Length > LongestChange) Change = Change[^LongestChange..];
        untold = true;
    }

    public void Told() => untold = false;

    /// <summary>What is known is on the disk.</summary>
    public bool Stored { get; set; }

    /// <summary>Nobody answered at the last look, and what the first said.</summary>
    public string? Silent { get; set; }

    public string? ParentSilent { get; set; }

    /// <summary>DS and keys did not fit at the last look.</summary>
    public bool Mismatch { get; set; }
}
