using System.Collections.Immutable;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;

namespace Oops.Sources.Probe;

/// <summary>
/// Asks a server, at the addresses where its users ask it, for the SOA of its zones, and those it is compared with for the same. It reports what it measured; see README.md for what begins
/// and ends each claim.
/// </summary>
internal sealed class ProbeSource(ImmutableArray<ProbePlan> plans) : ISource
{
    public string Name => $"probe/{plans[0].Server}";

    public ImmutableArray<ChannelSpec> Covers => [.. plans.SelectMany(Channels)];

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var asker = new DnsAsker(engine.Time);
        List<Func<CancellationToken, Task>> parts = [];
        for (var i = 0; i < plans.Length; i++)
        {
            var udp = new UdpProbe(plans[i], engine, asker);
            // Started one after the other, so that the addresses do not all ask at the same instant.
            var delay = plans[i].Interval * i / plans.Length;
            parts.Add(t => udp.RunAsync(delay, t));
            var tcp = new TcpProbe(plans[i], engine, asker, udp);
            if (plans[i].TcpInterval > TimeSpan.Zero)
                parts.Add(t => tcp.RunAsync(delay, t));
        }

        await Together.RunAsync(stop, parts).ConfigureAwait(false);
    }

    static IEnumerable<ChannelSpec> Channels(ProbePlan plan)
    {
        if (!plan.IsReference)
            yield return new(plan.Channel, plan.Server, Standing.Witness, [Measure.Answering, Measure.Unanswered], plan.Validity(plan.Interval), plan.Address.Address);
        if (plan.TcpInterval > TimeSpan.Zero)
            yield return new(plan.TcpChannel, plan.Server, Standing.Witness, [Measure.Answering, Measure.Unanswered], plan.Validity(plan.TcpInterval > plan.Interval ? plan.TcpInterval : plan.Interval), plan.Address.Address);
        if (!plan.AsksZones)
            yield break;
        ImmutableArray<Measure> measures =
        [
            Measure.Serial,
            .. plan.Expire ? [Measure.Expiry] : Array.Empty<Measure>(),
            .. plan is { Expire: true, IsReference: false } ? [Measure.RefreshFailures] : Array.Empty<Measure>(),
            .. plan.Signatures ? [Measure.SignatureExpiry] : Array.Empty<Measure>(),
        ];
        yield return new(plan.ZonesChannel, plan.Server, plan.Standing, measures, plan.Validity(plan.ZoneInterval), plan.Address.Address, Peer: plan.Peer);
    }
}
