namespace Oops.Core;

/// <summary>Claims, conditions, routes, rules, safety: deterministic, no clock, no I/O, no lock. One task owns it.</summary>
public sealed partial class Machine
{
    readonly Policy policy;

    public Machine(Policy policy) => this.policy = policy;
}
