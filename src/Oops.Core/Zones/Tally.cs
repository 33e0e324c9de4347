namespace Oops.Core;

/// <summary>How many zones are in which state, seen through one entry.</summary>
internal readonly record struct Tally(int Met, int NotMet, int Unknown, int Excused)
{
    public int Count => Met + NotMet + Unknown;
}
