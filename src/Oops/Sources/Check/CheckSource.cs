using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Sources.Check;

/// <summary>Runs a command on an interval and claims its condition by the exit code. Two runs never overlap.</summary>
internal sealed class CheckSource(CheckConfig config, Polarity polarity, Evidence evidence, IReadOnlyDictionary<string, string> environment, Children children) : ISource
{
    static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(1);

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

            var left = config.Interval - engine.Time.GetElapsedTime(begun);
            if (left > TimeSpan.Zero) await Task.Delay(left, engine.Time, stop);
        }
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
