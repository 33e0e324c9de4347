using System.Collections.Immutable;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Routers;

/// <summary>Asks beyond our router, by a command, whether a route's prefixes are there: a looking glass, or the table of a router that we do not drive.</summary>
internal sealed class UpstreamWatch(string route, UpstreamConfig config, IReadOnlyDictionary<string, string> environment, Children children) : ISource
{
    static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(1);

    const int Seen = 0;
    const int NotSeen = 1;

    public string Name => $"upstream/{route}";

    // It speaks of a route, and of no server.
    public ImmutableArray<ChannelSpec> Covers => [];

    public static UpstreamWatch Of(string name, RouteConfig route, UpstreamConfig upstream, OopsConfig config) => new(
        name,
        upstream,
        CommandEnvironment.With([], ("OOPS_ROUTE", name), ("OOPS_PREFIXES", string.Join(' ', route.Prefixes)), ("OOPS_SITE", config.Site ?? Environment.MachineName)),
        Children.Instance);

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var options = new SpawnOptions { Argv = config.Command, Environment = environment };
        while (true)
        {
            var (begun, from) = (engine.Time.GetTimestamp(), engine.Now);
            var result = await children.RunAsync(options, config.Timeout, KillAfter, stop);
            stop.ThrowIfCancellationRequested();
            engine.Send(new UpstreamObserved(route, Judge(result), result.Said) { For = engine.Now - from });
            var left = config.Interval - engine.Time.GetElapsedTime(begun);
            if (left > TimeSpan.Zero) await Task.Delay(left, engine.Time, stop);
        }
    }

    /// <summary>Only what the command says by its code counts. One that failed in any other way has not looked.</summary>
    static State Judge(ChildResult result) => result switch
    {
        { End: not ChildEnd.Exited } or { Status.Known: false } or { Status.Signal: > 0 } => State.Unknown,
        { Status.Code: Seen } => State.Met,
        { Status.Code: NotSeen } => State.NotMet,
        _ => State.Unknown,
    };
}
