namespace Oops.Core;

/// <summary>Taken out by a person: graceful-shutdown variant, wait, withdraw, stay out; ended by its expiry, `undrain`, or the server's next start.</summary>
internal sealed partial class Route
{
    StandingDrain? drain;
    At? leftAt;

    internal sealed record StandingDrain(string Who, At From, At Ends, string? UntilStarted);

    public StandingDrain? Draining => drain;

    public bool IsDrained => drain is not null;

    /// <summary>The drain is complete: withdrawn, read back so, off the routers beyond where somebody looks there, and lingered: what other routers still sent the old way has come and was answered.</summary>
    public bool DrainDone(At now) => HasLeft && leftAt is { } left && now - left >= Spec.Linger;

    bool HasLeft => drain is not null && On == false && (Shadow || !IsAwaitedBeyond) && (Seen == RouteForm.Withdrawn || (Shadow && Form == RouteForm.Withdrawn));

    /// <summary>Refused on a last resort without force: the floor of a service is a person's decision.</summary>
    public bool StartDrain(Drain word, At now)
    {
        if (Spec.LastResort && !word.Force) return false;
        drain = new(word.Who, drain?.From ?? now, now + word.For, word.UntilStarted ? word.Server ?? servers.FirstOrDefault()?.Name : null);
        withdrawnFor = "";
        return true;
    }

    public void EndDrain(string because)
    {
        if (drain is null) return;
        // What was taken out by a person comes back through the full admission, at no cost.
        if (On != true) (rising, free) = (null, true);
        (drain, decided) = (null, because);
    }

    public bool DrainEndsSoon(At now) => drain is not null && Alarms.EndsSoon(drain.Ends, drain.Ends - drain.From, now);

    void Drain(At now)
    {
        var standing = drain!;
        if (standing.UntilStarted is { } name && servers.FirstOrDefault(s => s.Name == name) is { Process: ProcessState.Running } server && server.IncarnationAt > standing.From)
            EndDrain($"the drain ended: {name} was started again");
        else if (now >= standing.Ends)
            EndDrain("the drain ended: its time is over");
        if (drain is null) return;
        // Proofs act at once, also while the peers are being asked to look elsewhere.
        var dead = WithdrawState == Core.State.Met && fall.Held(now) >= Spec.Fall && !Spec.LastResort;
        if (On != false && (dead || now - standing.From >= Spec.Graceful)) (On, Ours, Adopted, floored, bare, offSince, onSince, rising) = (false, false, false, false, false, now, null, null);
    }

    void WantsDrain(ref Deadline next)
    {
        if (drain is null) return;
        next.Add(drain.Ends);
        next.Add(drain.From + Spec.Graceful);
        next.Add(drain.Ends - Alarms.WarnBefore);
    }

    /// <summary>The drain that stands. Under a hold it waits like all else.</summary>
    public string DrainWords(At now, bool held)
    {
        var standing = drain!;
        var end = standing.UntilStarted is { } server ? $"until {server} is started, at the latest in {Words.Of(standing.Ends - now)}" : $"for another {Words.Of(standing.Ends - now)}";
        if (held && On != false) return $"a drain by {standing.Who} waits for the end of the hold; {end}";
        if (HasLeft && leftAt is { } left && now - left < Spec.Linger) return $"drained by {standing.Who}: off the router, lingers for {Words.Of(left + Spec.Linger - now)}; {end}";
        if (On == false && Seen == RouteForm.Withdrawn && IsAwaitedBeyond) return $"drained by {standing.Who}: off the router, not yet seen off its upstream; {end}";
        return On == true
            ? $"draining by {standing.Who}: graceful-shutdown, withdraws in {Words.Of(standing.From + Spec.Graceful - now)}; {end}"
            : $"drained by {standing.Who} {end}";
    }
}
