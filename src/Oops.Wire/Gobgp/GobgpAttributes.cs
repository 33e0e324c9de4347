namespace Oops.Wire.Gobgp;

/// <summary>The path attributes that a form of ours can have.</summary>
enum GobgpAttribute
{
    /// <summary>Any other.</summary>
    Other,
    Origin,
    AsPath,
    NextHop,
    Med,
    LocalPref,
    Communities,
    MpReach,
    Large,
}

/// <summary>What they are called in v3, and their numbers in the oneof of v4.</summary>
static class GobgpAttributes
{
    static readonly (GobgpAttribute Kind, string Name, uint Number)[] Known =
    [
        (GobgpAttribute.Origin, "OriginAttribute", 2),
        (GobgpAttribute.AsPath, "AsPathAttribute", 3),
        (GobgpAttribute.NextHop, "NextHopAttribute", 4),
        (GobgpAttribute.Med, "MultiExitDiscAttribute", 5),
        (GobgpAttribute.LocalPref, "LocalPrefAttribute", 6),
        (GobgpAttribute.Communities, "CommunitiesAttribute", 9),
        (GobgpAttribute.MpReach, "MpReachNLRIAttribute", 12),
        (GobgpAttribute.Large, "LargeCommunitiesAttribute", 21),
    ];

    public static string Name(GobgpAttribute kind) => Array.Find(Known, k => k.Kind == kind).Name;

    public static uint Number(GobgpAttribute kind) => Array.Find(Known, k => k.Kind == kind).Number;

    public static GobgpAttribute Of(string name) => Array.Find(Known, k => k.Name == name).Kind;

    public static GobgpAttribute Of(uint number) => Array.Find(Known, k => k.Number == number).Kind;
}
