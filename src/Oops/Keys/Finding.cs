using System.Text.Json;

namespace Oops.Keys;

/// <summary>How bad it is that DS and keys do not fit: the value of <see cref="Core.Measure.Delegation"/>.</summary>
internal enum Severity
{
    /// <summary>Worth a remark.</summary>
    Note,

    /// <summary>The zone asks the parent for another DS.</summary>
    ChangeWanted,

    /// <summary>The zone is signed, and the parent has no DS: nobody validates it.</summary>
    Unsigned,

    /// <summary>Validators fail that have an answer of before in their cache, or that ask the wrong server.</summary>
    MayFail,

    /// <summary>Validators fail.</summary>
    Fails,
}

/// <summary>What does not fit; the names are what `ignore` takes.</summary>
internal enum FindingKind
{
    DsWithoutKey,
    KeyDoesNotSign,
    CachedDsWithoutKey,
    CachedKeysWithoutDs,
    KeyWithoutDs,
    CdsWantsChange,
    CdsUnfit,
    ServersDiffer,
    SameTag,
    DsOfNoKey,
    DsStillCached,
    ParentsDiffer,
    SignatureEnds,
    NotHeard,
}

/// <summary>One of them.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Text">In words; terminal-safe.</param>
/// <param name="Until">When time alone ends it; null: it does not.</param>
internal sealed record Finding(FindingKind Kind, Severity Severity, string Text, DateTimeOffset? Until = null)
{
    /// <summary>`ds-without-key`.</summary>
    public string Name => JsonNamingPolicy.KebabCaseLower.ConvertName($"{Kind}");
}
