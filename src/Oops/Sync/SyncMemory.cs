using Oops.Core;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Sync;

/// <summary>What a try that did not end well leaves to the next one of the same zone.</summary>
internal sealed class SyncState
{
    /// <summary>What the target has taken and is not through with, in its own words: see <see cref="ISyncTarget.FinishAsync"/>.</summary>
    public List<string> Unfinished { get; } = [];

    /// <summary>The wish that is done but for what is unfinished, and what was done for it.</summary>
    public (ReactionId Wish, string Words)? Carried { get; set; }

    /// <summary>It was the target that could not be had: whether it can is looked at before the zone is transferred.</summary>
    public bool TargetFirst { get; set; }

    /// <summary>The version of which the target took all and made something else, and what that differs in.</summary>
    public (uint? Serial, int Difference)? Misfit { get; set; }

    public bool IsNothing => Unfinished.Count == 0 && !TargetFirst && Misfit is null;
}

/// <summary>What an action remembers of zones as long as it lives: of all the version that was carried last, and of those that are not done what there is to know.</summary>
internal sealed class SyncMemory(TimeProvider time)
{
    /// <summary>Zones that are not done, and what one may have unfinished: of requests the newest, for when these are done the others mostly are.</summary>
    const int Most = 100_000, MostUnfinished = 1000;

    readonly Lately<DnsName, SyncState> states = new(Most);

    public CarriedVersions Carried { get; } = new(time);

    /// <summary>Of a zone there is one try at a time.</summary>
    public SyncState Of(in DnsName zone) => states.Get(zone) ?? new();

    public void Keep(in DnsName zone, SyncState state)
    {
        state.Unfinished.RemoveRange(0, Math.Max(0, state.Unfinished.Count - MostUnfinished));
        if (state.IsNothing)
            states.Remove(zone);
        else
            states.Set(zone, state);
    }
}
