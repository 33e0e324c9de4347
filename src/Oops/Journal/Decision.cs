namespace Oops.Journal;

/// <summary>One line of the history: what changed, or what was done, and why.</summary>
/// <param name="Wall">When, by the wall clock; only shown.</param>
/// <param name="Kind">`condition`, `route`, `shadow`, `cause`, `stay`, `alarm`, `intent`, `reaction`, `outcome`, `operator`, `zone`, `gap`, `clock`, `run`.</param>
/// <param name="Id">`route/anycast4`, `condition/zone-ready/ns1/nl`, `action/edge`, `rule/1`, `alarm/...`.</param>
/// <param name="From">State before; null where there is none.</param>
/// <param name="To">State after, or what was wanted or done.</param>
/// <param name="Text">Because, outcome or reason.</param>
internal sealed record Decision(DateTimeOffset Wall, string Kind, string Id, string? From, string To, string Text);
