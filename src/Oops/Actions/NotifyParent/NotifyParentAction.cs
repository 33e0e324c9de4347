using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifyParent;

/// <summary>Tells a zone's parent that its CDS may have changed (RFC 9859). Once per call: what to do about a failure is its runner's.</summary>
internal sealed class NotifyParentAction(NotifyParentConfig config) : IAction
{
    static readonly TimeSpan Lookups = TimeSpan.FromMinutes(2);

    TimeProvider time = TimeProvider.System;

    public string Name => config.Name;

    public int Parallel => 4;

    public TimeSpan ApplyTimeout => Lookups + (config.Timeout * (1 << config.Tries));

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        time = engine.Time;
        return Task.CompletedTask;
    }

    /// <summary>What a parent did cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent { Zone: { } text }) return new Failed($"{Name} notifies the parents of zones; this is about none");
        if (!DnsName.TryParse(text, out var zone) || zone.IsRoot) return new Failed("there is no parent of that");
        List<Notifiee> targets;
        if (config.To is { } fixedTargets)
        {
            targets = [.. fixedTargets.Select(t => new Notifiee(t.ToString(), [t.ToIPEndPoint(53)]))];
        }
        else
        {
            var found = await new DsyncLookup([.. config.Resolver!.Select(r => r.ToIPEndPoint(53))], config.AllowPrivate, time).FindAsync(zone, stop).ConfigureAwait(false);
            if (found.Targets.Count == 0) return found.ForGood ? new Failed(found.Why) : new Retry(found.Why);
            targets = found.Targets;
        }

        var sender = new NotifySender(config.Timeout, config.Tries, time) { Type = DnsType.Cds, Agent = config.Agent };
        var answers = await Task.WhenAll(targets.Select(t => sender.SendAsync(t, zone, stop))).ConfigureAwait(false);
        var said = string.Join("; ", targets.Zip(answers, (t, a) => $"{t.Name}: {a.Text}"));
        if (answers.All(a => a.Rcode == DnsRcode.NoError)) return new Done($"NOTIFY(CDS) of {zone} to {said}");
        return answers.Any(a => a.Rcode is null or DnsRcode.ServFail) ? new Retry(said) : new Failed(said);
    }
}
