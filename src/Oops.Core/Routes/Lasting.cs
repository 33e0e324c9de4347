namespace Oops.Core;

/// <summary>How long a state has held: Met runs, Unknown pauses, NotMet resets.</summary>
internal struct Lasting
{
    TimeSpan held;
    At since;

    public bool Running { get; private set; }

    public void Take(State state, At now)
    {
        if (Running) held += now - since;
        since = now;
        Running = state == State.Met;
        if (state == State.NotMet) held = TimeSpan.Zero;
    }

    public readonly TimeSpan Held(At now) => Running ? held + (now - since) : held;

    /// <summary>When it will have held for so long, if nothing changes.</summary>
    public readonly At Due(TimeSpan span) => Running ? since + (span - held) : At.Never;
}
