using System.Collections.Concurrent;
using System.Globalization;
using Oops.Lab.Harness;
using Oops.Sources.Knot.Gate;
using Oops.Wire.Dns;
using Oops.Zones.Verification;

namespace Oops.Lab.Knot;

/// <summary>A gate that runs until it is disposed of, with the verifier as its judge, and what came of it.</summary>
internal sealed class RunningGate : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly ConcurrentQueue<GateOutcome> outcomes = new();
    readonly Task running;

    public RunningGate(KnotGateOptions options, GateJudge? judge = null)
    {
        var told = new GateTold(outcomes.Enqueue, why => Channels.Enqueue("control " + (why ?? "null")), why => Channels.Enqueue("bus " + (why ?? "null")));
        Gate = new(options, judge ?? Verify, TimeProvider.System, told);
        running = Gate.RunAsync(stop.Token);

        Task<GateVerdict> Verify(string zone, uint? serial, CancellationToken late)
        {
            var apex = DnsName.TryParse(zone, out var name) ? name : throw new InvalidOperationException(zone);
            var read = NewZone.Read(options.NewZone!.Of(apex)!, apex, serial, late);
            if (read.Version is not { } version) return Task.FromResult(GateVerdict.None(read.Why));
            var verdict = ZoneVerifier.Run(version, new VerifyOptions { Now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), RequireDnssec = true }, read.Faults, 1, null, late);
            var why = string.Create(CultureInfo.InvariantCulture, $"{verdict.Errors} errors");
            return Task.FromResult(verdict.Passes ? GateVerdict.Pass(why) : GateVerdict.Fail(why));
        }
    }

    public KnotGate Gate { get; }

    public ConcurrentQueue<string> Channels { get; } = new();

    /// <summary>The next outcome, as its line without the time that it took.</summary>
    public async Task<string> NextAsync()
    {
        GateOutcome? next = null;
        await Wait.UntilAsync("a version is answered", () => outcomes.TryDequeue(out next), TimeSpan.FromSeconds(60), state: () => $"{string.Join(", ", Channels)}; {running.Exception}");
        return (next! with { Took = TimeSpan.Zero }).ToString().Replace(", after 0.0 s", "", StringComparison.Ordinal);
    }

    /// <summary>The control socket was read, and the bus is heard.</summary>
    public Task OpenAsync() => Wait.UntilAsync("the gate hears knotd", () => Channels.Contains("control null") && Channels.Contains("bus null"), TimeSpan.FromSeconds(30), state: () => string.Join(", ", Channels));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // How it ends when it is told to.
        }

        stop.Dispose();
    }
}
