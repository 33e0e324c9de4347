using Oops.Dns;
using Oops.Native;

namespace Oops.Sources.Probe;

/// <summary>Who answered: with an address that is announced elsewhere too, the question may have gone to another node, and what that one answers says nothing about ours.</summary>
internal static class Node
{
    /// <summary>False: the address is to be one of this host, and is not. Where the kernel does not tell, the answer counts.</summary>
    public static bool IsHere(ProbePlan plan) => !plan.Local || LocalAddress.Has(plan.Address.Address) != false;

    /// <summary>The result, or why it does not count.</summary>
    /// <param name="plan">Who was asked.</param>
    /// <param name="here">Whether the address is one of this host; looked at once for all that was asked together (<see cref="IsHere"/>).</param>
    /// <param name="result">What came.</param>
    public static AskResult Check(ProbePlan plan, bool here, in AskResult result)
    {
        if (!here) return result with { Outcome = AskOutcome.NotHere, Answer = default, Late = default, Why = $"{plan.Address.Address} is not an address of this host{(result.Outcome == AskOutcome.Answered ? ", another node answers" : "")}" };
        if (plan.Nsid is not { } ours || result.Outcome != AskOutcome.Answered) return result;
        var isOurs = result.Answer.Nsid == ours;
        if (isOurs != plan.IsReference) return result;
        var why = plan.IsReference ? $"answers with our own NSID {ours}: no other node" : $"answered by another node, NSID {result.Answer.Nsid ?? "none"}";
        return result with { Outcome = AskOutcome.Elsewhere, Answer = default, Why = why };
    }
}
