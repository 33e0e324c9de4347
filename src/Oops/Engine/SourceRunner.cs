using Microsoft.Extensions.Logging;
using Oops.Core;

namespace Oops.Engine;

/// <summary>Owns one source: runs it, ends its claims when it ends, and starts it again.</summary>
internal sealed partial class SourceRunner(ISource source, IEngine engine, ILogger log)
{
    /// <summary>A run of this length counts as healthy.</summary>
    static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    readonly Backoff backoff = new();

    public string Name => source.Name;

    public ISource Source => source;

    /// <summary>How often it ended without having been told to.</summary>
    public int Restarts { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var began = engine.Now;
            string why;
            try
            {
                await source.RunAsync(engine, stop).ConfigureAwait(false);
                why = "the source ended";
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                why = $"the source failed: {e.GetType().Name}";
                Failed(e, source.Name);
            }

            if (stop.IsCancellationRequested) return;
            Restarts++;
            foreach (var channel in source.Covers) engine.Send(new ChannelLost(channel.Name, why));
            if (engine.Now - began >= Healthy) backoff.Reset();
            var wait = backoff.Next();
            Restarting(source.Name, why, wait.TotalSeconds);
            try
            {
                await Task.Delay(wait, engine.Time, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(110, LogLevel.Error, "source {Source} failed: this is a bug, please report it")]
    partial void Failed(Exception e, string source);

    [LoggerMessage(111, LogLevel.Warning, "source {Source}: {Why}; its claims have ended, it starts again in {Seconds:0.0} s")]
    partial void Restarting(string source, string why, double seconds);
}
