using Oops.Dns;

namespace Oops.Sources.Probe;

/// <summary>Who answered: with an address that is announced elsewhere too, the question may have gone to another node, and what that one answers says nothing about ours.</summary>
internal static class Node
{
    /// <summary>The result, or why it does not count.</summary>
    public static AskResult Check(ProbePlan plan, in AskResult result)
    {
        if (plan.Nsid is not { } ours || result.Outcome != AskOutcome.Answered) return result;
        var isOurs = result.Answer.Nsid == ours;
        if (isOurs != plan.IsReference) return result;
        var why = plan.IsReference ? $"answers with our own NSID {ours}: no other node" : $"answered by another node, NSID {result.Answer.Nsid ?? "none"}";
        return result with { Outcome = AskOutcome.Elsewhere, Answer = default, Why = why };
    }
}
