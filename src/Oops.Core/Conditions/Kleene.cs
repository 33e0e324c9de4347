namespace Oops.Core;

/// <summary>Three-valued logic, and what it means for each polarity. That is the whole rule (DESIGN, Claims).</summary>
internal static class Kleene
{
    /// <summary>Good: any NotMet, else any Unknown, else Met. Bad: any Met, else any Unknown, else NotMet.</summary>
    public static State Fold(Polarity polarity, bool met, bool notMet, bool unknown)
    {
        if (polarity == Polarity.Good) return notMet ? State.NotMet : unknown ? State.Unknown : met ? State.Met : State.Unknown;
        return met ? State.Met : unknown ? State.Unknown : notMet ? State.NotMet : State.Unknown;
    }

    public static State Not(State state) => state switch
    {
        State.Met => State.NotMet,
        State.NotMet => State.Met,
        _ => State.Unknown,
    };

    public static State Well(Polarity polarity) => polarity == Polarity.Good ? State.Met : State.NotMet;

    /// <summary>At least <paramref name="least"/> of the whole: Met when reached, NotMet when out of reach even if all that is unknown were met.</summary>
    public static State AtLeast(int least, int met, int unknown) => met >= least ? State.Met : met + unknown < least ? State.NotMet : State.Unknown;
}
