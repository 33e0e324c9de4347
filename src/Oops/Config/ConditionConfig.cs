using System.ComponentModel;
using Oops.Core;

namespace Oops.Config;

/// <summary>A named condition: a kind with its parameters, or a composition of other conditions by name.</summary>
[OneOf("kind", "all", "any", "of")]
internal sealed record ConditionConfig : IValidate
{
    [Description("The kind of condition.")]
    public Kind? Kind { get; set; }

    [Description("Met if all of these conditions are met.")]
    [Reference(Named.Condition)]
    [NotEmpty]
    public IReadOnlyList<string>? All { get; set; }

    [Description("Met if one of these conditions is met.")]
    [Reference(Named.Condition)]
    [NotEmpty]
    public IReadOnlyList<string>? Any { get; set; }

    [Description("Met if 'at-least' of these conditions are met.")]
    [Reference(Named.Condition)]
    [NotEmpty]
    public IReadOnlyList<string>? Of { get; set; }

    [Description("With 'of': how many must be met. With kind all-zones-ready: the share of the expected zones that must be ready, such as 98%; all of them if absent.")]
    public CountOrShare? AtLeast { get; set; }

    [Description("Of zone-expiring and signatures-expiring: how long before the end it is met. 0s: at the end.")]
    public TimeSpan? Before { get; set; }

    [Description("Of zone-stale: how long the serial is behind before it is met.")]
    public TimeSpan? Behind { get; set; }

    [Description("Of zone-not-refreshed: how many refreshes in a row must have failed.")]
    [Bounds("1", "1000")]
    public int? Tries { get; set; }

    [Description("Of delegation-mismatch: the least severity that counts. change-wanted: whatever does not fit. unsigned: nobody validates the zone, or worse. may-fail: validators fail by what they have in their caches, or worse. fails: validators fail. change-wanted if absent.")]
    public MismatchSeverity? Severity { get; set; }

    [Description("Of query-rate-high: queries per second. Of query-rate-rising: queries per second, each second.")]
    [Bounds("0.001")]
    public double? Threshold { get; set; }

    [Description("Of extended-error and error-reported: the INFO-CODEs (RFC 8914) that count, together: numbers, or their names in the registry, such as dnssec-bogus.")]
    [NotEmpty]
    public IReadOnlyList<InfoCode>? Codes { get; set; }

    [Description("Of extended-error: it is met above so many of these errors per second. 1 if absent.")]
    [Bounds("0.001")]
    public double? Rate { get; set; }

    [Description("Of error-reported: it is met by so many reports of resolvers or more, each weighed by how well its sender is known. 10 if absent.")]
    [Bounds("1", "1000000")]
    public int? Reports { get; set; }

    [Description("Of error-reported: the window within which reports count. 30m if absent.")]
    [Bounds("1m", "1d")]
    public TimeSpan? Within { get; set; }

    [Description("Of error-reported: no report counts unless they come from so many independent networks (an IPv4 /24, an IPv6 /48 each). 3 if absent.")]
    [Bounds("1", "64")]
    public int? Networks { get; set; }

    [Description("Of error-reported: true if only reports count that a check has confirmed, so that a forged one moves nothing; the source error-reports needs 'verify'. false if absent.")]
    public bool? Verified { get; set; }

    [Description("Of query-rate-high, query-rate-rising and extended-error: once it is met, it ends only below this. 80 % of the threshold or rate if absent.")]
    [Bounds("0.001")]
    public double? Clear { get; set; }

    [Description("Of external: whether met is good, bad, or neither (level).")]
    public Polarity? Polarity { get; set; }

    [Description("Of external: what it may move. local: withdraw; data: withdraw with zones or share; load: degrade only. local if absent.")]
    public ConditionClass? Class { get; set; }

    [Description("Of external: true if a claim is proof and may withdraw; else it is a suspicion, which never withdraws on its own. false if absent.")]
    public bool? Proof { get; set; }

    /// <summary>The names that it is composed of; null if it is a kind.</summary>
    internal IReadOnlyList<string>? Members => All ?? Any ?? Of;

    /// <summary>The key that holds <see cref="Members"/>.</summary>
    internal string MembersKey => All is not null ? "all" : Any is not null ? "any" : "of";

    public void Validate(ConfigErrors errors, string path)
    {
        var allowed = Allowed(out var needed);
        foreach (var (key, written) in Parameters())
        {
            if (written && !allowed.Contains(key))
                errors.Add($"{path}.{key}", $"{Subject()} has no parameter '{key}'; remove it");
            else if (!written && key == needed)
                errors.Add(path, $"{Subject()} needs '{key}'; add it");
        }

        if (Of is not null && AtLeast is { } least && (least.Count is not { } count || count < 1 || count > Of.Count))
            errors.Add($"{path}.at-least", $"{least} must be a number from 1 to {Of.Count}, the length of 'of'");
        if (Clear is { } clear && (Threshold ?? Rate ?? 1) is var limit && clear > limit)
            errors.Add($"{path}.clear", $"{clear} is more than {limit}, above which it is met: it would end before it begins; write less");
        var codes = Codes ?? [];
        for (var i = 0; i < codes.Count; i++)
        {
            if (codes.Take(i).Contains(codes[i]))
                errors.Add($"{path}.codes[{i}]", $"{ErrorCodes.Of(codes[i].Code)} is listed twice; remove one");
        }

        if (Kind == Core.Kind.AllZonesReady && AtLeast is { } share && (share.Share is not { } value || value.Percent <= 0))
            errors.Add($"{path}.at-least", $"{share} must be a share above 0%, such as 98%");
    }

    string Subject() => Kind is { } kind ? Kinds.Of(kind).Name : $"a composition by '{MembersKey}'";

    IEnumerable<(string Key, bool Written)> Parameters() =>
    [
        ("at-least", AtLeast is not null), ("before", Before is not null), ("behind", Behind is not null), ("tries", Tries is not null), ("severity", Severity is not null),
        ("threshold", Threshold is not null), ("codes", Codes is not null), ("rate", Rate is not null), ("reports", Reports is not null), ("within", Within is not null), ("networks", Networks is not null), ("verified", Verified is not null), ("clear", Clear is not null), ("polarity", Polarity is not null), ("class", Class is not null), ("proof", Proof is not null),
    ];

    string[] Allowed(out string? needed)
    {
        needed = Kind is { } kind ? Kinds.Of(kind).Parameter : Of is not null ? "at-least" : null;
        return Kind switch
        {
            Core.Kind.External => ["polarity", "class", "proof"],
            Core.Kind.AllZonesReady => ["at-least"],
            Core.Kind.QueryRateHigh or Core.Kind.QueryRateRising => ["threshold", "clear"],
            Core.Kind.ExtendedError => ["codes", "rate", "clear"],
            Core.Kind.DelegationMismatch => ["severity"],
            Core.Kind.ErrorReported => ["codes", "reports", "within", "networks", "verified"],
            _ => needed is null ? [] : [needed],
        };
    }
}
