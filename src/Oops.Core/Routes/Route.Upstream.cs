namespace Oops.Core;

/// <summary>What the routers beyond ours show of it, where somebody looks there: the third column beside what is wanted and what our router says.</summary>
internal sealed partial class Route
{
    (State State, string Says, At At)? beyond;

    /// <summary>Since when our router shows what is wanted, out or in; null: it does not.</summary>
    (bool Out, At At)? agrees;

    /// <summary>The last form that the router showed while it was wanted.</summary>
    RouteForm? obeyed;

    public void Look(UpstreamObserved seen, At now) => beyond = (seen.State, seen.Says, now - seen.For);

    /// <summary>Our router has done it for long enough, and it has no effect beyond: lost on the way, filtered, or announced by another way.</summary>
    public bool IsIneffective(At now) => Spec.Upstream is { } within && !Shadow && agrees is { } agreed && beyond is { } said && said.At >= agreed.At && now - agreed.At >= within && Contradicts(said.State, agreed.Out);

    public string Ineffective => beyond is not { } said ? "" : Form == RouteForm.Withdrawn
        ? $"{Spec.Via} has withdrawn route {Spec.Name}, and its upstream still shows it: {said.Says}"
        : $"{Spec.Via} announces route {Spec.Name}, and its upstream does not show it: {said.Says}";

    /// <summary>For the machine after a reload; null: nobody has looked.</summary>
    public UpstreamObserved? Beyond(At now) => beyond is { } said ? new(Spec.Name, said.State, said.Says) { For = now - said.At } : null;

    public UpstreamReport? Upstream(At now) => Spec.Upstream is null ? null : beyond is not { } said ? new(Core.State.Unknown, "nobody has looked yet", null) : new(said.State, said.Says, now - said.At);

    /// <summary>Somebody looks there, and has not looked since our router withdrew it, or still sees it. One who could not tell keeps nobody waiting.</summary>
    bool IsAwaitedBeyond => Spec.Upstream is not null && (agrees is not { Out: true } agreed || beyond is not { } said || said.At < agreed.At || said.State == Core.State.Met);

    static bool Contradicts(State seen, bool isOut) => seen == (isOut ? Core.State.Met : Core.State.NotMet);

    void Agree(At now)
    {
        if (On is null || Seen is null) return;
        if (Seen == Form) obeyed = Form;
        var isOut = Form == RouteForm.Withdrawn;
        agrees = (Seen == RouteForm.Withdrawn) != isOut ? null : agrees is { } agreed && agreed.Out == isOut ? agreed : (isOut, now);
    }

    void WantsUpstream(ref Deadline next)
    {
        if (Spec.Upstream is { } within && agrees is { } agreed) next.Add(agreed.At + within);
    }
}
