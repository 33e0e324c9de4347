using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>Tells what was wrong with records on their way into a zone, which its version does not show.</summary>
internal static class IntakeJudge
{
    public static void Judge(IntakeFaults intake, ZoneVersion zone, Findings findings)
    {
        Span<byte> key = stackalloc byte[NameKey.MaxLength];
        foreach (var (fault, (count, first)) in intake.All)
        {
            var (what, why) = fault switch
            {
                IntakeFault.OutOfZone => (ZoneFault.OutOfZone, "left out"),
                IntakeFault.Malformed => (ZoneFault.RecordMalformed, "left out"),
                IntakeFault.OtherTtl => (ZoneFault.TtlMismatch, "another TTL than that of the first record"),
                _ => (ZoneFault.RRsetTooLarge, "too large"),
            };
            foreach (var (owner, type) in first)
            {
                var length = owner.IsWithin(zone.Apex) ? NameKey.Write(owner, zone.Apex, key) : 0;
                findings.Add(what, key[..length], type, owner.IsWithin(zone.Apex) ? why : $"{owner}: {why}");
            }

            findings.Count(what, count - first.Count);
        }
    }
}
