namespace Oops.Core;

/// <summary>
/// Hears the claims on one condition of a server one by one: what they come to and, where somebody reads them, each in words. A condition is judged with every signal and read by a person now and
/// then, so nothing is put into words that nobody reads.
/// </summary>
/// <param name="server">Of which they speak.</param>
/// <param name="now">Ages and validity count from here.</param>
/// <param name="read">Where they are put for who reads them; null: nobody does.</param>
internal struct Hearing(Server server, At now, List<ClaimReport>? read = null)
{
    bool any, met, notMet, unknown, metProof, notMetProof;

    public readonly Server Server => server;

    public readonly At Now => now;

    public readonly bool IsRead => read is not null;

    /// <summary>One of them says so.</summary>
    public readonly bool IsMet => met;

    public readonly Verdict Verdict(Polarity polarity)
    {
        if (!any) return Core.Verdict.Unknown;
        var state = Kleene.Fold(polarity, met, notMet, unknown);
        return new(state, state == State.Met ? metProof : state == State.NotMet && notMetProof);
    }

    public void Take(Channel channel, in ServerClaim claim, State state, string says)
    {
        Count(channel.Spec.Standing, claim.Evidence, state);
        read?.Add(new(channel.Spec.Name, channel.Spec.Standing, claim.Evidence, state, says, now - claim.At, channel.Left(claim, now), server.Pid, null));
    }

    /// <summary>A fact that stands until another one takes its place.</summary>
    public void Take(Channel channel, State state, string says, At at)
    {
        Count(channel.Spec.Standing, Evidence.Proof, state);
        read?.Add(new(channel.Spec.Name, channel.Spec.Standing, Evidence.Proof, state, says, now - at, null, server.Pid, null));
    }

    /// <summary>A channel that could say something of it, and has not.</summary>
    public void TakeSilence(Channel channel)
    {
        Count(channel.Spec.Standing, Evidence.Suspicion, State.Unknown);
        read?.Add(new(channel.Spec.Name, channel.Spec.Standing, Evidence.Suspicion, State.Unknown, "has not spoken", null, null, server.Pid, channel.Open ? null : channel.Why ?? "its claims have ended"));
    }

    public void Take(StandingClaim standing, Evidence evidence)
    {
        var claim = standing.Claim;
        Count(Standing.Witness, evidence, claim.State);
        read?.Add(new(claim.By, Standing.Witness, evidence, claim.State, claim.Detail ?? Words.Of(claim.State), now - standing.At, standing.Ends - now, null, null));
    }

    public void Take(ClaimReport report)
    {
        Count(report.Standing, report.Evidence, report.State);
        read?.Add(report);
    }

    void Count(Standing standing, Evidence evidence, State state)
    {
        // A messenger that has nothing to say does not count.
        if (state == State.Unknown && standing == Standing.Messenger) return;
        any = true;
        met |= state == State.Met;
        notMet |= state == State.NotMet;
        unknown |= state == State.Unknown;
        metProof |= state == State.Met && evidence == Evidence.Proof;
        notMetProof |= state == State.NotMet && evidence == Evidence.Proof;
    }
}
