using System.Collections.Immutable;
using Oops.Core;
using Oops.Servers;

namespace Oops.Sources.Powerdns;

/// <summary>
/// The Recursor's counters of bogus answers, `dnssec-result-bogus-REASON`, and the INFO-CODE that its answers have for each reason where `extended-resolution-errors` is on: the table of its own source.
/// </summary>
internal sealed class RecursorErrors
{
    const string Prefix = "dnssec-result-bogus-";

    static readonly (string Reason, int Code)[] Reasons =
    [
        ("no-valid-dnskey", 9), ("invalid-denial", 12), ("unable-to-get-dss", 6), ("unable-to-get-dnskeys", 9), ("self-signed-ds", 6), ("no-rrsig", 10), ("no-valid-rrsig", 6), ("missing-negative-indication", 12),
        ("signature-not-yet-valid", 8), ("signature-expired", 7), ("unsupported-dnskey-algo", 1), ("unsupported-ds-digest-type", 2), ("no-zone-key-bit-set", 11), ("revoked-dnskey", 6), ("invalid-dnskey-protocol", 6),
    ];

    readonly long?[] counts = new long?[Reasons.Length];

    /// <summary>Of the answers' errors those that it counts; of others, as from a policy or a dead authority, there are no counters.</summary>
    public static ErrorCodes Codes { get; } = new([.. Reasons.Select(r => r.Code).Distinct().Order()]);

    /// <summary>By code; default: a counter is missing, or no count.</summary>
    public ImmutableArray<ErrorCount> Counted =>
        Array.Exists(counts, c => c is null or < 0 or > long.MaxValue / 32) ? default : [.. Codes.Codes.Select(code => new ErrorCount(code, Reasons.Select((r, i) => r.Code == code ? counts[i]!.Value : 0).Sum()))];

    /// <summary>One of the statistics, whichever.</summary>
    public void Take(string name, long? value)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return;
        var at = Array.FindIndex(Reasons, r => name.AsSpan(Prefix.Length).SequenceEqual(r.Reason));
        if (at >= 0) counts[at] = value;
    }
}
