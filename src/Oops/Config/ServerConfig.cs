using System.ComponentModel;

namespace Oops.Config;

/// <summary>Which software a server is.</summary>
internal enum ServerKind
{
    Knot,
    Nsd,
    Bind,
    Unbound,
    Powerdns,
    Recursor,
    Dnsdist,
    Kresd,
    Other,
}

/// <summary>One DNS server.</summary>
internal sealed record ServerConfig : IValidate
{
    [Description("Which software it is; powerdns is the authoritative server, recursor the PowerDNS Recursor, kresd Knot Resolver. other: only what every DNS server has (process, probes).")]
    public required ServerKind Kind { get; set; }

    [Description("Where it answers on this host: IP address, with a port if it is not 53. Addresses of routes are probed by the probe source.")]
    public Endpoint? Address { get; set; }

    [Description("Absolute path of the file that holds its process number. A stale one is told by the process's start time.")]
    [Path]
    public string? Pidfile { get; set; }

    [Description("Absolute path of its control socket.")]
    [Path]
    public string? Control { get; set; }

    [Description("The zones that it is expected to serve: what all-zones-ready and the shares in routes are counted over. Absent: zone conditions of it are unknown unless a rule or entry names its zones.")]
    public ZonesConfig? Zones { get; set; }

    [Description("Where its zones come from: IP addresses, with a port if it is not 53. A zone that is as bad there as here does not move a route.")]
    public IReadOnlyList<Endpoint> Primaries { get; set; } = [];

    [Description("Other servers of the same zones, to compare with: IP addresses, with a port if it is not 53.")]
    public IReadOnlyList<Endpoint> Peers { get; set; } = [];

    public void Validate(ConfigErrors errors, string path)
    {
        foreach (var (key, list) in new[] { ("primaries", Primaries), ("peers", Peers) })
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (Address is { } own && list[i].ToIPEndPoint(53).Equals(own.ToIPEndPoint(53)))
                    errors.Add($"{path}.{key}[{i}]", $"{list[i]} is the server's own address; a server cannot be its own reference");
                if (list.Take(i).Any(e => e.ToIPEndPoint(53).Equals(list[i].ToIPEndPoint(53))))
                    errors.Add($"{path}.{key}[{i}]", $"{list[i]} is listed twice; remove one");
            }
        }
    }
}

/// <summary>Expected zones: exactly one of four ways to know them.</summary>
[OneOf("list", "file", "catalog", "own")]
internal sealed record ZonesConfig : IValidate
{
    [Description("The zones, by name.")]
    [NotEmpty]
    public IReadOnlyList<ZoneName>? List { get; set; }

    [Description("Absolute path of a file with one zone name per line; '#' begins a comment. It is read at start and reload.")]
    [Path]
    public string? File { get; set; }

    [Description("The members of a catalog zone (RFC 9432), which the catalog source fetches.")]
    public CatalogZonesConfig? Catalog { get; set; }

    [Description("What the server itself lists, for servers with a control socket.")]
    public OwnZonesConfig? Own { get; set; }

    public void Validate(ConfigErrors errors, string path)
    {
        if (List is null)
            return;
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < List.Count; i++)
        {
            if (!seen.TryAdd(List[i].Text, i))
                errors.Add($"{path}.list[{i}]", $"the zone {List[i]} is listed twice; the first is at {errors.PositionOf($"{path}.list[{seen[List[i].Text]}]")}; remove one");
        }
    }
}

/// <summary>A catalog zone.</summary>
internal sealed record CatalogZonesConfig : IValidate
{
    [Description("The catalog zone's name.")]
    public required ZoneName Zone { get; set; }

    [Description("Where it is transferred from: IP address, with a port if it is not 53, or a map of address, key and tls; or a list of them, which are asked in their order.")]
    [NotEmpty]
    [MayBeOne]
    public required IReadOnlyList<PrimaryConfig> From { get; set; }

    public void Validate(ConfigErrors errors, string path) => PrimaryConfig.CheckList(From, errors, $"{path}.from");
}

/// <summary>The server's own list of zones.</summary>
internal sealed record OwnZonesConfig
{
    [Description("A list with fewer zones than this is not taken as complete: a server that lost its config must not look ready.")]
    [Bounds("1")]
    public required int AtLeast { get; set; }
}
