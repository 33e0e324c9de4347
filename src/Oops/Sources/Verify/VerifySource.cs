using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Sources.Knot.Gate;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>
/// Transfers each zone of a server and judges it as a whole: at the start, with each new serial that anybody hears of, when a signature ends, and on an interval. Says whether it is good, and when its first signature
/// ends; see README.md.
/// </summary>
internal sealed class VerifySource(VerifyTarget target) : ISource, IDisposable
{
    /// <summary>Zones that are transferred at once; one of them is judged at a time, by as many threads as are allowed.</summary>
    const int AtOnce = 4;

    /// <summary>Zones that are looked at before the question is asked again whose serial is new: so many, or a share of all where there are very many.</summary>
    const int Batch = 16, Rounds = 64;

    /// <summary>Zones whose serials are asked for at once.</summary>
    const int Piece = 1000;

    /// <summary>However many serials are new: so long from one look round to the next.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    readonly VerifyCounts counts = new();
    readonly SemaphoreSlim judging = new(1, 1), gating = new(1, 1);
    readonly Dictionary<string, ZoneCase> cases = new(StringComparer.Ordinal);
    TsigKey[] keys = [];
    KnotGate? gate;
    TaskCompletionSource woken = New();

    public string Name => target.Channel;

    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(target.Channel, target.Server, Standing.Witness, [Measure.Invalid, Measure.SignatureExpiry], target.Validity),
        .. target.Gate is null ? Array.Empty<ChannelSpec>() : [new(target.GateChannel, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan)],
    ];

    public IReadOnlyList<SourceCount> Counted => gate is { } open ? [.. counts.All(), .. open.Counts.All(open.Waiting)] : counts.All();

    public string Server => target.Server;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        lock (cases)
            cases.Clear();
        if (target.Gate is not { } options)
        {
            await FollowAsync(engine, stop).ConfigureAwait(false);
            return;
        }

        var (control, bus) = ((string?)null, (string?)null);
        gate = new KnotGate(options, (zone, serial, token) => AnswerAsync(options, zone, serial, engine, token), engine.Time, new GateTold(outcome => TellOutcome(engine, outcome), why => TellGate(control = why, bus), why => TellGate(control, bus = why)));
        await Together.RunAsync(stop, token => FollowAsync(engine, token), gate.RunAsync).ConfigureAwait(false);

        void TellGate(string? ofControl, string? ofBus) =>
            engine.Send((ofControl ?? ofBus) is { } why ? new ChannelLost(target.GateChannel, $"verify: {why}") : new ChannelOpened(target.GateChannel));
    }

    /// <summary>A version that waits at knotd, out of the file that it wrote.</summary>
    async Task<GateVerdict> AnswerAsync(KnotGateOptions options, string name, uint? serial, IEngine engine, CancellationToken stop)
    {
        // A zone that is new, or everything at a start: it is a zone of the server's a moment later.
        ZoneCase? zone;
        while ((zone = Find(name)) is null && target.Zones?.Contains(name) != false)
            await Task.Delay(Spacing, engine.Time, stop).ConfigureAwait(false);
        if (zone is null)
            return GateVerdict.None($"{name} is not among the zones that are judged");
        if (options.NewZone?.Of(zone.Zone) is not { } path)
            return GateVerdict.None("where knotd writes the new version is not known");
        var trouble = "";
        var read = NewZone.Read(path, zone.Zone, serial, stop);
        var report = await JudgeComingAsync(zone, read.Version, read.Why, why => trouble = why, engine, stop).ConfigureAwait(false);
        return report is null ? GateVerdict.None(trouble) : report.Pass ? GateVerdict.Pass("") : GateVerdict.Fail(ZoneCase.WordsOf(report));
    }

    /// <summary>What became of a version that waited is a line of the history; where it was not judged it is said beside what is served, too.</summary>
    void TellOutcome(IEngine engine, GateOutcome outcome)
    {
        engine.Send(new ZoneTold(target.GateChannel, target.Server, outcome.Zone, outcome.Words, string.Create(CultureInfo.InvariantCulture, $"serial {outcome.Serial}, {outcome.Says}")));
        if (outcome is { Judged: true, End: GateEnd.Committed or GateEnd.Aborted } or { End: GateEnd.Superseded } || Find(outcome.Zone) is not { } zone)
            return;
        zone.NotJudged(outcome.ToString());
        Tell(zone, engine);
    }

    async Task FollowAsync(IEngine engine, CancellationToken stop)
    {
        keys = await ReadKeysAsync(engine, stop).ConfigureAwait(false);
        engine.Send(new ChannelOpened(target.Channel));
        int? pid = null;
        var began = engine.Now;
        var news = Task.CompletedTask;
        ZoneSet? followed = null;
        while (true)
        {
            var view = engine.Server(target.Server);
            if (followed != view.Zones)
            {
                // The same object until it changes.
                followed = view.Zones;
                Follow(target.Zones ?? [.. followed], engine);
                news = Task.CompletedTask;
            }

            if (view.Pid != pid)
            {
                // Another process may have loaded another version, and what was said of the old one has ended.
                pid = view.Pid;
                Each(c => c.NextLook = engine.Now);
            }

            if (news.IsCompleted)
            {
                // Waited for before it is looked, so that nothing is missed meanwhile.
                news = engine.NewSerial(target.Server);
                await HearAsync(engine).ConfigureAwait(false);
            }

            var wake = woken.Task;
            var due = Due(engine.Now);
            if (due.Count == 0)
            {
                await PauseAsync(engine, [news, view.Replaced, wake], stop).ConfigureAwait(false);
                continue;
            }

            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (zone, token) => await LookAsync(zone, engine, token).ConfigureAwait(false)).ConfigureAwait(false);
            LetGo();
            if (All().All(c => c.NextLook > began))
            {
                began = engine.Now;
                engine.Send(new ChannelRead(target.Channel));
            }
        }
    }

    public void Dispose()
    {
        judging.Dispose();
        gating.Dispose();
    }

    /// <summary>The zone; null: it is not among those that are judged.</summary>
    public ZoneCase? Find(string zone)
    {
        lock (cases)
            return cases.GetValueOrDefault(zone);
    }

    public IReadOnlyList<ZoneCase> All()
    {
        lock (cases)
            return [.. cases.Values];
    }

    /// <summary>Judges a version of a zone before it is served. Null: there is no verdict, and <paramref name="why"/> is told why.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="version">The version; null: it could not be had.</param>
    /// <param name="missing">Why not.</param>
    /// <param name="why">Takes one terminal-safe line.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<VerifyReport?> JudgeComingAsync(ZoneCase zone, ZoneVersion? version, string missing, Action<string> why, IEngine engine, CancellationToken stop)
    {
        if (version is null)
        {
            why(missing);
            return null;
        }

        await zone.Turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            VerifyReport? report = null;
            await InTurnAsync(gating, () => report = zone.JudgeComing(version, stop), stop).ConfigureAwait(false);
            if (report is null)
                why("only times of signatures speak against it, and the clock is not to be trusted: nothing synchronises it");
            // What was kept out is said beside what is served.
            if (report is { Pass: false })
                Tell(zone, engine);
            return report;
        }
        finally
        {
            zone.Turn.Release();
        }
    }

    /// <summary>The size of the version that was kept out, or else of the one that is served, is what the next one's is compared with. Gives its serial, or why not.</summary>
    public async Task<(uint? Serial, string? Why)> AcceptAsync(ZoneCase zone, IEngine engine, CancellationToken stop)
    {
        await zone.Turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (target.Brake is null)
                return (null, $"{target.Channel} has no brake: the size of a zone is not compared");
            if (!zone.IsJudged)
                return (null, $"{zone.Name} has not been judged yet{(zone.Trouble is { } trouble ? $": {trouble}" : "")}");
            var accepted = zone.Accept();
            zone.NextLook = engine.Now;
            Interlocked.Exchange(ref woken, New()).TrySetResult();
            return accepted;
        }
        finally
        {
            zone.Turn.Release();
        }
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    async Task<TsigKey[]> ReadKeysAsync(IEngine engine, CancellationToken stop)
    {
        string? told = null;
        while (true)
        {
            if (NotifyKeys.TryRead(target.Keys, [], target.From.Select(static p => p.Key), out var read, out var why))
                return read;
            if (why != told)
                engine.Send(new ChannelLost(target.Channel, $"verify: {why}"));
            told = why;
            await Task.Delay(target.Again, engine.Time, stop).ConfigureAwait(false);
        }
    }

    void Follow(IReadOnlyList<string> zones, IEngine engine)
    {
        lock (cases)
        {
            var gone = cases.Keys.ToHashSet(StringComparer.Ordinal);
            foreach (var zone in zones)
            {
                if (!gone.Remove(zone) && !cases.ContainsKey(zone))
                    cases.Add(zone, new ZoneCase(zone, target, keys, engine.Time) { NextLook = engine.Now });
            }

            foreach (var zone in gone)
            {
                cases.Remove(zone);
                Say(engine, zone, Signal.Unsaid, Signal.Unsaid, null, null);
            }
        }
    }

    void Each(Action<ZoneCase> act)
    {
        foreach (var zone in All())
            act(zone);
    }

    /// <summary>Which zones have a serial that was not heard of. In pieces: the machine decides between them.</summary>
    async Task HearAsync(IEngine engine)
    {
        foreach (var piece in All().Chunk(Piece))
        {
            var serials = await engine.Serials(target.Server, [.. piece.Select(static c => c.Name)]).ConfigureAwait(false);
            for (var i = 0; i < serials.Count; i++)
                piece[i].Hear(serials[i], engine.Now);
        }
    }

    /// <summary>Those with a new serial first: it is what people wait for.</summary>
    List<ZoneCase> Due(At now)
    {
        var all = All();
        return [.. all.Where(c => c.NextLook <= now).OrderByDescending(static c => c.IsNews).Take(Math.Max(Batch, all.Count / Rounds))];
    }

    async Task PauseAsync(IEngine engine, Task[] bells, CancellationToken stop)
    {
        var all = All();
        var next = all.Count == 0 ? engine.Now + target.Interval : all.Min(static c => c.NextLook);
        var left = next - engine.Now;
        if (left > TimeSpan.Zero)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny([.. bells, Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), engine.Time, either.Token)]).ConfigureAwait(false);
            await either.CancelAsync().ConfigureAwait(false);
        }

        await Task.Delay(Spacing, engine.Time, stop).ConfigureAwait(false);
    }

    async Task LookAsync(ZoneCase zone, IEngine engine, CancellationToken stop)
    {
        counts.Look();
        zone.IsNews = false;
        // A gate does not wait for what is transferred.
        var taken = await zone.TakeAsync(stop).ConfigureAwait(false);
        if (taken is null)
            counts.Fail();
        else if (taken.Round.Result.Outcome == TransferOutcome.Full)
            counts.Whole();
        else if (taken.Round.Result.Outcome == TransferOutcome.Differences)
            counts.Differences();

        // What cannot be had anew is judged anew when a signature of it ends.
        var version = taken?.Version ?? (zone.Report is not null && zone.Version.Records > 0 && zone.Stands == TimeSpan.Zero ? zone.Version : null);
        if (version is not null)
            await JudgeAsync(zone, version, engine, stop).ConfigureAwait(false);
        else if ((zone.Report is null || engine.Now - zone.JudgedAt > target.Validity) && zone.IsTroubleNews())
            Say(engine, zone.Name, Signal.Unsaid, Signal.Unsaid, zone.Trouble, null);
        var wait = taken is null || zone.IsBehind ? target.Retry : target.Interval;
        zone.NextLook = engine.Now + (zone.Report is not null && zone.Stands is var stands && stands < wait && stands > TimeSpan.Zero ? stands : wait);
    }

    async Task JudgeAsync(ZoneCase zone, ZoneVersion version, IEngine engine, CancellationToken stop)
    {
        await zone.Turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var had = zone.Report?.Serial;
            await InTurnAsync(judging, () => zone.Judge(version, engine.Now, stop), stop).ConfigureAwait(false);
            if (zone.Report is { Pass: false } report && report.Serial != had)
                counts.Refuse();
            Tell(zone, engine);
        }
        finally
        {
            zone.Turn.Release();
        }
    }

    /// <summary>One zone is judged at a time, and beside it one that somebody waits for.</summary>
    static async Task InTurnAsync(SemaphoreSlim turns, Action judge, CancellationToken stop)
    {
        await turns.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await Task.Run(judge, stop).ConfigureAwait(false);
        }
        finally
        {
            turns.Release();
        }
    }

    void Tell(ZoneCase zone, IEngine engine)
    {
        // Whoever has it still may have been overtaken.
        if (zone.Report is { } report && Find(zone.Name) == zone)
            Say(engine, zone.Name, report.Pass ? 0 : 1, zone.Left ?? (zone.Signed ? Signal.Unsaid : Signal.Absent), zone.Words(), zone.From);
    }

    void Say(IEngine engine, string zone, long invalid, long left, string? words, IPAddress? from)
    {
        engine.Send(
        [
            new ZoneSignal(target.Channel, zone, Measure.Invalid, invalid, words, from),
            new ZoneSignal(target.Channel, zone, Measure.SignatureExpiry, left, words, from),
        ]);
    }

    /// <summary>Of the versions that do not fit into the memory that is allowed, the largest go.</summary>
    void LetGo()
    {
        var all = All();
        var held = all.Sum(static c => c.Version.Octets);
        foreach (var zone in all.OrderByDescending(static c => c.Version.Octets))
        {
            if (held <= target.MostHeld)
                break;
            held -= zone.Version.Octets;
            zone.LetGo();
        }

        counts.Stand(held, all.Count(static c => c.Report is { Pass: false }));
    }
}
