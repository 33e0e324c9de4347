using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>A notify source's config, resolved.</summary>
internal sealed record NotifyTarget
{
    public required string Server { get; init; }

    public required DnsListenerOptions Listen { get; init; }

    /// <summary>Any of them lets a NOTIFY in.</summary>
    public required NotifyRule[] Rules { get; init; }

    /// <summary>Path of the key file; null: none.</summary>
    public string? Keys { get; init; }

    /// <summary>Canonical names; null: the server's expected zones, as the engine knows them.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    /// <summary>`*` or `*.example`.</summary>
    public IReadOnlyList<string> Wildcards { get; init; } = [];

    /// <summary>Where the SOA is always asked for; null: at the notifier, and at <see cref="ServerAddress"/>.</summary>
    public IPEndPoint? Primary { get; init; }

    /// <summary>The server's own address: asked by timers, and after a notifier that does not answer.</summary>
    public IPEndPoint? ServerAddress { get; init; }

    /// <summary>The notifier's DNS port: its source port says nothing.</summary>
    public int Port { get; init; } = 53;

    /// <summary>Signs our SOA queries.</summary>
    public DnsName? QueryKey { get; init; }

    public NotifyClamp Refresh { get; init; } = new(TimeSpan.FromSeconds(512), TimeSpan.FromSeconds(32768));

    public NotifyClamp Retry { get; init; } = new(TimeSpan.FromSeconds(64), TimeSpan.FromSeconds(4096));

    /// <summary>Of one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    public int Tries { get; init; } = 2;

    /// <summary>A zone is asked for at most once in this time.</summary>
    public TimeSpan Spacing { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Most zones that are learnt through wildcards.</summary>
    public int MostLearnt { get; init; } = 100_000;

    /// <summary>After how long a listen address that cannot be had, or a key file that cannot be read, is tried again.</summary>
    public TimeSpan Again { get; init; } = TimeSpan.FromSeconds(5);

    public IPEndPoint? PollTarget => Primary ?? ServerAddress;
}
