using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifySend;

/// <summary>Tells others that a zone has changed (RFC 1996). Once per call: what to do about a failure is its runner's.</summary>
internal sealed class NotifySendAction(NotifySendConfig config) : IAction
{
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    TimeProvider time = TimeProvider.System;

    public string Name => config.Name;

    public int Parallel => config.Concurrency;

    public TimeSpan ApplyTimeout => Slack + (config.Timeout * (1 << config.Tries));

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        time = engine.Time;
        return Task.CompletedTask;
    }

    /// <summary>What others did about it cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent { Zone: { } text } || !DnsName.TryParse(text, out var zone))
            return new Failed($"{Name} tells of zones; this is about none");
        if (!NotifyKeys.TryRead(config.Keys, [], config.To.Select(config.KeyOf), out var keys, out var why))
            return new Retry(why);
        var answers = await Task.WhenAll(config.To.Select(t => SendAsync(t, zone, keys, stop))).ConfigureAwait(false);
        var said = string.Join("; ", answers.Select(static a => a.Text));
        if (answers.All(static a => a.Rcode == DnsRcode.NoError))
            return new Done($"NOTIFY of {zone}: {said}");
        return answers.Any(static a => a.Rcode is null or DnsRcode.ServFail) ? new Retry(said) : new Failed(said);
    }

    async Task<NotifyAnswer> SendAsync(NotifySendToConfig to, DnsName zone, TsigKey[] keys, CancellationToken stop)
    {
        var (address, key) = (to.Address.ToIPEndPoint(53), NotifyKeys.Find(keys, config.KeyOf(to)));
        if (!config.Tcp)
        {
            var answer = await new NotifySender(config.Timeout, config.Tries, time).SendAsync(new Notifiee(to.Address.ToString(), [address], key), zone, stop).ConfigureAwait(false);
            return answer.Rcode is null ? answer with { Text = $"{to.Address}: {answer.Text}" } : answer;
        }

        NotifyAnswer? told = null;
        await new NotifyStream(address, key, DnsType.Soa, config.Timeout, time).RunAsync([zone.ToString()], (_, answer) => told = answer, stop).ConfigureAwait(false);
        return told!;
    }
}
