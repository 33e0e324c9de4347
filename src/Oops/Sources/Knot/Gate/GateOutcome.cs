using System.Globalization;
using System.Text;
using Oops.Wire.Text;

namespace Oops.Sources.Knot.Gate;

internal enum GateEnd
{
    /// <summary>knotd took our zone-commit.</summary>
    Committed,

    /// <summary>knotd took our zone-abort.</summary>
    Aborted,

    /// <summary>Nothing waits any more: somebody else has answered, or knotd's own time was over.</summary>
    Gone,

    /// <summary>Another version took its place before there was an answer.</summary>
    Superseded,

    /// <summary>We could not tell knotd within its own time: it has discarded the version, or will.</summary>
    Unanswered,
}

/// <summary>What became of a version that waited.</summary>
/// <param name="Zone">Canonical name.</param>
/// <param name="Serial">Of the version.</param>
/// <param name="End">How it ended.</param>
/// <param name="Answer">Ours, whether knotd heard it or not; null: there was none.</param>
/// <param name="Judged">The answer is the judge's own, not what is configured for want of it.</param>
/// <param name="Why">One line, from anybody.</param>
/// <param name="Took">Since it was seen to wait.</param>
internal sealed record GateOutcome(string Zone, uint Serial, GateEnd End, GateAnswer? Answer, bool Judged, string Why, TimeSpan Took)
{
    /// <summary>How it ended, in a few words.</summary>
    public string Words => End switch
    {
        GateEnd.Committed => "let in",
        GateEnd.Aborted => "kept out",
        GateEnd.Gone => "no longer waits, answered by somebody else or given up by knotd",
        GateEnd.Superseded => "another version waits in its place",
        _ => "not answered, knotd keeps it out when its own time is over",
    };

    /// <summary>Whose answer it was, after how long, and why; terminal-safe, not empty.</summary>
    public string Says => string.Create(CultureInfo.InvariantCulture, $"{Configured}after {Took.TotalSeconds:0.0} s{(Why.Length > 0 ? ": " : "")}{PrintableText.Of(Encoding.UTF8.GetBytes(Why))}");

    /// <summary>One line, terminal-safe.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Zone} serial {Serial}: {Words}{(Configured.Length > 0 ? " " : ", ")}{Says}");

    string Configured => Answer is { } answer && !Judged ? $"(not judged; {(answer == GateAnswer.Pass ? "pass" : "fail")} is configured), " : "";
}

/// <summary>To whom the gate speaks. Each is called from the gate's tasks, and must not block.</summary>
/// <param name="Outcome">Of each version that waited.</param>
/// <param name="Control">The control socket is read (null), or why it is not. On change.</param>
/// <param name="Bus">knotd's signals are heard (null), or why they are not. On change.</param>
internal sealed record GateTold(Action<GateOutcome> Outcome, Action<string?> Control, Action<string?> Bus);
