using Oops.Core;
using Oops.Engine;

namespace Oops.Servers;

/// <summary>
/// Reads a server's control socket or API: everything at the start, after each reconnection and on the interval; one zone when its time has come or somebody spoke of it.
/// Each look is a session of its own, because knotd 3.2 serves one at a time and would keep `knotc` waiting. All that is the same for each server is here; how one is asked is in its session.
/// </summary>
internal sealed class Witness : IReading
{
    /// <summary>Zone names sent to the machine at a time.</summary>
    const int Piece = 2000;

    // A session that fails once may have met a `knotc -b`, which blocks the others: no loss yet. That nobody listens is a fact at once.
    const int FailuresUntilLost = 3;

    // An empty list of a server that cannot be asked for zones by name is believed when it was seen so often in a row.
    const int EmptyUntilBelieved = 3;

    // What a server names in answers that are none is kept until the channel is lost, and beyond that only where it is not many more than its last whole list had.
    const int MostSpare = 10_000;

    // A complete read takes at most this part of the server's control thread, and of ours.
    const int Leisure = 20;

    // And where signals ask for one after the other, this part.
    const int Haste = 4;

    // Questions over DNS in a second: for what a complete read needs, and for what only confirms it.
    const int MostAsked = 1000;
    const int MostChecked = 100;

    // Looks that follow one another are spaced twice as much each time, so that a burst of updates is some looks and a steady flood one in a second.
    // While nobody answers, words about the server as a whole are followed after a brief pause: knotd opens its socket last of all, and the zones of a large one are a flood of words before that.
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan BriefPause = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    // A new process opens its control when it has read its config and its data, sooner or later: asked again after as long as it has been there, by and large.
    static readonly TimeSpan FirstRetryOfNew = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    readonly WitnessOptions options;
    readonly Func<CancellationToken, ValueTask<SessionOpened>> openAsync;
    readonly IEngine engine;
    readonly Look look;
    readonly ZoneBook zones;
    readonly SoaSweep? sweep;
    readonly SoaSweep? check;
    readonly HashSet<string> denied = new(StringComparer.Ordinal);
    Dictionary<string, bool> hints = [];
    bool open;

    // It greets, and what it was asked then failed until the channel was lost: it is not opened before a whole read has succeeded, which is tried without that anything is said. Else it would be opened and lost with each try.
    bool held;
    bool trying;
    string? why;
    string? started;
    int failures;
    int complete;
    int empty;
    TimeSpan retry = FirstRetry;
    TimeSpan pause = FirstPause;
    TimeSpan exertion;
    int? peerPid;
    int? lastPid;
    int? processPid;
    ServerView view;
    At nextRead;
    At soonest;
    At confirmed;
    At? doubted;

    /// <param name="options">What is asked, and how often.</param>
    /// <param name="openAsync">Opens a session; bounded in time.</param>
    /// <param name="engine">Where its claims go.</param>
    /// <param name="look">Who asks it to look.</param>
    public Witness(WitnessOptions options, Func<CancellationToken, ValueTask<SessionOpened>> openAsync, IEngine engine, Look look)
    {
        (this.options, this.openAsync, this.engine, this.look) = (options, openAsync, engine, look);
        view = engine.Server(options.Server);
        zones = new(options.Channel, options.Interval, Say, options.Refreshed, options.Attempt);
        if (options.Address is not { } address) return;
        sweep = new(address, options.Interval, MostAsked, options.Counts, engine);
        check = new(address, options.Interval, MostChecked, options.Counts, engine);
    }

    /// <summary>Names that are held, for whatever reason.</summary>
    public int Held => zones.Count + denied.Count;

    public async Task RunAsync(CancellationToken stop)
    {
        nextRead = engine.Now;
        while (true)
        {
            var (all, asked) = look.Take();
            if (!open && !held && (all || asked.Count > 0) && retry > FirstRetry) retry = FirstRetry;
            if (NewProcess()) (open, all) = (false, true);
            var now = engine.Now;
            if (open && !all && now < nextRead)
            {
                foreach (var zone in zones.Due(now, Look.MaxZones - Math.Min(asked.Count, Look.MaxZones))) asked.TryAdd(zone, false);
            }

            var complete = all || now >= nextRead || (!held && asked.Count > 0 && (!open || (!options.ByName && now >= soonest)));
            if (complete || (open && asked.Count > 0 && options.ByName))
            {
                await LookAsync(complete ? null : [.. asked.Keys], asked, stop);
                await RestAsync(stop);
            }
            else if (asked.Count > 0 && open)
            {
                // It can only be read as a whole, and that was done a moment ago.
                nextRead = At.Min(nextRead, soonest);
            }
            else if (open && view.UnansweredSince is { } silent && silent != doubted)
            {
                doubted = silent;
                await GreetAsync(stop);
            }

            // Words about the server as a whole do not wait for zones that are silent.
            if (open && !look.Urgent.IsCompleted && sweep is not null && sweep.Due <= engine.Now && await sweep.AskAsync(zones, LookAt, stop) && failures == 0) Confirm();
            if (open && !look.Urgent.IsCompleted && check is not null && check.Due <= engine.Now) await check.AskAsync(zones, LookAt, stop);
            var rested = engine.Now;
            await look.WaitAsync(Wait(), view.Replaced, engine.Time, stop);
            if (engine.Now - rested >= LongestPause) pause = FirstPause;
        }
    }

    void IReading.Zone(in ZoneFacts facts)
    {
        var failed = hints.Count > 0 && ZoneBook.Canonical(facts.Zone) is { } hinted && hints.GetValueOrDefault(hinted);
        if (zones.Take(facts, failed, engine.Now) && facts.Denied is not null) denied.Add(ZoneBook.Canonical(facts.Zone)!);
    }

    void Say(ZoneSignal signal)
    {
        if (!trying) engine.Send(signal);
    }

    Task IReading.RoomAsync() => engine.RoomAsync();

    // It answers, though its control has not said so.
    void LookAt(string zone) => look.At(zone);

    void IReading.Started(string when)
    {
        if (trying) return;
        var again = started is not null && started != when;
        started = when;
        if (!again) return;
        // What was claimed was claimed of the one before, and this answer may say the same of this one.
        zones.Forget(restarted: true);
        sweep?.Forget();
        check?.Forget();
        zones.ForgetList();
        (empty, nextRead, confirmed) = (0, engine.Now, engine.Now);
        engine.Send(new ChannelOpened(options.Channel));
        engine.Send(new ServerSignal(options.Channel, Measure.Answering, 1));
    }

    void Confirm()
    {
        confirmed = engine.Now;
        engine.Send(new ChannelRead(options.Channel));
    }

    // A read that took long is rested from, but not while another server may be waiting to be met; words about that have their spacing, too.
    async Task RestAsync(CancellationToken stop)
    {
        var least = open || pause < BriefPause ? pause : BriefPause;
        var most = exertion > pause ? exertion : pause;
        var longest = open || held ? LongestPause : FirstRetry;
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
        var due = At.Min(nextRead, open ? zones.NextLook : At.Never);
        if (open && sweep is not null && check is not null) due = At.Min(due, At.Min(sweep.Due, check.Due));
        var wait = due - engine.Now;
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
        options.Answered(open, peerPid);
        if (pid is null) return false;
        (nextRead, pause, held, retry) = (engine.Now, FirstPause, false, FirstRetryOfNew);
        return open;
    }

    // Probes begin to be unanswered. That its control answers meanwhile shows that it is not hung; that it does not is the next look's affair.
    async Task GreetAsync(CancellationToken stop)
    {
        var opened = await openAsync(stop);
        if (opened.Session is not { } session) return;
        await using (session)
        {
            if (session.PeerPid == peerPid && (await session.GreetAsync(stop)).Software is { } software)
                engine.Send(new ServerSignal(options.Channel, Measure.Answering, 1, Detail: software));
        }
    }

    // One session: the given zones, or all of them.
    async Task LookAsync(IReadOnlyList<string>? some, Dictionary<string, bool> hints, CancellationToken stop)
    {
        var (began, known) = (engine.Now, open);
        this.hints = hints;
        exertion = TimeSpan.Zero;
        options.Counts.Read();
        var opened = await openAsync(stop);
        if (opened.Session is not { } session)
        {
            Fail(opened.Why, opened.Nobody);
            return;
        }

        await using (session)
        {
            // Another process than the one we spoke of: all that was said is over, so all is read.
            if (session.PeerPid != peerPid) open = known = false;
            held &= session.PeerPid == lastPid;
            if (held)
            {
                if (await TryAsync(session, stop) is { } still) Fail(still, nobody: false);
                return;
            }

            if (!open && await WelcomeAsync(session, stop) is { } unwelcome)
            {
                Fail(unwelcome, nobody: false);
                return;
            }

            if (!open) some = null;
            open = true;
            if (await ReadAsync(session, some, stop) is { } failed)
            {
                Fail(failed, nobody: false);
                held = !open;
                return;
            }
        }

        failures = 0;
        retry = FirstRetry;
        // One that has just started has more to tell soon; one that is met and lost again and again has not.
        if (!known) pause = FirstPause;
        if (some is null) await CompleteAsync(began);
    }

    // Null, or why it still fails. What is read is not kept: the next look opens the channel, and says all.
    async Task<string?> TryAsync(IServerSession session, CancellationToken stop)
    {
        trying = true;
        try
        {
            var (software, unwelcome) = await session.GreetAsync(stop);
            zones.Forget(restarted: false);
            if ((software is null ? unwelcome : await ReadAsync(session, null, stop)) is { } failed) return failed;
        }
        finally
        {
            trying = false;
        }

        (held, failures, retry, nextRead) = (false, 0, FirstRetry, engine.Now);
        return null;
    }

    // The first answer of a session's first kind: it proves that the server is there, and says which.
    async Task<string?> WelcomeAsync(IServerSession session, CancellationToken stop)
    {
        var (software, failed) = await session.GreetAsync(stop);
        if (software is null) return failed;
        zones.Forget(restarted: session.PeerPid is null || session.PeerPid != lastPid);
        sweep?.Forget();
        check?.Forget();
        peerPid = lastPid = session.PeerPid;
        zones.ForgetList();
        (why, started, empty) = (null, null, 0);
        engine.Send(new ChannelOpened(options.Channel));
        engine.Send(new ServerSignal(options.Channel, Measure.Answering, 1, Detail: software));
        options.Answered(true, peerPid);
        return null;
    }

    // Null, or why it failed.
    async Task<string?> ReadAsync(IServerSession session, IReadOnlyList<string>? some, CancellationToken stop)
    {
        denied.Clear();
        if (!options.ReadsZones) return await session.ReadAsync(null, this, stop);
        if (some is not null) return await session.ReadAsync(some, this, stop);
        // Claims that were not renewed for so long have run out, or will: all is said again, so that each stands by itself.
        if (engine.Now - confirmed > options.Interval * 5 / 2) zones.Forget(restarted: false);
        zones.BeginRead();
        var failed = await session.ReadAsync(null, this, stop);
        return failed ?? (zones.Read == 0 || options.Unended ? await DoubtAsync(session, stop) : null);
    }

    // An answer without a single zone may be the truth, and may be what is left of one; so may one without some zones, where nothing marks its end. Zones that should be there are asked for by name: only if the server denies each of them, it is believed.
    async Task<string?> DoubtAsync(IServerSession session, CancellationToken stop)
    {
        var expected = engine.Server(options.Server).Zones;
        var doubted = options.Unended ? zones.Missing(expected, Look.MaxZones) : zones.Some(expected, Look.MaxZones);
        if (doubted.Count == 0) return null;
        if (!options.ByName) return ++empty < EmptyUntilBelieved ? $"{options.Word}: an empty list, though there were zones" : null;
        denied.Clear();
        var cut = zones.Read > 0;
        var failed = await session.ReadAsync(doubted, this, stop);
        return failed ?? (doubted.Find(z => !denied.Contains(z)) is { } there ? $"{options.Word}: {(cut ? "a list that was cut" : "an empty list")}, though nobody said that there is no {there}" : null);
    }

    async Task CompleteAsync(At began)
    {
        if (zones.Read > 0) empty = 0;
        if (options.ReadsZones) zones.EndRead(engine.Server(options.Server).Zones, engine.Now);
        complete = zones.Count;
        engine.Send(new ServerSignal(options.Channel, Measure.Answering, 1));
        if (options.ListsZones && zones.ListChanged) await ListAsync();
        sweep?.Take(zones.Unserialed, zones.TakeChanged());
        check?.Take(zones.ToConfirm, []);
        if (sweep is null or { Complete: true }) Confirm();
        options.Answered(true, peerPid);
        var took = engine.Now - began;
        exertion = took * Haste;
        var wait = took * Leisure;
        soonest = engine.Now + wait;
        nextRead = engine.Now + (wait < options.Interval ? options.Interval : wait < options.Interval * 2 ? wait : options.Interval * 2);
    }

    async Task ListAsync()
    {
        var sent = 0;
        foreach (var piece in zones.TakeList().Chunk(Piece).DefaultIfEmpty([]))
        {
            await engine.RoomAsync();
            var first = sent == 0;
            sent += piece.Length;
            engine.Send(new ZonesListed(options.Channel, piece, Last: sent == zones.Read) { First = first });
        }
    }

    void Fail(string reason, bool nobody)
    {
        options.Counts.FailedRead();
        nextRead = engine.Now + retry;
        // Who answers, but not to the end, would be met and lost each second: asked ever more seldom, as when it answers well.
        var longest = (open || held) && options.Interval > LongestRetry ? options.Interval : LongestRetry;
        retry = retry * 2 < longest ? retry * 2 : longest;
        if (++failures < FailuresUntilLost && !nobody && open) return;
        peerPid = null;
        options.Answered(false, null);
        held &= !nobody;
        if (zones.Count > (complete * 2L) + MostSpare) zones.Clear();
        if (!open && why == reason) return;
        if (open && nobody) pause = FirstPause;
        (open, why) = (false, reason);
        engine.Send(new ChannelLost(options.Channel, reason));
    }
}
