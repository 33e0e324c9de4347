using Oops.Core;
using Oops.Servers;

namespace Oops.Sources.Dnsdist;

/// <summary>One dnsdist, with all that is needed to ask it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Api">Where its API is, and the key.</param>
/// <param name="Interval">Between two looks at the backends.</param>
/// <param name="RateInterval">Between two looks at its counters.</param>
/// <param name="Backends">What is claimed of its backends.</param>
internal sealed record DnsdistOptions(string Server, HttpApiOptions Api, TimeSpan Interval, TimeSpan RateInterval, IReadOnlyList<BackendsRule> Backends)
{
    /// <summary>Path of the certificates that its API's must be signed by; null: plain HTTP.</summary>
    public string? Authority { get; init; }

    public string ApiChannel => $"dnsdist/{Server}/api";

    public string RateChannel => $"dnsdist/{Server}/rate";
}

/// <summary>An external condition that is claimed from the state of the backends.</summary>
/// <param name="Condition">The named condition.</param>
/// <param name="Polarity">Whether met is well.</param>
/// <param name="Evidence">Proof only where the condition says so.</param>
/// <param name="Pool">Of this pool; null: of all.</param>
/// <param name="AtLeast">So many must be up.</param>
/// <param name="Grace">Fewer are trouble only when it has lasted so long.</param>
internal sealed record BackendsRule(string Condition, Polarity Polarity, Evidence Evidence, string? Pool, int AtLeast, TimeSpan Grace);
