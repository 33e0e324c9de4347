using System.Globalization;

namespace Oops.Sync;

/// <summary>How much of a target may change at once without a person: the sync that deletes a zone is the one that was given half of it.</summary>
/// <param name="Updates">Share of its RRsets, 0 to 1.</param>
/// <param name="Deletes">The same.</param>
/// <param name="Least">RRsets that it must have for shares to count: of few each is many.</param>
internal sealed record SyncBrake(double Updates = 0.3, double Deletes = 0.3, int Least = 10)
{
    /// <summary>Why it may not be done; null: it may.</summary>
    public string? Complaint(SyncPlan plan)
    {
        if (plan.Existing > 0 && plan.Wanted == 0)
            return $"the zone has come empty, and the target has {plan.Existing} RRsets";
        if (plan.Existing < Least)
            return null;
        return TooMany(plan.Deletes, plan.Existing, Deletes, "deleted") ?? TooMany(plan.Updates, plan.Existing, Updates, "changed");
    }

    static string? TooMany(int count, int existing, double most, string what) =>
        count > most * existing ? string.Create(CultureInfo.InvariantCulture, $"{count} of {existing} RRsets would be {what}, and without a person no more than {most * 100:0.##} % are") : null;
}
