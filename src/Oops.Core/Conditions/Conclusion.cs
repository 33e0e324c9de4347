namespace Oops.Core;

/// <summary>What is believed of a condition of one server, as it was judged last.</summary>
internal sealed class Conclusion(ConditionSpec spec)
{
    public ConditionSpec Spec => spec;

    public State State { get; private set; }

    /// <summary>When it came to be believed; null: it was never anything but unknown.</summary>
    public Moment? Since { get; private set; }

    /// <summary>It rests on claims about the server alone: while none of them changes, neither does it (<see cref="Server.Version"/>).</summary>
    public bool IsOfClaims { get; } = spec is KindSpec { Kind: not Kind.AllZonesReady };

    public void Take(State state, Moment moment) => (State, Since) = (state, moment);
}
