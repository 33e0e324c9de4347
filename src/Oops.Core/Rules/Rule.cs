namespace Oops.Core;

/// <summary>A reaction. A state rule fires when the state differs from the last one it fired for or saw; a level rule on each new value.</summary>
internal sealed class Rule(RuleSpec spec)
{
    readonly Dictionary<string, State> seen = [];

    public RuleSpec Spec => spec;

    public IReadOnlyDictionary<string, State> Seen => seen;

    public bool Listens(string condition, string server) => spec.Condition == condition && (spec.Servers.IsEmpty || spec.Servers.Contains(server));

    public void Restore(string server, State state) => seen[server] = state;

    /// <summary>A server's condition stands so now. True if it fires.</summary>
    public bool Take(string server, State state)
    {
        if (seen.GetValueOrDefault(server) == state) return false;
        // Unknown is skipped, unless it was asked for: what comes back as it was is no news.
        if (state == State.Unknown && !spec.States.Contains(State.Unknown)) return false;
        seen[server] = state;
        return spec.States.Contains(state);
    }

    public bool FiresOn(State state) => spec.States.Contains(state);
}
