using Microsoft.Extensions.Logging;
using Oops.Config;
using Oops.Core;
using Oops.Journal;
using Oops.Native;
using Oops.Routers;

namespace Oops.Engine;

/// <summary>A person's word that is not durable. <paramref name="Refused"/>: it was not taken at all.</summary>
internal sealed record NotKept(string Why, bool Refused);

/// <summary>The parts of a running oops and how they come and go together: engine, journal, sources, actions.</summary>
internal sealed partial class Daemon : IAsyncDisposable
{
    static readonly TimeSpan SnapshotAfter = TimeSpan.FromSeconds(2);

    /// <summary>A snapshot walks over all zones on the machine's thread: for what only moves levels it is made seldom.</summary>
    static readonly TimeSpan LevelsAfter = TimeSpan.FromSeconds(60);

    static readonly TimeSpan DiskPatience = TimeSpan.FromSeconds(5);

    readonly TimeProvider time;
    readonly ILogger log;
    readonly Graph graph;
    readonly string configPath;

    /// <summary>Where the journal and the break-glass file are: as at the start, since other directories of a config read again take a restart.</summary>
    readonly (string State, string Runtime) directories;
    readonly CancellationTokenSource stopping = new();
    readonly SemaphoreSlim changing = new(1, 1);
    readonly ITimer snapshots;
    readonly ITimer strays;
    int unsaved; // 0: nothing, 1: levels, 2: what shall be saved soon
    readonly Plan started;
    volatile Plan plan;
    volatile PendingReload? pending;

    /// <summary>Reads what an earlier run left, makes the machine and opens the journal; nothing runs yet.</summary>
    public Daemon(Plan plan, string configPath, Origin origin, TimeProvider time, ILogger log)
    {
        this.plan = started = plan;
        this.configPath = configPath;
        directories = (plan.Config.StateDirectory, plan.Config.RuntimeDirectory);
        this.time = time;
        this.log = log;
        Version = origin.Version;
        Notices = new(time);
        Started = time.GetUtcNow();
        Journal = new(directories.State, origin, plan.Config.Journal.Keep, time, log) { Changed = JournalChanged };
        var left = Leftovers.Read(Journal.FilePath, log);
        Journal.Start();
        Notices.Set("journal", Journal.Broken);
        var machine = new Machine(plan.Policy);
        var now = BootTime.Now(time);
        if (left.Snapshot is { } snapshot) machine.Restore(snapshot, now, left.Boot == origin.Boot);
        Engine = new(plan.Policy, machine, time, log);
        Journal.Queue(new RunItem(now, plan.Policy.Hash, Recording.Channels(plan.Policy), machine.Snapshot(now)));
        graph = new(Engine, new Outbox(Journal, left.Outbox, left.LastOutbox), log);
        Engine.Add(Journal.Record, Journal.RoomAsync);
        Engine.Add(Watchers.Record);
        Engine.Add(NoteChanges);
        Engine.Add(Shed.Record);
        Engine.Add(new ClockWatch(Engine, () => Plan.Config.Limits.WallClock == WallClock.Trusted || BootClock.IsWallSynchronised).Record);
        strays = time.CreateTimer(_ => LookForStrays(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        snapshots = time.CreateTimer(_ => Save(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Engine Engine { get; }

    public Journal.Journal Journal { get; }

    public Notices Notices { get; }

    public Watchers Watchers { get; } = new();

    public string Version { get; }

    public DateTimeOffset Started { get; }

    public Plan Plan => plan;

    public PendingReload? Pending => pending;

    public TimeProvider Time => time;

    public IReadOnlyCollection<ActionRunner> Actions => graph.Actions;

    /// <summary>Those that run.</summary>
    public IEnumerable<ISource> Sources => graph.Sources;

    public int Restarts => graph.Restarts;

    public IReadOnlyList<(string Source, SourceCount Count)> Counted => graph.Counted;

    public ShedCounts Shed { get; } = new();

    /// <summary>The machine first, then what it drives, then what it hears.</summary>
    public async Task StartAsync()
    {
        // Before anybody else writes them.
        unstamped = Strays.Stamp(plan.Config);
        var runners = graph.ActionsFor(plan);
        Engine.Use(runners);
        Engine.Start();
        await graph.ApplyAsync(plan, runners).ConfigureAwait(false);
        LookForStrays();
        strays.Change(StraysEvery, StraysEvery);
    }

    /// <summary>Where its config was read.</summary>
    public string ConfigPath => configPath;

    /// <summary>Completes the journal up to now: what only says the same again is written too, so that a replay goes so far. False: it cannot be written.</summary>
    public async Task<bool> FlushAsync() =>
        await (await Engine.AskAsync((_, now) => DurableAsync(done => new FlushItem(now, End: false) { Durable = done })).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>A person's word: taken, and durable when this returns. Null: done; else why it was refused, or is not durable.</summary>
    /// <param name="told">Asks what has become of the word, before anything else is heard.</param>
    public async Task<NotKept?> OperateAsync(Operator word, Action<Machine, Moment>? told = null)
    {
        // The disk is asked before the word is said, so that a refusal leaves nothing behind; a journal that had stopped is tried again by this.
        if (!await DurableAsync(done => new FlushItem(BootTime.Now(time), End: false) { Durable = done }).ConfigureAwait(false))
            return new(NotDurable(word), Refused: true);
        var snapshot = await Engine.StepAsync(word, (machine, now) =>
        {
            told?.Invoke(machine, now);
            return new SnapshotItem(now, machine.Snapshot(now));
        }).ConfigureAwait(false);
        var durable = await DurableAsync(done => snapshot with { Durable = done }).ConfigureAwait(false);
        return durable ? null : new($"it stands until oops restarts, but could not be written: {Journal.Broken ?? "the disk is too slow"}", Refused: false);
    }

    // A brake that is released in memory only would be on again after the next start, when nobody looks; and where the disk stays full there is a way without it.
    string NotDurable(Operator word)
    {
        var why = $"the journal has stopped: {Journal.Broken ?? "the disk is too slow"}; mend that (a full disk: make room under {directories.State}) and repeat it, the disk is tried at once; or, ";
        return word is Undrain or Unhold or Unoverride
            ? $"refused: it would come back with the next start, {why}to end every drain, hold and override together with the history, stop oops, remove {Journal.FilePath} and what begins with its name, and start oops"
            : $"refused: it would not survive a restart, {why}to stop everything without a disk, touch {Path.Combine(directories.Runtime, "hold")}";
    }

    /// <summary>Nothing new is begun; routes with `on-exit: withdraw` are taken out, all others stay as they are.</summary>
    public async Task StopAsync()
    {
        await ExitRoutes.LeaveAsync(this).ConfigureAwait(false);
        await DurableAsync(done => new FlushItem(BootTime.Now(time), End: true) { Durable = done }).ConfigureAwait(false);
    }

    async Task<bool> DurableAsync(Func<TaskCompletionSource<bool>, JournalItem> make)
    {
        try
        {
            return await Journal.QueueDurable(make).WaitAsync(DiskPatience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await snapshots.DisposeAsync().ConfigureAwait(false);
        await strays.DisposeAsync().ConfigureAwait(false);
        await graph.DisposeAsync().ConfigureAwait(false);
        // One that never ran (its control socket could not be had) has nobody to ask, and nothing new to remember.
        if (Engine.IsStarted) Journal.Queue(await Engine.AskAsync((machine, now) => new SnapshotItem(now, machine.Snapshot(now))).ConfigureAwait(false));
        await Engine.DisposeAsync().ConfigureAwait(false);
        await Journal.DisposeAsync().ConfigureAwait(false);
        changing.Dispose();
        stopping.Dispose();
    }

    // On the journal's thread.
    void JournalChanged(string? why)
    {
        Notices.Set("journal", why);
        // The snapshots of the meantime are lost, and nothing new may happen before a restart.
        if (why is null) snapshots.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    // On the machine's thread: what a restart must not forget is saved soon, once for many changes.
    void NoteChanges(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        var urgency = Urgency(input, effects);
        // Only this thread raises it. If `Save` lowers it just now, it asks the machine after this step.
        if (urgency <= Volatile.Read(ref unsaved)) return;
        Volatile.Write(ref unsaved, urgency);
        snapshots.Change(urgency == 2 ? SnapshotAfter : LevelsAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>2: routes, a person's word or the set of zones have changed; 1: what was told to others, which a restart would at worst tell again; 0: nothing to save.</summary>
    internal static int Urgency(Input input, IReadOnlyList<Effect> effects)
    {
        if (input is Operator or ZonesListed { Last: true }) return 2;
        var urgency = input is Applied ? 1 : 0;
        foreach (var effect in effects)
        {
            if (effect is RouterIntent or RouteChanged) return 2;
            if (effect is Intent) urgency = 1;
        }

        return urgency;
    }

    void Save()
    {
        if (stopping.IsCancellationRequested) return;
        Interlocked.Exchange(ref unsaved, 0);
        _ = Engine.AskAsync((machine, now) =>
        {
            Journal.Queue(new SnapshotItem(now, machine.Snapshot(now)));
            return true;
        });
    }
}
