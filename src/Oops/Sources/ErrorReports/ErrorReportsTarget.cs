using System.Collections.Immutable;
using Oops.Core;
using Oops.Dns;
using Oops.Reports;
using Oops.Reports.Verify;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>One monitoring agent: where it listens, what it answers, what it counts.</summary>
internal sealed record ErrorReportsTarget
{
    public required string Server { get; init; }

    public required DnsListenerOptions Listen { get; init; }

    public required ResponderOptions Answers { get; init; }

    /// <summary>A file of cookie secrets; null: one is made at each start.</summary>
    public string? CookieSecrets { get; init; }

    public required TallyOptions Tally { get; init; }

    /// <summary>The folder of the store.</summary>
    public required string Folder { get; init; }

    public required ReportStoreOptions Store { get; init; }

    /// <summary>How reports are checked; null: they are not.</summary>
    public VerifyPlan? Verify { get; init; }

    /// <summary>Where what is stored is told in plain lines; null: nowhere.</summary>
    public string? Socket { get; init; }

    /// <summary>Who may use the socket.</summary>
    public string? Group { get; init; }

    /// <summary>The zones of which reports count; null: those that the server is expected to have.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    public required IReadOnlySet<string> Delegating { get; init; }

    public ImmutableArray<ChannelSpec> Channels => [.. Tally.Conditions.Select(c => new ChannelSpec(Channel(c), Server, Standing.Witness, [Measure.ErrorReports], Timeout.InfiniteTimeSpan) { Condition = c.Name })];

    /// <summary>The channel of a condition.</summary>
    public string Channel(KindSpec condition) => $"{ErrorReportsConfig.SourceName}/{Server}/{condition.Name}";

    public IReadOnlyList<string> AgentNames => [.. Answers.Agents.Select(a => a.Domain.ToString())];
}
