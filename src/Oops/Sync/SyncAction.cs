using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Sync;

/// <summary>Makes a target equal to a zone that changed. Once per call: what to do about a failure is its runner's, and what the brake held is a person's.</summary>
internal sealed class SyncAction(SyncConfig config, OopsConfig whole) : IAction, IDisposable
{
    // A zone and its target are transferred, and the target once more; the writing between has as long as one of them.
    const int Stretches = 4;

    static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    readonly SemaphoreSlim turns = new(config.Concurrency);
    TimeProvider time = TimeProvider.System;
    Func<TsigKey[], ISyncTarget> targets = config.Targets(TimeProvider.System);
    SyncMemory memory = new(TimeProvider.System);

    public string Name => config.Name;

    public int Parallel => config.Concurrency * config.WaitersPerTurn;

    public bool CarriesZones => true;

    // Those before it in its turn may take as long as it; each step has a bound of its own.
    public TimeSpan ApplyTimeout => (Stretches * config.WaitersPerTurn * config.TransferTimeout) + config.Waits + Slack;

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        if (engine.Time != time)
            (time, targets, memory) = (engine.Time, config.Targets(engine.Time), new(engine.Time));
        return Task.CompletedTask;
    }

    /// <summary>It reads the target before and after it writes.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent { Zone: { } text } reaction || !DnsName.TryParse(text, out var zone))
            return new Failed($"{Name} carries zones on; this is about none");
        if (config.PrimariesOf(reaction.Server, zone, whole, out var why) is not { } from)
            return new Failed(why);
        if (Open(config, targets, from, time, out why, memory, turns) is not { } open)
            return new Retry(why);
        using var session = open.Target as IDisposable;
        var result = await open.Run.RunAsync(new SyncWish(zone, reaction.Serial) { Id = reaction.Id }, stop).ConfigureAwait(false);
        return result.End switch
        {
            SyncEnd.Same or SyncEnd.Written => new Done($"{zone} {result.Told}"),
            SyncEnd.Later => new Retry($"{zone}: {result.Why}") { After = result.After },
            SyncEnd.Braked => new Failed($"{zone}: {result.Why}; look at `oops sync plan {Name} {zone}{At(reaction.Server)}`, and if it is meant, `oops sync apply --force {Name} {zone}{At(reaction.Server)}`"),
            _ => new Failed($"{zone}: {result.Why}"),
        };
    }

    /// <summary>What a person must add to mean the same zone.</summary>
    string At(string server) => config.From is null && whole.Servers.Count > 1 ? $" --server {server}" : "";

    public void Dispose() => turns.Dispose();

    /// <summary>A sync of that config. Null, and why: the keys cannot be read.</summary>
    internal static (SyncRun Run, ISyncTarget Target)? Open(SyncConfig config, Func<TsigKey[], ISyncTarget> targets, IReadOnlyList<Primary> from, TimeProvider time, out string why, SyncMemory? memory = null, SemaphoreSlim? turns = null)
    {
        why = "";
        if (!NotifyKeys.TryRead(config.Keys, [], from.Select(static p => p.Key).Concat(config.TargetKeys), out var keys, out var wrong))
        {
            why = wrong;
            return null;
        }

        var target = targets(keys);
        return (new SyncRun(new Primaries(from, keys, time), config.Limits, target, config.Brake.ToBrake(), memory, turns), target);
    }
}
