using Oops.Core;
using Oops.Engine;

namespace Oops.Actions.Syslog;

/// <summary>Tells receivers of syslog what happened, one message after the other.</summary>
internal sealed class SyslogAction(SyslogConfig config, SyslogMessages messages) : IAction, IDisposable
{
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    TimeProvider time = TimeProvider.System;
    SyslogLink[]? links;

    public string Name => config.Name;

    public IReadOnlyList<(string By, SourceCount Count)> Counted { get; } = [($"syslog/{config.Name}", new SourceCount("insecure", "1: receivers are on other hosts, without TLS.", config.Insecure ? 1 : 0, SourceCountKind.Level))];

    // Connect and send, at each receiver.
    public TimeSpan ApplyTimeout => (2 * config.Timeout * config.To.Count) + Slack;

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        time = engine.Time;
        return Task.CompletedTask;
    }

    /// <summary>What became of it there cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent reaction)
            return new Failed($"{Name} sends messages; it carries no routes");
        links ??= [.. config.Receivers.Select(to => new SyslogLink(to, config.Transport, config.Proof, config.Timeout, time))];
        var (message, why) = (messages.Of(reaction), new List<string>());
        // Who has a connection goes on with it; where there is none the first comes first again.
        foreach (var link in links.OrderBy(static l => !l.IsOpen))
        {
            if (await link.SendAsync(message, stop).ConfigureAwait(false) is not { } wrong)
                return new Done($"to {link.To}");
            why.Add($"{link.To}: {wrong}");
        }

        return new Retry(string.Join("; ", why));
    }

    public void Dispose()
    {
        foreach (var link in links ?? [])
            link.Dispose();
    }
}
