using Oops.Core;
using Oops.Engine;

namespace Oops.Sources.Knot;

/// <summary>
/// Reads the control socket: everything at the start, after each reconnection and on the interval; one zone when its time has come or the bus spoke of it.
/// Each look is a session of its own, because knotd 3.2 serves one at a time and would keep `knotc` waiting.
/// </summary>
internal sealed class KnotWitness
{
    /// <summary>Zone names sent to the machine at a time.</summary>
    const int Piece = 2000;

    // A session that fails once may have met a `knotc -b`, which blocks the others: no loss yet. That nobody listens is a fact at once.
    const int FailuresUntilLost = 3;

    // A complete read takes at most this part of knotd's control thread, and of ours.
    const int Leisure = 20;

    // And where signals ask for one after the other, this part.
    const int Haste = 4;

    // Looks that follow one another are spaced twice as much each time, so that a burst of updates is some looks and a steady flood one in a second.
    // While nobody answers, words about the server as a whole are followed after a brief pause: knotd opens its socket last of all, and the zones of a large one are a flood of words before that.
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan BriefPause = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    readonly KnotOptions options;
    readonly IEngine engine;
    readonly KnotLook look;
    readonly KnotWords words;
    readonly KnotZones zones;
    readonly List<string> listed = [];
    IReadOnlyList<string> lastListed = [];
    bool open;
    string? why;
    int failures;
    TimeSpan retry = FirstRetry;
    TimeSpan pause = FirstPause;
    TimeSpan exertion;
    int? peerPid;
    int? lastPid;
    int? processPid;
    ServerView view;
    At nextRead;

    public KnotWitness(KnotOptions options, IEngine engine, KnotLook look, KnotWords words)
    {
        (this.options, this.engine, this.look, this.words) = (options, engine, look, words);
        view = engine.Server(options.Server);
        zones = new(options.ControlChannel, options.Interval, engine.Send, words.Refreshed);
    }

    public async Task RunAsync(CancellationToken stop)
    {
        nextRead = engine.Now;
        while (true)
        {
            var (all, asked) = look.Take();
            if (!open && (all || asked.Count > 0)) retry = FirstRetry;
            if (NewProcess()) (open, all) = (false, true);
            var now = engine.Now;
            var whole = all || now >= nextRead || (!open && asked.Count > 0);
            if (open && !whole)
                foreach (var zone in zones.Due(now, KnotLook.MaxZones - Math.Min(asked.Count, KnotLook.MaxZones))) asked.TryAdd(zone, false);
            if (whole || (open && asked.Count > 0))
            {
                await LookAsync(whole ? null : [.. asked.Keys], asked, stop);
                await RestAsync(stop);
            }

            var rested = engine.Now;
            await look.WaitAsync(Wait(), view.Replaced, engine.Time, stop);
            if (engine.Now - rested >= LongestPause) pause = FirstPause;
        }
    }

    // A read that took long is rested from, but not while another server may be waiting to be met; words about that have their spacing, too.
    async Task RestAsync(CancellationToken stop)
    {
        var least = open || pause < BriefPause ? pause : BriefPause;
        var most = exertion > pause ? exertion : pause;
        var longest = open ? LongestPause : FirstRetry;
        pause = pause * 2 < longest ? pause * 2 : longest;
        await RestAsync(least, null, stop);
        if (most > least) await RestAsync(most - least, look.Urgent, stop);
    }

    // At most so long: until the machine knows of another process, or of the end of this one, or `word` ends.
    async Task RestAsync(TimeSpan most, Task? word, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var rest = Task.Delay(most, engine.Time, over.Token);
        word ??= rest;
        for (var seen = engine.Server(options.Server); seen.Pid == processPid && !rest.IsCompleted && !word.IsCompleted; seen = engine.Server(options.Server))
            await Task.WhenAny(rest, word, seen.Replaced);
        await over.CancelAsync();
        await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }

    TimeSpan Wait()
    {
        var wait = At.Min(nextRead, open ? zones.NextLook : At.Never) - engine.Now;
        // Timers know no part of a millisecond: cut off, it would be a turn for nothing.
        return wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero;
    }

    // The process source may learn of a new incarnation after us, and the machine then ends what was claimed before.
    // True when it may have ended our claims so. That this is the one which answers us proves nothing:
    // we may have met it first, and what we said of zones before the machine knew it was not taken, and would not be said again.
    bool NewProcess()
    {
        view = engine.Server(options.Server);
        var pid = view.Pid;
        if (pid == processPid) return false;
        processPid = pid;
        words.Answered(open, peerPid);
        if (pid is null) return false;
        (nextRead, pause) = (engine.Now, FirstPause);
        return open;
    }

    // One session: the given zones, or all of them.
    async Task LookAsync(IReadOnlyList<string>? some, Dictionary<string, bool> hints, CancellationToken stop)
    {
        var (began, known) = (engine.Now, open);
        exertion = TimeSpan.Zero;
        var opened = await KnotControl.OpenAsync(options.Control, options.Timeout, engine.Time, stop);
        if (opened.Control is not { } control)
        {
            Fail(opened.Why, opened.Nobody);
            return;
        }

        await using (control)
        {
            // Another process than the one we spoke of: all that was said is over, so all is read.
            if (control.PeerPid != peerPid) open = known = false;
            if (!open && await WelcomeAsync(control, stop) is { } unwelcome)
            {
                Fail(unwelcome, nobody: false);
                return;
            }

            if (!open) some = null;
            open = true;
            if (await ReadAsync(control, some, hints, stop) is { } failed)
            {
                Fail(failed, nobody: false);
                return;
            }
        }

        failures = 0;
        retry = FirstRetry;
        // One that has just started has more to tell soon; one that is met and lost again and again has not.
        if (!known) pause = FirstPause;
        if (some is null) Complete(began);
    }

    // The first answer of a session's first kind: it proves that knotd is there, and says which.
    async Task<string?> WelcomeAsync(KnotControl control, CancellationToken stop)
    {
        var (version, failed) = await control.VersionAsync(stop);
        if (version is null) return failed;
        zones.Forget(restarted: control.PeerPid is null || control.PeerPid != lastPid);
        peerPid = lastPid = control.PeerPid;
        (why, lastListed) = (null, []);
        engine.Send(new ChannelOpened(options.ControlChannel));
        engine.Send(new ServerSignal(options.ControlChannel, Measure.Answering, 1, Detail: $"knotd {version}"));
        words.Answered(true, peerPid);
        return null;
    }

    // Null, or why it failed.
    async Task<string?> ReadAsync(KnotControl control, IReadOnlyList<string>? some, Dictionary<string, bool> hints, CancellationToken stop)
    {
        if (some is not null) return await control.ZoneStatusAsync(some, status => zones.Take(status, hints, engine.Now), stop, options.MostZones);
        zones.BeginRead();
        listed.Clear();
        var failed = await control.ZoneStatusAsync([], status =>
        {
            if (zones.Take(status, hints, engine.Now) is { } name && status.Error is null) listed.Add(name);
        }, stop, options.MostZones);
        return failed ?? (listed.Count == 0 ? await DoubtAsync(control, hints, stop) : null);
    }

    // An answer without a single zone may be the truth, and may be what is left of one. Zones that should be there are asked for by name: only if the server denies each of them, it is believed.
    async Task<string?> DoubtAsync(KnotControl control, Dictionary<string, bool> hints, CancellationToken stop)
    {
        var doubted = zones.Some(engine.Server(options.Server).Zones, KnotLook.MaxZones);
        if (doubted.Count == 0) return null;
        var denied = new HashSet<string>(StringComparer.Ordinal);
        var failed = await control.ZoneStatusAsync(doubted, status =>
        {
            if (zones.Take(status, hints, engine.Now) is { } name && status.Error is not null) denied.Add(name);
        }, stop, options.MostZones);
        return failed ?? (doubted.Find(z => !denied.Contains(z)) is { } there ? $"knot: an empty list, though nobody said that there is no {there}" : null);
    }

    void Complete(At began)
    {
        zones.EndRead(engine.Server(options.Server).Zones);
        engine.Send(new ServerSignal(options.ControlChannel, Measure.Answering, 1));
        if (options.ListsZones && !listed.SequenceEqual(lastListed)) List();
        engine.Send(new ChannelRead(options.ControlChannel));
        words.Answered(true, peerPid);
        var took = engine.Now - began;
        exertion = took * Haste;
        var wait = took * Leisure;
        nextRead = engine.Now + (wait < options.Interval ? options.Interval : wait < options.Interval * 2 ? wait : options.Interval * 2);
    }

    void List()
    {
        lastListed = [.. listed];
        for (var at = 0; at == 0 || at < lastListed.Count; at += Piece)
            engine.Send(new ZonesListed(options.ControlChannel, [.. lastListed.Skip(at).Take(Piece)], at + Piece >= lastListed.Count) { First = at == 0 });
    }

    void Fail(string reason, bool nobody)
    {
        nextRead = engine.Now + retry;
        // Who answers, but not to the end, would be met and lost each second: asked ever more seldom, as when it answers well.
        var longest = open && options.Interval > LongestRetry ? options.Interval : LongestRetry;
        retry = retry * 2 < longest ? retry * 2 : longest;
        if (++failures < FailuresUntilLost && !nobody && open) return;
        peerPid = null;
        words.Answered(false, null);
        if (!open && why == reason) return;
        if (open && nobody) pause = FirstPause;
        (open, why) = (false, reason);
        engine.Send(new ChannelLost(options.ControlChannel, reason));
    }
}
