using System.Globalization;
using System.Runtime.ExceptionServices;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Servers;
using Oops.Wire.Dns;
using Oops.Wire.Knot;

namespace Oops.Sources.Knot.Gate;

/// <summary>
/// Answers knotd's external validation (from 3.5.0): has each version that waits judged, and lets it in or keeps it out. The bus says where to look, the control socket what waits: at the start, after each gap, and on an
/// interval all zones are looked at. A version is let in only if it is, at that moment, the one that was judged; each one ends in one <see cref="GateOutcome"/>.
/// </summary>
/// <param name="ready">Waits until the zone can be judged, without a place; null: that is at once.</param>
internal sealed class KnotGate(KnotGateOptions options, GateJudge judge, TimeProvider time, GateTold told, GateReady? ready = null)
{
    // role, serial, transaction
    const string Filters = "rst";

    // Signals that come together make one look.
    static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromSeconds(5);

    static readonly Task Never = new TaskCompletionSource().Task;

    readonly Lock gate = new();
    readonly Dictionary<DnsName, GateWait> waits = [];
    readonly HashSet<Task> tasks = [];
    readonly TaskCompletionSource bug = new(TaskCreationOptions.RunContinuationsAsynchronously);
    string? control = "";

    // The process that has external validation: it is asked once.
    int? able;

    public GateCounts Counts { get; } = new();

    /// <summary>Versions that wait now.</summary>
    public int Waiting
    {
        get { lock (gate) return waits.Count; }
    }

    /// <summary>Ends by cancellation, or by what a judge threw: then what it was asked about has been answered as it is configured.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var look = new Look();
        using var slots = new SemaphoreSlim(options.AtOnce, options.AtOnce);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var ear = new GateEar(look, Counts, told.Bus);
        List<Func<CancellationToken, Task>> parts = [token => WatchAsync(look, ear, slots, ending.Token, token), bug.Task.WaitAsync];
        if (options.Bus is { } bus) parts.Add(new KnotBus(bus, options.Timeout, time, ear).RunAsync);
        look.AtAll();
        try
        {
            await Together.RunAsync(stop, parts);
        }
        finally
        {
            await ending.CancelAsync();
            // While they end they begin what waits for a judge that does not hear.
            while (true)
            {
                Task[] left;
                lock (gate) left = [.. tasks];
                if (left.Length == 0) break;
                await Task.WhenAll(left);
            }
        }
    }

    async Task WatchAsync(Look look, GateEar ear, SemaphoreSlim slots, CancellationToken ending, CancellationToken stop)
    {
        var retry = new Backoff(FirstRetry, LongestRetry);
        var (failed, read) = (false, time.GetTimestamp());
        while (true)
        {
            var until = failed ? retry.Next() : options.Interval - time.GetElapsedTime(read);
            await look.WaitAsync(until > TimeSpan.Zero ? until : TimeSpan.Zero, Never, time, stop);
            await Task.Delay(Rest, time, stop);
            var (all, zones) = look.Take();
            // What was asked of a look that failed is asked again, by looking at all.
            all |= failed || zones.Count == 0 || time.GetElapsedTime(read) >= options.Interval;
            if (all) read = time.GetTimestamp();
            var why = await LookAsync(all ? [] : [.. zones.Keys], look, ear, slots, ending, stop);
            failed = why is not null;
            if (!failed) retry.Reset();
            if (why == control) continue;
            told.Control(control = why);
        }
    }

    // Null, or why not all of it could be looked at.
    async Task<string?> LookAsync(IReadOnlyList<string> zones, Look look, GateEar ear, SemaphoreSlim slots, CancellationToken ending, CancellationToken stop)
    {
        var (session, notOpened, _) = await KnotControl.OpenAsync(options.Control, options.Timeout, time, stop);
        ear.Listens(session?.PeerPid);
        if (session is null) return notOpened;
        await using (session)
        {
            if (await UnableAsync(session, stop) is { } unable) return unable;
            var open = new List<DnsName>();
            var why = await session.ZoneStatusAsync(zones, Each, stop, filters: Filters);
            foreach (var zone in open)
            {
                var (held, notHeld) = await HeldAsync(session, zone, stop);
                if (held is { } version) Begin(version, look, slots, ending);
                why ??= notHeld;
            }

            return why;

            void Each(KnotZoneStatus status)
            {
                if (status.Transaction == KnotTransaction.External && open.Count < KnotGateOptions.MostWaiting && DnsName.TryParse(status.Zone, out var name)) open.Add(name);
            }
        }
    }

    // Null: it can ask us, or does not say which version it is.
    async ValueTask<string?> UnableAsync(KnotControl session, CancellationToken stop)
    {
        if (able is { } known && known == session.PeerPid) return null;
        var (version, _) = await session.VersionAsync(stop);
        if (version is not null && IsBefore(version, KnotGateOptions.Since))
            return $"knot: knotd {version} has no external validation, which is there from {KnotGateOptions.Since} on: nothing waits for a verdict";
        able = session.PeerPid;
        return null;
    }

    static bool IsBefore(string version, Version since) =>
        Version.TryParse(version[..version.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.').Count()], out var present) && present < since;

    // What waits for the zone, whose transaction is known to be an external one. Neither: nothing any more.
    async ValueTask<(Held? Held, string? Why)> HeldAsync(KnotControl session, DnsName zone, CancellationToken stop)
    {
        var (serial, done) = await session.WaitingSerialAsync(zone.ToString(), stop);
        if (serial is { } known) return (new(zone, session.PeerPid, known, options.NewZone?.Of(zone) is { } path ? FileKind.Stamp(path) : null), null);
        return (null, done.NothingOpen ? null : done.Lost ?? $"knot: {zone}: {done.Error}");
    }

    void Begin(in Held held, Look look, SemaphoreSlim slots, CancellationToken ending)
    {
        lock (gate)
        {
            if (waits.TryGetValue(held.Zone, out var before))
            {
                if (before.Held == held) return;
                before.Supersede();
            }
            else if (waits.Count >= KnotGateOptions.MostWaiting)
                return;

            var wait = new GateWait(held, time.GetTimestamp(), ending);
            waits[held.Zone] = wait;
            Counts.Add(GateCount.Waited);
            Own(AnswerAsync(wait, look, slots));
        }
    }

    // Under the lock. A task takes itself out when it ends; what it throws is ours.
    void Own(Task task)
    {
        tasks.Add(task);
        task.ContinueWith(ended =>
        {
            lock (gate) tasks.Remove(ended);
            if (ended.Exception is { } thrown) bug.TrySetException(thrown.InnerExceptions);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    async Task AnswerAsync(GateWait wait, Look look, SemaphoreSlim slots)
    {
        await Task.Yield();
        using (wait)
        {
            var (answer, verdict, thrown) = ((GateAnswer?)null, default(GateVerdict), default(ExceptionDispatchInfo));
            try
            {
                (verdict, thrown) = await JudgeAsync(wait, slots);
                answer = verdict.Answer ?? options.Otherwise;
                if (verdict.Answer is null) Counts.Add(GateCount.Unjudged);
                var (end, why) = await SendAsync(wait, answer.Value, verdict.Why, look);
                Leave(wait, end, answer, verdict.Answer is not null, why);
            }
            catch (OperationCanceledException) when (wait.Token.IsCancellationRequested)
            {
                Leave(wait, wait.Superseded ? GateEnd.Superseded : GateEnd.Unanswered, answer, verdict.Answer is not null, wait.Superseded ? "" : "the gate ends");
            }

            thrown?.Throw();
        }
    }

    void Leave(GateWait wait, GateEnd end, GateAnswer? answer, bool judged, string why)
    {
        lock (gate)
            if (waits.TryGetValue(wait.Held.Zone, out var present) && ReferenceEquals(present, wait)) waits.Remove(wait.Held.Zone);
        Counts.Add(end switch
        {
            GateEnd.Committed => GateCount.Committed,
            GateEnd.Aborted => GateCount.Aborted,
            GateEnd.Gone => GateCount.Gone,
            GateEnd.Superseded => GateCount.Superseded,
            _ => GateCount.Unanswered,
        });
        told.Outcome(new(wait.Zone, wait.Held.Serial, end, answer, judged, why, time.GetElapsedTime(wait.Since)));
    }

    // Never later than the deadline, whatever the judge does; what it throws comes along, to be thrown when knotd has its answer.
    async Task<(GateVerdict Verdict, ExceptionDispatchInfo? Thrown)> JudgeAsync(GateWait wait, SemaphoreSlim slots)
    {
        using var late = new CancellationTokenSource(options.Deadline, time);
        var both = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, late.Token);
        Task<GateVerdict>? judging = null;
        try
        {
            if (ready is not null && await ready(wait.Zone, both.Token) is { } why)
                return (GateVerdict.None(why), null);
            await slots.WaitAsync(both.Token);
            // On a thread of its own: it may compute for long before it first waits, and the deadline is not to wait for that.
            judging = Task.Run(() => judge(wait.Zone, wait.Held.Serial, both.Token), CancellationToken.None);
            return (await judging.WaitAsync(both.Token), null);
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested && !wait.Token.IsCancellationRequested)
        {
            return (GateVerdict.None($"no verdict within {Duration.Format(options.Deadline)}"), null);
        }
        catch (Exception e) when (judging is { IsCompleted: true } && !wait.Token.IsCancellationRequested)
        {
            return (GateVerdict.None("the judge failed"), judging.IsFaulted ? ExceptionDispatchInfo.Capture(e) : null);
        }
        finally
        {
            if (judging is null) both.Dispose();
            else lock (gate) Own(FreeAsync(judging, judging.IsCompleted, slots, both));
        }
    }

    // A judge that does not hear that it is too late keeps its place: there are never more of them than places.
    static async Task FreeAsync(Task judging, bool seen, SemaphoreSlim slots, CancellationTokenSource token)
    {
        await judging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        slots.Release();
        token.Dispose();
        if (!seen && judging.IsFaulted) await judging;
    }

    // Tries until knotd has heard the answer, nothing waits any more, or knotd has given up by its own time.
    async Task<(GateEnd End, string Why)> SendAsync(GateWait wait, GateAnswer answer, string why, Look look)
    {
        var retry = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            var (end, failed) = await TryAsync(wait, answer, look);
            if (end is { } ended) return (ended, why);
            if (time.GetElapsedTime(wait.Since) >= options.KnotdTimeout) return (GateEnd.Unanswered, string.Create(CultureInfo.InvariantCulture, $"{failed}; {why}"));
            Counts.Add(GateCount.Retried);
            await Task.Delay(retry.Next(), time, wait.Token);
        }
    }

    // How it ended, or why there was no answer.
    async Task<(GateEnd? End, string Why)> TryAsync(GateWait wait, GateAnswer answer, Look look)
    {
        var (session, notOpened, _) = await KnotControl.OpenAsync(options.Control, options.Timeout, time, wait.Token);
        if (session is null) return (null, notOpened);
        await using (session)
        {
            var transaction = KnotTransaction.None;
            var why = await session.ZoneStatusAsync([wait.Zone], status => transaction = status.Transaction, wait.Token, filters: Filters);
            if (why is not null) return (null, why);
            // A person's own transaction is not ours to end.
            if (transaction != KnotTransaction.External) return (GateEnd.Gone, "");
            var (held, notHeld) = await HeldAsync(session, wait.Held.Zone, wait.Token);
            if (held is not { } present) return notHeld is null ? (GateEnd.Gone, "") : (null, notHeld);
            if (present != wait.Held)
            {
                look.At(wait.Zone);
                return (GateEnd.Superseded, "");
            }

            wait.Token.ThrowIfCancellationRequested();
            var done = await session.DoAsync(answer == GateAnswer.Pass ? "zone-commit" : "zone-abort", wait.Zone, wait.Token);
            if (done.Ok) return (answer == GateAnswer.Pass ? GateEnd.Committed : GateEnd.Aborted, "");
            return done.NothingOpen ? (GateEnd.Gone, "") : (null, done.Lost ?? $"knot: {done.Error}");
        }
    }
}
