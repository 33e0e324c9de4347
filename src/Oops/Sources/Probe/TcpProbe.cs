using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Sources.Probe;

/// <summary>Asks one address over TCP for one zone, at a slow pace; at the pace of UDP while that gets no answer, so that a server which is silent on both is soon known to be.</summary>
internal sealed class TcpProbe(ProbePlan plan, IEngine engine, DnsAsker asker, UdpProbe udp)
{
    private readonly AskOptions _options = new() { Timeout = plan.Timeout, Over = AskOver.Tcp, Query = SoaQueryOptions.Nsid };
    private readonly Streak _streak = new(plan.Tries, plan.Timeout);

    public async Task RunAsync(TimeSpan delay, CancellationToken stop)
    {
        engine.Send(new ChannelOpened(plan.TcpChannel));
        await Task.Delay(delay, engine.Time, stop).ConfigureAwait(false);
        while (true)
        {
            var began = engine.Now;
            var result = await asker.AskAsync(plan.Address, udp.AnyZone, _options, stop).ConfigureAwait(false);
            if (_streak.Take(plan.TcpChannel, result, refusalIsProof: false, plan.Address.Address) is { } signal)
            {
                engine.Send(signal);
                engine.Send(new ChannelRead(plan.TcpChannel));
            }

            await WaitAsync(began, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Until the next turn, which comes early when UDP begins to fail.</summary>
    private async Task WaitAsync(At began, CancellationToken stop)
    {
        if (!udp.Failing && !_streak.Failing)
        {
            using var early = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(UntilAsync(began + plan.TcpInterval, early.Token), udp.BeginsToFail).ConfigureAwait(false);
            await early.CancelAsync().ConfigureAwait(false);
        }

        await UntilAsync(began + plan.Interval, stop).ConfigureAwait(false);
    }

    private Task UntilAsync(At at, CancellationToken stop)
    {
        var left = at - engine.Now;
        return left > TimeSpan.Zero ? Task.Delay(left, engine.Time, stop) : Task.CompletedTask;
    }
}
