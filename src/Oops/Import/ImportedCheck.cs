using System.Net;

namespace Oops.Import;

/// <summary>A health check of another tool, in our words.</summary>
/// <param name="Name">As it was called there.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Prefixes">What is announced while it succeeds.</param>
internal sealed record ImportedCheck(string Name, IReadOnlyList<string> Command, IReadOnlyList<IPNetwork> Prefixes)
{
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So many successes in a row announced it there.</summary>
    public int Rise { get; init; } = 1;

    /// <summary>So many failures in a row withdrew it there.</summary>
    public int Fall { get; init; } = 1;

    /// <summary>How it was announced while it failed, as `degrade:` takes it; null: it was withdrawn.</summary>
    public string? Degrade { get; init; }

    /// <summary>Commands that were run when its state changed: by a shell, and the states that they were run for.</summary>
    public IReadOnlyList<(string States, string Shell)> Executes { get; init; } = [];

    /// <summary>What differs, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What was found of another tool.</summary>
/// <param name="From">What was read, for the first line of what is written.</param>
/// <param name="Router">The action that takes its place: `bird` or `exabgp`.</param>
internal sealed record Imported(string From, string Router)
{
    public List<ImportedCheck> Checks { get; } = [];

    /// <summary>What was left out, or is different for all, a sentence each.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What could not be understood: `file:line: what, and what to do`.</summary>
    public List<string> Errors { get; } = [];
}
