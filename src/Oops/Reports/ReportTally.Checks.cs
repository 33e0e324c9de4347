using System.Globalization;
using Oops.Core;
using Oops.Reports.Verify;

namespace Oops.Reports;

/// <summary>What is checked of the reports, and what follows from it.</summary>
internal sealed partial class ReportTally
{
    /// <summary>Characters of a name, and of what was found, in what is told of a zone.</summary>
    const int MostName = 80, MostFound = 160;

    readonly ReportChecks? checks = options.Checks is { } limits ? new(limits) : null;

    /// <summary>A report waits for a check. Called under the gate: it must only ring.</summary>
    public Action? CheckRung { get; set; }

    /// <summary>A copy.</summary>
    public CheckCounts CheckCounts
    {
        get
        {
            lock (gate) return checks?.Counts ?? new(0, 0, 0, 0, 0, 0);
        }
    }

    /// <summary>Takes the next report that is to be checked; false: none is.</summary>
    public bool TryCheck(out CheckOrder order)
    {
        order = null!;
        lock (gate)
        {
            while (checks?.TryTake(out order) == true)
            {
                // The zones may have changed since it came.
                if (zones.Place(order.Zone) >= 0) return true;
                checks.Drop(order);
            }

            return false;
        }
    }

    /// <summary>One that was taken is not checked.</summary>
    public void Uncheck(CheckOrder order)
    {
        lock (gate) checks?.Drop(order);
    }

    /// <summary>What a check has found: those that told of it until now count from now on, if it is so.</summary>
    /// <param name="order">Which.</param>
    /// <param name="verdict">Whether it is so.</param>
    /// <param name="name">In presentation form.</param>
    /// <param name="found">In words, terminal-safe.</param>
    public void Checked(CheckOrder order, CheckVerdict verdict, string name, string found)
    {
        var steady = Steady;
        lock (gate)
        {
            var networks = checks!.Finish(order, verdict, steady);
            var place = zones.Place(order.Zone);
            if (place < 0 || Known(place) is not { } zone) return;
            zone.Check = string.Create(CultureInfo.InvariantCulture, $"{Said(verdict)} at {time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}: {Cut(name, MostName)} {Cut(found, MostFound)}");
            for (var i = 0; i < options.Conditions.Count; i++)
            {
                if (!options.Conditions[i].Codes.Contains(order.Code)) continue;
                if (options.Conditions[i].Verified && verdict == CheckVerdict.Confirmed)
                    foreach (var network in networks) WindowOf(place, zone, i).Add(network, steady);
                if (zone.Windows.Length == 0 || zone.Windows[i] is not { } window) continue;
                window.HasRemark = true;
                Wait(place, window);
            }
        }
    }

    CheckStanding Standing(int place, scoped in HeardReport report, in Keys keys, long steady)
    {
        if (checks is null) return default;
        var waited = checks.IsWaiting;
        var standing = checks.Heard(keys.OfReport, zones.Names[place], report.Name.Labels, report.Name.Types, report.Name.Code, report.Verified ? keys.Network : null, steady);
        if (!waited && checks.IsWaiting) CheckRung?.Invoke();
        return standing;
    }

    /// <summary>A condition that asks for it counts only what a check has confirmed, within its window.</summary>
    static bool CountsIn(KindSpec condition, CheckStanding standing, long steady) =>
        !condition.Verified || (standing.IsConfirmed && steady - standing.At <= (long)condition.Span.TotalMilliseconds);

    static string Said(CheckVerdict verdict) => verdict switch { CheckVerdict.Confirmed => "confirmed", CheckVerdict.NotConfirmed => "not confirmed", _ => "not verified" };

    static string Cut(string text, int most) => text.Length > most ? text[..most] + "..." : text;
}
