using Oops.Actions;
using Oops.Config;
using Oops.Core;

namespace Oops.Engine;

/// <summary>How we act. It never sleeps, retries or keeps truth: the runner does, per intent.</summary>
internal interface IAction
{
    /// <summary>As in config: `edge`, `tell-ops`.</summary>
    string Name { get; }

    /// <summary>Its session, if it has one; else returns at once.</summary>
    Task RunAsync(IEngine engine, CancellationToken stop);

    /// <summary>What is true outside: a <see cref="RouterObserved"/> or <see cref="RouterUnseen"/>; null when what was last told still stands, and for actions that cannot be read back. At start, after each apply, and on an interval. <paramref name="intent"/>: the latest, or null before the first.</summary>
    ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop);

    /// <summary>Makes it true. A <see cref="RouterIntent"/> is begun on the machine's own thread, so that nothing queues before the first write: nothing that blocks before the first await. The runner bounds it in time by <paramref name="stop"/>; several intents about different subjects may run at once (see <see cref="Parallel"/>).</summary>
    ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop);

    /// <summary>Its session is not a way to a router but a router's own: `oops check --live` opens none.</summary>
    bool SessionActs => false;

    /// <summary>A reload changed routes, or its own options. True: it goes on with these. False: another takes its place, which for an action with sessions of its own would move every route.</summary>
    bool Renew(IActionConfig own, OopsConfig config) => false;

    /// <summary>What a reload would take from its peers by ending sessions of its own, a line for each. It changes nothing.</summary>
    /// <param name="own">Its options then; null: it leaves the config.</param>
    /// <param name="config">The whole of it.</param>
    IReadOnlyList<string> Losses(IActionConfig? own, OopsConfig config) => [];

    /// <summary>A reload, not our end, is what stops it next.</summary>
    void Retire()
    {
    }

    /// <summary>How many intents may be applied at once; a router: 1.</summary>
    int Parallel => 1;

    /// <summary>It carries zones to a place of theirs: a zone is one subject whichever server tells of it, and the newest that waits of it, or was begun, outlives a restart and a reload also of the latest kind: what it leaves undone nobody else would finish.</summary>
    bool CarriesZones => false;

    /// <summary>The longest that one application may take; then it is cancelled and tried again. An action that has a timeout of its own adds some seconds to it.</summary>
    TimeSpan ApplyTimeout => TimeSpan.FromSeconds(10);

    /// <summary>The BGP sessions that it has of its own, and where it listens for peers; asked for by any thread, at any time.</summary>
    IReadOnlyList<SessionReport> Sessions => [];

    IReadOnlyList<ListenReport> Listening => [];

    /// <summary>What it counts, for `/metrics` and `status`, by its config word and name; asked for by any thread, at any time.</summary>
    IReadOnlyList<(string By, SourceCount Count)> Counted => [];

    /// <summary>For `oops check --live` and a reload: what would keep sessions of its own from coming to be. It connects to nobody.</summary>
    /// <param name="listens">Whether a running oops, with this action, listens at that address: then it is taken, and by us.</param>
    Task<IReadOnlyList<string>> ProveAsync(Func<string, Task<bool>> listens) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>The file that it writes, for `oops check --live`; null: none.</summary>
    string? IncludePath => null;

    /// <summary>Why the router does not take that file in, for `oops check --live`; null: it does, that cannot be told, or it is no file of the router's.</summary>
    string? NotTaken => null;

    /// <summary>How often the runner reads back when nothing happens; null: never.</summary>
    TimeSpan? ReadEvery => null;
}
