using System.Net;
using Oops.Sources.Knot.Gate;
using Oops.Zones;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>A verify source's config, resolved.</summary>
internal sealed record VerifyTarget
{
    public required string Server { get; init; }

    /// <summary>Null: the server's expected zones.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    /// <summary>Where zones are transferred from.</summary>
    public required IReadOnlyList<Primary> From { get; init; }

    /// <summary>Path of the key file; null: none.</summary>
    public string? Keys { get; init; }

    /// <summary>What is asked of each zone; the moment and the size of the last version come with each verdict.</summary>
    public required VerifyOptions Options { get; init; }

    /// <summary>Null: a zone may change its size as it will.</summary>
    public SizeLimit? Brake { get; init; }

    /// <summary>Each zone is looked at so often at least.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    public int Threads { get; init; } = 1;

    /// <summary>Octets of all versions that are held; zones beyond are transferred whole each time.</summary>
    public long MostHeld { get; init; } = 1L << 30;

    public TransferLimits Limits { get; init; } = new();

    /// <summary>Where it is kept what passed last.</summary>
    public required string Folder { get; init; }

    /// <summary>After how long a key file that cannot be read is tried again.</summary>
    public TimeSpan Again { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether the wall clock is right, as far as the kernel knows; signatures are judged by it.</summary>
    public Func<bool> IsClockTrusted { get; init; } = static () => true;

    /// <summary>The gate at knotd; null: there is none.</summary>
    public KnotGateOptions? Gate { get; init; }

    /// <summary>That versions which wait are seen.</summary>
    public string GateChannel => $"verify/{Server}/gate";

    /// <summary>That zones can be had.</summary>
    public string ZonesChannel => $"verify/{Server}/zones";

    public string Channel => $"verify/{Server}";

    /// <summary>After a failure, unless the server tells of a new serial before.</summary>
    public TimeSpan Retry => Interval / 10 > TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : Interval / 10;

    /// <summary>How long what was found stands when nothing more is to be had.</summary>
    public TimeSpan Validity => (3 * Interval) + Limits.Total;
}
