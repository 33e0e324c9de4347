using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>The page that a thread judges: what is found on it, and, where that shall stand for later versions, what else of the zone was looked at for it.</summary>
internal sealed class Docket(ZonePlan plan, bool keeps)
{
    /// <summary>Of the page at hand.</summary>
    public PageResult Result { get; private set; } = new();

    public Findings Findings => Result.Findings;

    /// <summary>Null: nobody will ask.</summary>
    public GroundNotes? Notes { get; } = keeps ? new() : null;

    public void Begin() => Result = new();

    public PageResult Finish()
    {
        Result.Grounds = Notes?.Take();
        return Result;
    }

    /// <summary>A name that may be on any page. What is looked at of it must be among its <see cref="ZoneChange.Aspects"/>.</summary>
    public ZoneNode Find(ReadOnlySpan<byte> key)
    {
        Notes?.Asked(key);
        return plan.Zone.Names.Find(key);
    }

    /// <summary>There is something at a name or below it.</summary>
    public bool HasAny(ReadOnlySpan<byte> key)
    {
        // What changes at the name itself marks it so as well.
        Notes?.AskedBelow(key);
        var found = plan.Zone.Names.From(key).Current;
        return !found.IsNone && found.Key.StartsWith(key);
    }
}
