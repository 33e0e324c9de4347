using System.Collections.Immutable;

namespace Oops.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum Grade
{
    /// <summary>Good to know; something more could be had.</summary>
    Note,

    /// <summary>Something worth having is switched off, or will not work.</summary>
    Advice,

    /// <summary>It can take a service down, or lets others do so.</summary>
    Unsafe,
}

/// <summary>Lines to add, and where.</summary>
/// <param name="File">A file, or in words what to run.</param>
/// <param name="Lines">As they must stand there. What is to be replaced is a comment above.</param>
internal sealed record Remedy(string File, ImmutableArray<string> Lines)
{
    /// <summary>
    /// `chmod o= PATH` for a shell. The path comes from a file or a process of somebody else, and a person will paste the line: what a shell would read as more than a path is quoted, and what
    /// cannot be quoted on one line gives no line.
    /// </summary>
    public static Remedy? CloseToOthers(string path)
    {
        if (path.Any(char.IsControl)) return null;
        var plain = path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '@' or ':');
        return new Remedy("a shell", [$"chmod o= {(plain ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'")}"]);
    }
}

/// <summary>One thing that was found.</summary>
/// <param name="Id">Stable: the same finding has the same id in every version.</param>
/// <param name="Subject">`server/knot`, `router/bird`, `config`, `host`.</param>
/// <param name="Text">What is so, why it matters.</param>
/// <param name="See">A page of the documentation, from the repository's root.</param>
internal sealed record Finding(Grade Grade, string Id, string Subject, string Text, string See, ImmutableArray<Remedy> Remedies);

/// <summary>Whether a source could hear a server as it is set up now.</summary>
internal enum HearingState
{
    /// <summary>Nothing of it could be looked at.</summary>
    Unseen,

    /// <summary>It is switched off at the server, or needs lines there.</summary>
    Off,

    /// <summary>The server speaks; only our config must listen.</summary>
    On,
}

/// <summary>A way in which a server could tell something.</summary>
/// <param name="Source">The word under `sources:`.</param>
/// <param name="Known">Whether this version of oops has that source.</param>
/// <param name="Tells">What it would tell.</param>
internal sealed record Hearing(string Source, HearingState State, bool Known, string Tells);
