using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Oops.Core;
using Oops.Routers;
using Oops.Wire.Bgp;

namespace Oops.Actions.Speaker;

/// <summary>What shall be announced: each prefix with its look.</summary>
internal sealed class SpeakerTable
{
    public static SpeakerTable Empty { get; } = new([]);

    readonly Dictionary<IPNetwork, Look> looks = [];
    readonly Dictionary<IPNetwork, RouteForm> forms = [];
    readonly HashSet<string> announced = new(StringComparer.Ordinal);

    /// <param name="routes">In the order of a ledger: a prefix is in one of them.</param>
    public SpeakerTable(ImmutableArray<RouteWanted> routes)
    {
        Routes = routes;
        foreach (var route in routes)
        {
            if (Look.Of(route.Form, route.Degrade) is not { } look) continue;
            announced.Add(route.Route);
            foreach (var prefix in route.Prefixes) (looks[prefix], forms[prefix]) = (look, route.Form);
        }
    }

    public ImmutableArray<RouteWanted> Routes { get; }

    public IReadOnlyDictionary<IPNetwork, Look> Looks => looks;

    /// <summary>The routes that have prefixes of those.</summary>
    public IReadOnlySet<string> Announced => announced;

    public RouteForm FormOf(IPNetwork prefix) => forms.GetValueOrDefault(prefix);
}

/// <summary>How one peer is spoken to, as both OPENs have it.</summary>
/// <param name="Asn">Ours.</param>
/// <param name="Internal">It is of our AS: no path, and a LOCAL_PREF.</param>
/// <param name="FourOctet">It knows AS numbers of four octets.</param>
/// <param name="Hop4">The next hop of IPv4 prefixes; null: it cannot have them.</param>
/// <param name="Hop6">The next hop of IPv6 prefixes; null: it cannot have them.</param>
internal sealed record SpeakerTongue(uint Asn, bool Internal, bool FourOctet, IPAddress? Hop4, IPAddress? Hop6)
{
    /// <summary>LOCAL_PREF of internal peers: plain is the usual 100. Our AS in a path would be a loop to them, so where others see it prepended they see half of that.</summary>
    const uint PlainPreference = 100, PrependedPreference = 50;

    public IPAddress? Hop(BgpFamily family) => family == BgpFamily.Ip4 ? Hop4 : Hop6;

    public BgpAttributes Attributes(Look look) => new()
    {
        Path = Internal ? [] : [.. Enumerable.Repeat(Asn, 1 + look.Prepend)],
        Med = look.Med,
        LocalPref = !Internal ? null : look.IsDraining ? 0 : look.Prepend > 0 ? PrependedPreference : PlainPreference,
        Communities = [.. look.Communities.Select(c => BgpCommunity.Of(c.Asn, c.Value))],
        LargeCommunities = look.Large is { } l ? [new(l.Asn, l.Data1, l.Data2)] : [],
    };
}

/// <summary>Adj-RIB-Out: what one peer was sent, and what it must be sent to have the table.</summary>
internal sealed class SpeakerSent(SpeakerTongue tongue)
{
    readonly Dictionary<IPNetwork, Look> sent = [];

    public bool Has(IPNetwork prefix) => sent.ContainsKey(prefix);

    public bool Has(IPNetwork prefix, Look look) => sent.TryGetValue(prefix, out var had) && had == look;

    public IReadOnlyCollection<IPNetwork> Prefixes => sent.Keys;

    public bool Carries(IPNetwork prefix) => tongue.Hop(FamilyOf(prefix)) is not null;

    /// <summary>Writes the difference: withdraws first, then what is new or looks otherwise, as an implicit replace.</summary>
    public void Change(SpeakerTable table, IBufferWriter<byte> to)
    {
        var gone = sent.Keys.Where(p => !table.Looks.ContainsKey(p)).ToList();
        foreach (var family in gone.GroupBy(FamilyOf)) BgpUpdate.Withdraw(to, family.Key, [.. family]);
        gone.ForEach(p => sent.Remove(p));
        Announce(table.Looks.Where(l => !Has(l.Key, l.Value)), to);
    }

    /// <summary>Writes all of a family again.</summary>
    public void Again(SpeakerTable table, BgpFamily family, IBufferWriter<byte> to) => Announce(table.Looks.Where(l => FamilyOf(l.Key) == family), to);

    void Announce(IEnumerable<KeyValuePair<IPNetwork, Look>> prefixes, IBufferWriter<byte> to)
    {
        foreach (var alike in prefixes.Where(p => Carries(p.Key)).GroupBy(p => (Family: FamilyOf(p.Key), Look: p.Value)).OrderBy(g => g.Key.Family))
        {
            BgpUpdate.Announce(to, alike.Key.Family, tongue.Hop(alike.Key.Family)!, tongue.Attributes(alike.Key.Look), tongue.FourOctet, [.. alike.Select(p => p.Key)]);
            foreach (var (prefix, look) in alike) sent[prefix] = look;
        }
    }

    static BgpFamily FamilyOf(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? BgpFamily.Ip4 : BgpFamily.Ip6;
}
