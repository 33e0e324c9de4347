using Oops.Core;

namespace Oops.Engine;

/// <summary>What sources and actions see of the engine. Thread-safe.</summary>
internal interface IEngine
{
    /// <summary>Gives an input to the machine. Never blocks. Process exits, operators, outcomes and channel changes take the urgent lane; measurements the bulk lane, where the latest per subject stays and what is shed is counted.</summary>
    void Send(Input input);

    /// <summary>What one look has found, in its order: all of it for one wake-up of the machine.</summary>
    void Send(ReadOnlySpan<Input> inputs)
    {
        foreach (var input in inputs) Send(input);
    }

    /// <summary>Ends when measurements do not crowd the way into the machine. What reads very many zones at once waits for it now and then, so that they do not fill the memory meanwhile.</summary>
    Task RoomAsync() => Task.CompletedTask;

    /// <summary>What is known of a server, as a snapshot.</summary>
    ServerView Server(string name);

    /// <summary>Ends when a zone of the server has a serial that it was not known to have, whoever hears of it first; asked for before one looks, nothing is missed meanwhile.</summary>
    Task NewSerial(string server) => new TaskCompletionSource().Task;

    /// <summary>Which zones those are, since an earlier answer's <c>Until</c>; null: any of them may be.</summary>
    (IReadOnlyCollection<string>? Zones, long Until) NewSerials(string server, long? since) => (null, 0);

    /// <summary>The newest serial of each of these zones of the server, by whoever told of it last; null: nobody did.</summary>
    Task<IReadOnlyList<uint?>> Serials(string server, IReadOnlyList<string> zones) => Task.FromResult<IReadOnlyList<uint?>>([]);

    /// <summary>What is believed of all servers, with so many zones by name at most for each condition that is not well somewhere (<see cref="Machine.Believed"/>).</summary>
    Task<IReadOnlyList<ConditionReport>> BelievedAsync(int most, IReadOnlyCollection<string> also) => Task.FromResult<IReadOnlyList<ConditionReport>>([]);

    /// <summary>Ends when a condition of a server has turned; asked for before one reads, nothing is missed meanwhile.</summary>
    Task Turned => new TaskCompletionSource().Task;

    /// <summary>The same when something was heard that may have moved zones: often, and mostly nothing.</summary>
    Task Stirred => new TaskCompletionSource().Task;

    /// <summary>Who was seen to transfer zones from the servers.</summary>
    TransferTalk Transfers => new();

    /// <summary>The clock for waits (`Task.Delay(span, engine.Time, stop)`).</summary>
    TimeProvider Time { get; }

    /// <summary>Boot-time clock now: for lateness and ages.</summary>
    At Now { get; }
}

/// <summary>A server as sources may see it.</summary>
/// <param name="Zones">The last complete expected set, canonical names; empty while none is known. The same object until it changes.</param>
/// <param name="Complete">The set was complete at least once.</param>
/// <param name="Pid">Main process of the present incarnation; null: none, or not known.</param>
/// <param name="Version">Rises with each change of this view.</param>
internal sealed record ServerView(ZoneSet Zones, bool Complete, int? Pid, long Version)
{
    /// <summary>When the youngest silence of a probe began that lasts: the time since when it matters whether the server works. Null: all probes were answered last.</summary>
    public At? UnansweredSince { get; init; }

    /// <summary>Ends when another view takes the place of this one, so that nobody needs to look again and again.</summary>
    public Task Replaced { get; init; } = new TaskCompletionSource().Task;
}
