using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Oops.Doctor;

/// <summary>What `oops doctor --json` prints.</summary>
internal sealed record Report
{
    public required int V { get; init; }

    /// <summary>Who looked: what is not shown to that user is under `unseen`.</summary>
    public required string User { get; init; }

    public required IReadOnlyList<ReportedServer> Servers { get; init; }

    public required IReadOnlyList<ReportedServer> Routers { get; init; }

    /// <summary>The worst first.</summary>
    public required IReadOnlyList<ReportedFinding> Findings { get; init; }

    /// <summary>What could not be seen, and why.</summary>
    public required IReadOnlyList<string> Unseen { get; init; }

    /// <summary>Addresses on lo that look like anycast.</summary>
    public required IReadOnlyList<string> Anycast { get; init; }

    /// <summary>A config for what runs here; absent where nothing runs.</summary>
    public string? Draft { get; init; }

    [JsonIgnore]
    public bool Unsafe => Findings.Any(f => f.Severity == "unsafe");

    public static Report Of(Surroundings around, IReadOnlyList<Chart> charts)
    {
        var findings = charts.SelectMany(c => c.Findings).Concat(OwnExam.Examine(around, charts)).OrderByDescending(f => f.Grade).Select(ReportedFinding.Of).ToArray();
        return new Report
        {
            V = 1,
            User = around.User,
            Servers = [.. charts.Where(c => !c.Found.Software.IsRouter).Select(ReportedServer.Of)],
            Routers = [.. charts.Where(c => c.Found.Software.IsRouter).Select(ReportedServer.Of)],
            Findings = findings,
            Unseen = [.. around.Unseen],
            Anycast = [.. around.Anycast.Select(a => a.ToString())],
            Draft = new Draft(charts, around).Write(),
        };
    }
}

/// <summary>A server or a router.</summary>
internal sealed record ReportedServer
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required bool Running { get; init; }

    public int? Pid { get; init; }

    public string? Version { get; init; }

    public string? Executable { get; init; }

    public string? Unit { get; init; }

    public required string Config { get; init; }

    /// <summary>All of it was read.</summary>
    public required bool ConfigRead { get; init; }

    public string? Pidfile { get; init; }

    public ReportedSocket? Control { get; init; }

    public required IReadOnlyList<string> Listens { get; init; }

    public int? Zones { get; init; }

    public required IReadOnlyList<ReportedSignal> Signals { get; init; }

    public required IReadOnlyList<string> Unseen { get; init; }

    public static ReportedServer Of(Chart chart) => new()
    {
        Id = chart.Found.Subject,
        Name = chart.Found.Software.Title,
        Running = chart.Found.Pid is not null,
        Pid = chart.Found.Pid,
        Version = chart.Found.Version,
        Executable = chart.Found.Executable,
        Unit = chart.Found.Unit,
        Config = chart.Found.ConfigPath,
        ConfigRead = chart.Found.Complete,
        Pidfile = chart.Pidfile,
        Control = chart.Control is { } control ? new ReportedSocket(control.Path, Word(control.Ours), Word(control.Oops)) : null,
        Listens = [.. chart.Listens.Select(l => $"{l.Address}@{l.Port}")],
        Zones = chart.Zones,
        Signals = [.. chart.Hearings.Select(h => new ReportedSignal(h.Source, h.State.ToString().ToLowerInvariant(), h.Known, h.Tells))],
        Unseen = chart.Found.Unseen,
    };

    static string Word(Access access) => access.ToString().ToLowerInvariant();
}

/// <summary>A control socket: whether this user, and the user oops, may use it (allowed, denied, missing, unseen).</summary>
internal sealed record ReportedSocket(string Path, string We, string Oops);

/// <summary>A way to be told: by which source, and whether the server speaks (on, off, unseen).</summary>
/// <param name="Known">Whether this version of oops has the source.</param>
internal sealed record ReportedSignal(string Source, string State, bool Known, string Tells);

/// <summary>A finding, as in <see cref="Finding"/>.</summary>
internal sealed record ReportedFinding(string Severity, string Id, string Subject, string Text, string See, ImmutableArray<ReportedLines> Add)
{
    public static ReportedFinding Of(Finding finding) =>
        new(finding.Grade.ToString().ToLowerInvariant(), finding.Id, finding.Subject, finding.Text, finding.See, [.. finding.Remedies.Select(r => new ReportedLines(r.File, r.Lines))]);
}

/// <summary>Lines to add, and where.</summary>
internal sealed record ReportedLines(string To, ImmutableArray<string> Lines);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Report))]
internal sealed partial class DoctorJson : JsonSerializerContext;
