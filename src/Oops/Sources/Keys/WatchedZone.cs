using Oops.Core;
using Oops.Keys;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>One zone under watch. What is known of it is kept over a restart; the rest is of this run.</summary>
internal sealed class WatchedZone(string name, DnsName zone, At due)
{
    const int LongestChange = 1000;

    public string Name => name;

    public DnsName Zone => zone;

    public ZoneKeys Known { get; set; } = new();

    public At Due { get; private set; } = due;

    /// <summary>Its first serial is being read: it is not looked at before.</summary>
    public bool Waits { get; set; }

    /// <summary>It is being looked at.</summary>
    public bool Looking { get; private set; }

    bool again;

    /// <summary>Is looked at as soon as may be; where it is being looked at, once more.</summary>
    public void Hurry(At now)
    {
        Due = At.Min(Due, now);
        again = Looking;
    }

    public void Begin() => (Looking, again) = (true, false);

    /// <summary>A look is over, and the next one is due then.</summary>
    public void End(At now, At due) => (Looking, Due) = (false, again ? now : due);

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

    /// <summary>What the store had of it was taken.</summary>
    public bool Remembered { get; set; }

    /// <summary>What is known is on the disk.</summary>
    public bool Stored { get; set; }

    /// <summary>Nobody answered at the last look, and what the first said.</summary>
    public string? Silent { get; set; }

    public string? ParentSilent { get; set; }

    /// <summary>Who was not heard at the last look, and why; null: all were.</summary>
    public string? Trouble { get; set; }

    /// <summary>It was looked at in this run.</summary>
    public bool Seen { get; set; }

    /// <summary>Something was claimed of it.</summary>
    public bool Said { get; set; }

    /// <summary>What was heard then is judged no more; also where nothing was heard in this run.</summary>
    public bool IsOld(At? heard, At now) => heard is not { } at || now - at > Known.Stands;

    /// <summary>DS and keys did not fit at the last look.</summary>
    public bool Mismatch { get; set; }
}
