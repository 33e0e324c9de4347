using System.Net;
using System.Threading.Channels;
using Oops.Core;
using Oops.Engine;
using Oops.Reports;
using Oops.Verify;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>
/// Looks whether what is reported is so, one after the other, no more often than it may. Asked are the resolvers of the config, or the root and whom it delegates to, and those of the configured servers that have the zone: nobody whom a report names, and of no name outside the zones.
/// </summary>
/// <param name="own">The server whose zones are reported on.</param>
/// <param name="plan">Whom it asks, and how often.</param>
/// <param name="tally">What waits.</param>
/// <param name="store">Where it is kept what was found.</param>
/// <param name="engine">Who has which zone.</param>
/// <param name="check">How one is looked at.</param>
internal sealed class ReportVerifier(string own, VerifyPlan plan, ReportTally tally, ReportStore store, IEngine engine, CheckProcess check)
{
    readonly Channel<bool> bell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        tally.CheckRung = () => bell.Writer.TryWrite(true);
        while (true)
        {
            var began = engine.Time.GetTimestamp();
            if (tally.TryCheck(out var order)) await CheckAsync(order, stop).ConfigureAwait(false);
            else await bell.Reader.ReadAsync(stop).ConfigureAwait(false);
            var left = plan.Spacing - engine.Time.GetElapsedTime(began);
            if (order is not null && left > TimeSpan.Zero) await Task.Delay(left, engine.Time, stop).ConfigureAwait(false);
        }
    }

    async Task CheckAsync(CheckOrder order, CancellationToken stop)
    {
        if (!DnsName.TryParse(order.Zone, out var zone) || !DnsName.TryFromWire([.. order.Labels, 0], out var name) || !name.IsWithin(zone))
        {
            tally.Uncheck(order);
            return;
        }

        var (verdict, found) = await check.RunAsync(order.Labels, order.Types, zone, Servers(order.Zone), stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested)
        {
            // It was killed because we end: that is nothing that it has found.
            tally.Uncheck(order);
            stop.ThrowIfCancellationRequested();
        }

        tally.Checked(order, verdict, name.ToString(), found);
        store.Add(new CheckNews(name.ToString(), System.Text.Encoding.ASCII.GetString(order.Types), order.Code, engine.Time.GetUtcNow(), verdict, found));
    }

    List<IPEndPoint> Servers(string zone)
    {
        List<IPEndPoint> asked = [];
        foreach (var server in plan.Servers)
        {
            // Of its own server the source knows which zones are reported on; others tell theirs.
            if (server.Name != own && !engine.Server(server.Name).Zones.Contains(zone)) continue;
            asked.AddRange(server.Addresses.Where(a => !asked.Contains(a)));
        }

        return asked;
    }
}
