using System.ComponentModel;
using Oops.Core;

namespace Oops.Config;

/// <summary>What is run when a condition changes.</summary>
internal sealed record RuleConfig
{
    [Description("The condition's name.")]
    [Reference(Named.Condition)]
    public required string On { get; set; }

    [Description("The states that fire: met, not-met, unknown (once per lost server, not per zone). Absent: met. A level (zone-updated) has no states: it fires on each new value.")]
    [NotEmpty]
    public IReadOnlyList<State>? States { get; set; }

    [Description("Of a zone condition: the zones; names, '*.example' or '*'. Absent: the server's expected zones.")]
    [NotEmpty]
    public IReadOnlyList<ZonePattern>? Zones { get; set; }

    [Description("Only these servers. Absent: all.")]
    [Reference(Named.Server)]
    [NotEmpty]
    public IReadOnlyList<string>? Servers { get; set; }

    [Description("What is run. Entries start in parallel; sequences are made by conditions.")]
    [NotEmpty]
    public required IReadOnlyList<RunConfig> Do { get; set; }
}

/// <summary>One action of a rule.</summary>
internal sealed record RunConfig
{
    [Description("The action's name.")]
    [Reference(Named.Action)]
    public required string Run { get; set; }

    [Description("latest: while it runs, only the newest change of a subject waits. every: each change is run, in order.")]
    public Each Each { get; set; }
}
