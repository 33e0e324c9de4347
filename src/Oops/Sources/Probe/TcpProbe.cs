using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Sources.Probe;

/// <summary>Asks one address over TCP for one zone, at a slow pace; again and again while UDP gets no answer, so that a server which is silent on both is soon known to be.</summary>
internal sealed class TcpProbe(ProbePlan plan, IEngine engine, DnsAsker asker, UdpProbe udp)
{
    readonly AskOptions options = new() { Timeout = plan.Timeout, Over = AskOver.Tcp, Query = SoaQueryOptions.Nsid };
    readonly Streak streak = new(plan.Tries, plan.Timeout);

    public async Task RunAsync(TimeSpan delay, CancellationToken stop)
    {
        engine.Send(new ChannelOpened(plan.TcpChannel));
        await Task.Delay(delay, engine.Time, stop).ConfigureAwait(false);
        while (true)
        {
            var began = engine.Now;
            var view = engine.Server(plan.Server);
            var asked = await asker.AskAsync(plan.Address, udp.AnyZone, options, stop).ConfigureAwait(false);
            var result = Node.Check(plan, Node.IsHere(plan), asked);
            if (streak.Take(plan.TcpChannel, result, refusalIsProof: false, plan.Address.Address, engine.Now - began) is { } signal)
            {
                engine.Send(signal);
                if (signal.Measure == Measure.Answering)
                    engine.Send(new ChannelRead(plan.TcpChannel));
            }

            // The timeout was pause enough: what is silent over UDP too is known to be silent soon after that.
            if (result.Outcome != AskOutcome.Timeout || !udp.Failing)
                await WaitAsync(began, view, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Until the next turn, which comes early when UDP begins to fail, or when another process serves: what was said of the one before has ended.</summary>
    async Task WaitAsync(At began, ServerView view, CancellationToken stop)
    {
        await UntilAsync(began + plan.Interval, stop).ConfigureAwait(false);
        var pid = view.Pid;
        while (!udp.Failing && !streak.Failing && engine.Now < began + plan.TcpInterval && view.Pid == pid)
        {
            using var early = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(UntilAsync(began + plan.TcpInterval, early.Token), udp.BeginsToFail, view.Replaced).ConfigureAwait(false);
            await early.CancelAsync().ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            view = engine.Server(plan.Server);
        }
    }

    Task UntilAsync(At at, CancellationToken stop)
    {
        var left = at - engine.Now;
        return left > TimeSpan.Zero ? Task.Delay(left, engine.Time, stop) : Task.CompletedTask;
    }
}
