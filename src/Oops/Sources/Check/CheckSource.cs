using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Sources.Check;

/// <summary>Runs a command on an interval and claims its condition by the exit code. Two runs never overlap.</summary>
internal sealed class CheckSource(CheckConfig config, Polarity polarity, Evidence evidence, IReadOnlyDictionary<string, string> environment, Children children) : ISource
{
    static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(1);

    // However many zones change: so long is from the start of one run to the start of the next at least.
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    // What sh, env and timeout(1) exit with when they cannot run the command: it says nothing about the server.
    const int NotExecutable = 126;
    const int NotFound = 127;

    readonly TimeSpan validity = (3 * config.Interval) + config.Timeout;

    public string Name => $"check/{config.Server}/{config.Name ?? config.Condition}";

    public ImmutableArray<ChannelSpec> Covers => [new(Name, config.Server, Standing.Witness, [], validity)];

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var options = new SpawnOptions { Argv = config.Command, Environment = environment, Folder = config.Folder };
        var open = false;
        while (true)
        {
            var begun = engine.Time.GetTimestamp();
            // Asked for before the command looks: what changes while it runs makes it run again.
            var news = config.OnUpdate ? engine.NewSerial(config.Server) : null;
            var result = await children.RunAsync(options, config.Timeout, KillAfter, stop);
            stop.ThrowIfCancellationRequested();
            var says = Judge(result);
            engine.Send(new ExternalClaim(Name, config.Condition, config.Server, says.State, says.Evidence, validity, result.Said));
            if (says.State == State.Unknown)
            {
                engine.Send(new ChannelLost(Name, result.Said));
                open = false;
            }
            else
            {
                if (!open) engine.Send(new ChannelOpened(Name));
                open = true;
                engine.Send(new ChannelRead(Name));
            }

            await PauseAsync(engine, begun, news, stop);
        }
    }

    // Until the interval is over, or there is news.
    async Task PauseAsync(IEngine engine, long begun, Task? news, CancellationToken stop)
    {
        var left = config.Interval - engine.Time.GetElapsedTime(begun);
        if (left <= TimeSpan.Zero) return;
        if (news is null)
        {
            await Task.Delay(left, engine.Time, stop);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var over = Task.Delay(left, engine.Time, either.Token);
        if (await Task.WhenAny(news, over) == over)
        {
            await over;
            return;
        }

        await either.CancelAsync();
        var spare = TimeSpan.FromTicks(Math.Min(Spacing.Ticks, config.Interval.Ticks)) - engine.Time.GetElapsedTime(begun);
        if (spare > TimeSpan.Zero) await Task.Delay(spare, engine.Time, stop);
    }

    /// <summary>
    /// An exit code is a fact that was read. Silence is a suspicion, whatever the condition says. A command that could not be started, or that broke by itself, says nothing:
    /// a missing tool must not look like a broken server.
    /// </summary>
    (State State, Evidence Evidence) Judge(ChildResult result)
    {
        var well = polarity == Polarity.Bad ? State.NotMet : State.Met;
        var trouble = polarity == Polarity.Bad ? State.Met : State.NotMet;
        return result switch
        {
            { End: ChildEnd.TimedOut } => (trouble, Evidence.Suspicion),
            { End: not ChildEnd.Exited } or { Status.Known: false } or { Status.Signal: > 0 } or { Status.Code: NotExecutable or NotFound } => (State.Unknown, Evidence.Suspicion),
            { Status.Code: 0 } => (well, evidence),
            _ => (trouble, evidence),
        };
    }
}
