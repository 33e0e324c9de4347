using System.Globalization;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>How much a zone may grow or shrink from one version that passes to the next: a truncated file is as well signed as a whole one.</summary>
/// <param name="Last">What the last version that passed had.</param>
/// <param name="Serial">Its serial; null: not known.</param>
/// <param name="Limit">What is too much.</param>
internal sealed record SizeBrake(ZoneNumbers Last, uint? Serial, SizeLimit Limit);

/// <summary>A change is too much if it is more than both; or more than half is gone, of what was no handful, and that is more than the per cent.</summary>
/// <param name="Percent">Of what there was.</param>
/// <param name="Least">In numbers: a small zone may double. It may not lose most of what it has.</param>
internal readonly record struct SizeLimit(double Percent, long Least)
{
    /// <summary>Of fewer than these any number may go that <see cref="Least"/> allows.</summary>
    const long Handful = 5;

    /// <summary>10 %, and more than 100.</summary>
    public static SizeLimit Usual => new(10, 100);

    public bool IsExceeded(long was, long now) => Math.Abs(now - was) > was * Percent / 100 && (Math.Abs(now - was) > Least || (was >= Handful && now < was - now));

    /// <summary>Whatever exceeds the other one exceeds this one.</summary>
    public bool IsAsStrictAs(SizeLimit other) => Percent <= other.Percent && Least <= other.Least;

    /// <summary>`10,100`, as <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Percent},{Least}");

    /// <summary>PERCENT or PERCENT,LEAST.</summary>
    public static bool TryParse(string text, out SizeLimit limit)
    {
        var words = text.Split(',');
        var least = Usual.Least;
        var read = double.TryParse(words[0].TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 1_000_000
            && (words.Length == 1 || (words.Length == 2 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out least) && least <= 1_000_000_000));
        limit = new(percent, least);
        return read;
    }
}

/// <summary>Judges what a zone has of what: against the last version that passed, and against what it must have.</summary>
internal static class SizeJudge
{
    /// <summary>It is among what is wrong that the zone has grown or shrunk too much.</summary>
    public static bool Finds(VerifyReport report) => report.Findings.Any(static f => ZoneFaults.Named(f.Fault)?.Fault is ZoneFault.SizeRecords or ZoneFault.SizeRRsets or ZoneFault.SizeDelegations);

    public static void Judge(ZoneVersion zone, ZoneNumbers numbers, VerifyOptions options, Findings findings)
    {
        if (options.Brake is { } brake)
        {
            Compare(ZoneFault.SizeRecords, brake.Last.Records, numbers.Records);
            Compare(ZoneFault.SizeRRsets, brake.Last.RRsets, numbers.RRsets);
            Compare(ZoneFault.SizeDelegations, brake.Last.Delegations, numbers.Delegations);
        }

        Span<byte> key = stackalloc byte[NameKey.MaxLength];
        foreach (var canary in options.Canaries)
        {
            if (!canary.IsWithin(zone.Apex))
                continue;
            var length = NameKey.Write(canary, zone.Apex, key);
            if (zone.Names.Find(key[..length]).IsNone)
                findings.Add(ZoneFault.CanaryMissing, key[..length], default(DnsType), "not there");
        }

        void Compare(ZoneFault fault, long was, long now)
        {
            if (options.Brake.Limit.IsExceeded(was, now))
                findings.Add(fault, [], default(DnsType), string.Create(CultureInfo.InvariantCulture, $"{now}, and {was} in {(options.Brake.Serial is { } serial ? $"serial {serial}" : "the last")}, the last that passed or was accepted{(was == 0 ? "" : $": {(now - was) * 100.0 / was:+0.#;-0.#} %")}"));
        }
    }
}
