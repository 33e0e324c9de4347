using System.Net;
using System.Threading.Channels;
using Oops.Core;
using Oops.Engine;
using Oops.Reports;
using Oops.Reports.Verify;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>
/// Looks whether what is reported is so, one after the other, no more often than it may. Asked are the resolvers of the config, or the root and whom it delegates to, and those of the configured servers that have the zone: no address that a report names, and of no name outside the zones. Before the first one, and every minute while nothing is found, a name that must be there is looked at: so it is known whether it can be done at all.
/// </summary>
/// <param name="own">The server whose zones are reported on.</param>
/// <param name="tally">What waits.</param>
/// <param name="store">Where it is kept what was found.</param>
/// <param name="engine">Who has which zone.</param>
/// <param name="check">How one is looked at.</param>
/// <param name="health">Whether it can be done.</param>
internal sealed class ReportVerifier(string own, ReportTally tally, ReportStore store, IEngine engine, CheckProcess check, VerifierHealth health)
{
    static readonly TimeSpan Tries = TimeSpan.FromMinutes(1), Soon = TimeSpan.FromSeconds(5);
    static readonly byte[] Soa = "6"u8.ToArray();

    readonly Channel<bool> bell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        tally.CheckRung = () => bell.Writer.TryWrite(true);
        while (true)
        {
            var began = engine.Time.GetTimestamp();
            if (tally.TryCheck(out var order)) await CheckAsync(order, stop).ConfigureAwait(false);
            else if (health.State.Why is null) await bell.Reader.ReadAsync(stop).ConfigureAwait(false);
            else await TryAsync(stop).ConfigureAwait(false);
            var left = check.Plan.Spacing - engine.Time.GetElapsedTime(began);
            if (order is not null && left > TimeSpan.Zero) await Task.Delay(left, engine.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at a zone itself; and if that says nothing, waits until it is worth another try, or somebody reports.</summary>
    async Task TryAsync(CancellationToken stop)
    {
        if (tally.Zones.Names is [var text, ..] && DnsName.TryParse(text, out var zone))
        {
            var (verdict, found) = await check.RunAsync(zone.Wire[..^1].ToArray(), Soa, zone, Servers(text), stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            health.Take(verdict, found, engine.Now);
            if (verdict != CheckVerdict.Unknown) return;
        }

        using var next = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(bell.Reader.ReadAsync(next.Token).AsTask(), Task.Delay(tally.Zones.Count > 0 ? Tries : Soon, engine.Time, next.Token)).ConfigureAwait(false);
        await next.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    async Task CheckAsync(CheckOrder order, CancellationToken stop)
    {
        if (!DnsName.TryParse(order.Zone, out var zone) || !DnsName.TryFromWire([.. order.Labels, 0], out var name) || !name.IsWithin(zone) || !CheckProcess.IsCheckable(order.Types))
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

        health.Take(verdict, found, engine.Now);
        tally.Checked(order, verdict, name.ToString(), found);
        store.Add(new CheckNews(name.ToString(), System.Text.Encoding.ASCII.GetString(order.Types), order.Code, engine.Time.GetUtcNow(), verdict, found));
    }

    List<IPEndPoint> Servers(string zone)
    {
        List<IPEndPoint> asked = [];
        foreach (var server in check.Plan.Servers)
        {
            // Of its own server the source knows which zones are reported on; others tell theirs.
            if (server.Name != own && !engine.Server(server.Name).Zones.Contains(zone)) continue;
            asked.AddRange(server.Addresses.Where(a => !asked.Contains(a)));
        }

        return asked;
    }
}
