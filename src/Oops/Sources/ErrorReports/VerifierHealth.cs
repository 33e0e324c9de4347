using Oops.Core;
using Oops.Reports.Verify;

namespace Oops.Sources.ErrorReports;

/// <summary>Whether checks find anything at all: without the library, a trust anchor or a way out none does, and a condition that counts only what is confirmed would look as if nothing were reported.</summary>
internal sealed class VerifierHealth
{
    /// <summary>Checks in a row of which nothing can be said, until it is the verifier's fault and not that of the names.</summary>
    const int Many = 3;

    readonly Lock gate = new();
    string? why = "no check has been made yet";
    int unknown = Many;
    At since;

    /// <summary>It has changed. Must only ring.</summary>
    public Action? Rung { get; set; }

    /// <summary>Why nothing is found; null with since when something is.</summary>
    public (string? Why, At Since) State
    {
        get
        {
            lock (gate) return (why, since);
        }
    }

    /// <summary>A check has ended.</summary>
    public void Take(CheckVerdict verdict, string found, At now)
    {
        lock (gate)
        {
            unknown = verdict == CheckVerdict.Unknown ? unknown + 1 : 0;
            if (unknown is > 0 and < Many) return;
            if (unknown == 0 && why is not null) since = now;
            why = unknown == 0 ? null : $"reports cannot be verified: {found}";
        }

        Rung?.Invoke();
    }
}
