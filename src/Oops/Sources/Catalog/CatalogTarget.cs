using Oops.Dns;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Sources.Catalog;

/// <summary>A catalog source's config, resolved.</summary>
internal sealed record CatalogTarget
{
    public required string Server { get; init; }

    public required DnsName Zone { get; init; }

    /// <summary>Where the catalog comes from, in their order.</summary>
    public required IReadOnlyList<Primary> From { get; init; }

    /// <summary>Path of the key file; null: none.</summary>
    public string? Keys { get; init; }

    /// <summary>Null: nobody listens for NOTIFY.</summary>
    public DnsListenerOptions? Listen { get; init; }

    /// <summary>Any of them lets a NOTIFY in.</summary>
    public NotifyRule[] Rules { get; init; } = [];

    public NotifyClamp Refresh { get; init; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromDays(1));

    public NotifyClamp Retry { get; init; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));

    /// <summary>It is asked for at most once in this time.</summary>
    public TimeSpan Spacing { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long a listen address that cannot be had, or a key file that cannot be read, is tried again.</summary>
    public TimeSpan Again { get; init; } = TimeSpan.FromSeconds(5);

    public TransferLimits Limits { get; init; } = new();

    /// <summary>The channel that lists the members.</summary>
    public string Channel => $"catalog/{Server}";

    /// <summary>The channel that hears NOTIFY.</summary>
    public string NotifyChannel => $"catalog/{Server}/notify";
}
