namespace Oops.Simulate;

internal enum Storm : byte
{
    /// <summary>Every server that fetches the zone has it broken, and so has its primary.</summary>
    BadData,

    /// <summary>The primary cannot be asked.</summary>
    NoPrimary,

    /// <summary>An attack on all sites.</summary>
    Flood,

    /// <summary>The wall clock is not to be believed.</summary>
    Clock,
}

/// <summary>What befalls all sites at once.</summary>
internal sealed record Weather(IReadOnlyList<(Storm Storm, long From, long To, string Zone)> Storms)
{
    public static readonly string[] Zones = ["a", "b", "c", "d", "e"];

    public static Weather Of(Dice dice, long end)
    {
        var storms = new List<(Storm, long, long, string)>();
        for (var n = dice.Below(4); n > 0; n--)
        {
            var from = dice.Between(30, (int)(end / 1000)) * 1000L;
            storms.Add(((Storm)dice.Below(4), from, from + (dice.Between(5, 600) * 1000L), dice.Pick(Zones)));
        }
        return new(storms);
    }

    public bool Is(Storm storm, long now, string? zone = null)
    {
        foreach (var s in Storms)
            if (s.Storm == storm && s.From <= now && now < s.To && (zone is null || s.Zone == zone)) return true;
        return false;
    }
}
