using System.Collections.Immutable;
using System.Net;
using Oops.Dns;
using Oops.Keys;

namespace Oops.Sources.Keys;

/// <summary>An address as the config has it, and as it is asked.</summary>
internal sealed record KeysAddress(string Text, IPEndPoint Where);

/// <summary>Whose keys are watched, and how.</summary>
internal sealed record KeysTarget
{
    public required string Server { get; init; }

    public required ImmutableArray<KeysAddress> Addresses { get; init; }

    /// <summary>The servers of the parents; empty: no DS is looked at.</summary>
    public ImmutableArray<KeysAddress> Parents { get; init; } = [];

    /// <summary>Null: those that the server is expected to have.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    /// <summary>Zones beyond are not watched.</summary>
    public const int MostZones = 10_000;

    /// <summary>Another bound than <see cref="MostZones"/>.</summary>
    public int Most { get; init; } = MostZones;

    public required NotifyClamp Refresh { get; init; }

    public required NotifyClamp Retry { get; init; }

    public required TimeSpan Spacing { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>So long may the addresses differ.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>Findings that are told, and do not count.</summary>
    public IReadOnlySet<FindingKind> Ignore { get; init; } = new HashSet<FindingKind>();

    public required string Folder { get; init; }

    public string Channel => $"{KeysConfig.SourceName}/{Server}";

    public string ParentChannel => $"{Channel}/parent";

    /// <summary>By it is seen of which zones somebody is silent.</summary>
    public string ZonesChannel => $"{Channel}/zones";

    public string StoreChannel => $"{Channel}/{KeyStore.FileName}";
}
