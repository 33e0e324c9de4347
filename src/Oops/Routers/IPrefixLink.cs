using System.Collections.Immutable;
using System.Net;

namespace Oops.Routers;

/// <summary>
/// The way to a router that holds each prefix by itself, with its attributes: FRR, ExaBGP, GoBGP. <see cref="PrefixRouter"/> keeps what must be true, and asks this for what is. One call at a time;
/// each is bounded in time by the link. Failures are sentences that begin with the router's word and say what to do, not exceptions.
/// </summary>
internal interface IPrefixLink : IDisposable
{
    /// <summary>What the router has of these prefixes.</summary>
    ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop);

    /// <summary>Announces, changes (an implicit replace: never by way of a withdraw) and withdraws, in this order, together where the router can. Null when it took all; else why not. Begun on the machine's thread: nothing that blocks before the first await.</summary>
    ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop);
}

/// <param name="Prefix">Which.</param>
/// <param name="Look">How it shall be announced; null: not at all.</param>
internal readonly record struct PrefixChange(IPNetwork Prefix, Look? Look);

/// <summary>One reading of a router.</summary>
/// <param name="Why">It could not be read; null: it was.</param>
/// <param name="Incarnation">Text that changes when, and only when, the router was restarted, and so has lost what it was told.</param>
/// <param name="Prefixes">Those that it has, of the ones that were asked for.</param>
internal sealed record LinkRead(string? Why, string Incarnation, ImmutableArray<PrefixRead> Prefixes)
{
    public static LinkRead Failed(string why) => new(why, "", []);
}

/// <summary>A prefix that the router announces, or would.</summary>
/// <param name="Prefix">Which.</param>
/// <param name="Look">How; null: with attributes that no form of ours has, such as two communities.</param>
/// <param name="Detail">To whom, in words, as `announced to 192.0.2.1`.</param>
internal sealed record PrefixRead(IPNetwork Prefix, Look? Look, string Detail)
{
    /// <summary>The router has it, as told, and no session gets it, as <see cref="Detail"/> says: to the world it is withdrawn, though telling the router again would change nothing.</summary>
    public bool Unheard { get; init; }

    /// <summary>What gives it to the router besides us, and goes on after a withdraw of ours: `redistribute`. Null: nothing that is known.</summary>
    public string? Other { get; init; }
}
