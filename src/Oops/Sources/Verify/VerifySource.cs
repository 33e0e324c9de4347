using System.Collections.Immutable;
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

    /// <summary>Zones that are looked at before the question is asked again whose serial is new.</summary>
    const int Batch = 16;

    /// <summary>However many serials are new: so long from one look round to the next.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    readonly VerifyCounts counts = new();
    readonly SemaphoreSlim judging = new(1, 1);
    readonly Dictionary<string, ZoneCase> cases = new(StringComparer.Ordinal);
    TsigKey[] keys = [];
    KnotGate? gate;

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
        keys = await ReadKeysAsync(engine, stop).ConfigureAwait(false);
        lock (cases)
            cases.Clear();
        engine.Send(new ChannelOpened(target.Channel));
        if (target.Gate is not { } options)
        {
            await FollowAsync(engine, stop).ConfigureAwait(false);
            return;
        }

        gate = new KnotGate(options, (zone, serial, token) => AnswerAsync(options, zone, serial, engine, token), engine.Time, new GateTold(static _ => { }, why => TellGate(engine, why), _ => { }));
        await Together.RunAsync(stop, token => FollowAsync(engine, token), gate.RunAsync).ConfigureAwait(false);
    }

    /// <summary>A version that waits at knotd, out of the file that it wrote.</summary>
    async Task<GateVerdict> AnswerAsync(KnotGateOptions options, string name, uint? serial, IEngine engine, CancellationToken stop)
    {
        if (Find(name) is not { } zone)
            return GateVerdict.None($"{name} is not among the zones that are judged");
        if (options.NewZone?.Of(zone.Zone) is not { } path)
            return GateVerdict.None("where knotd writes the new version is not known");
        var trouble = "";
        var report = await JudgeComingAsync(zone, () => Task.FromResult(NewZone.Read(path, zone.Zone, serial, stop) is var read ? (read.Version, read.Why) : default), why => trouble = why, engine, stop).ConfigureAwait(false);
        return report is null ? GateVerdict.None(trouble) : report.Pass ? GateVerdict.Pass("") : GateVerdict.Fail(ZoneCase.WordsOf(report));
    }

    void TellGate(IEngine engine, string? why) => engine.Send(why is null ? new ChannelOpened(target.GateChannel) : new ChannelLost(target.GateChannel, $"verify: {why}"));

    async Task FollowAsync(IEngine engine, CancellationToken stop)
    {
        int? pid = null;
        var began = engine.Now;
        while (true)
        {
            // Both are asked for before it is looked, so that nothing is missed meanwhile.
            var news = engine.NewSerial(target.Server);
            var view = engine.Server(target.Server);
            Follow(target.Zones ?? [.. view.Zones], engine);
            if (view.Pid != pid)
            {
                // Another process may have loaded another version, and what was said of the old one has ended.
                pid = view.Pid;
                Each(c => c.NextLook = engine.Now);
            }

            var due = await DueAsync(engine).ConfigureAwait(false);
            if (due.Count == 0)
            {
                await PauseAsync(engine, news, view.Replaced, stop).ConfigureAwait(false);
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

    public void Dispose() => judging.Dispose();

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

    /// <summary>Judges a version of a zone before it is served. Null: it could not be had, and <paramref name="why"/> is told why.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="take">Gets it; null, and why, if it cannot be had.</param>
    /// <param name="why">Takes one terminal-safe line.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<VerifyReport?> JudgeComingAsync(ZoneCase zone, Func<Task<(ZoneVersion? Version, string Why)>> take, Action<string> why, IEngine engine, CancellationToken stop)
    {
        await zone.Turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var (version, missing) = await take().ConfigureAwait(false);
            VerifyReport? report = null;
            if (version is not null)
                await InTurnAsync(() => report = zone.JudgeComing(version, stop), stop).ConfigureAwait(false);
            else
                why(missing);
            // What was kept out is said beside what is served.
            if (report is { Pass: false } && zone.Report is not null)
                Tell(zone, engine);
            return report;
        }
        finally
        {
            zone.Turn.Release();
        }
    }

    /// <summary>The version that was judged last is what the next one's size is compared with, and is judged anew. Null: done; else why not.</summary>
    public async Task<string?> AcceptAsync(ZoneCase zone, IEngine engine, CancellationToken stop)
    {
        await zone.Turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (target.Brake is null)
                return $"{target.Channel} has no brake: the size of a zone is not compared";
            if (zone.Report is null)
                return $"{zone.Name} has not been judged yet{(zone.Trouble is { } trouble ? $": {trouble}" : "")}";
            if (zone.Accept() is { } why)
                return why;
            zone.NextLook = engine.Now;
            return null;
        }
        finally
        {
            zone.Turn.Release();
        }
    }

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
                cases.Remove(zone, out var left);
                left!.Dispose();
                Say(engine, zone, Signal.Unsaid, Signal.Unsaid, null, null);
            }
        }
    }

    void Each(Action<ZoneCase> act)
    {
        foreach (var zone in All())
            act(zone);
    }

    /// <summary>Those with a new serial first: it is what people wait for.</summary>
    async Task<List<ZoneCase>> DueAsync(IEngine engine)
    {
        var all = All();
        var serials = await engine.Serials(target.Server, [.. all.Select(static c => c.Name)]).ConfigureAwait(false);
        var (changed, late) = (new List<ZoneCase>(), new List<ZoneCase>());
        for (var i = 0; i < all.Count; i++)
        {
            var serial = i < serials.Count ? serials[i] : null;
            if (serial is not null && serial != all[i].Heard && all[i].Report?.Serial != serial)
                changed.Add(all[i]);
            else if (all[i].NextLook <= engine.Now)
                late.Add(all[i]);
            all[i].Heard = serial ?? all[i].Heard;
        }

        return [.. changed.Concat(late).Take(Math.Max(Batch, changed.Count))];
    }

    async Task PauseAsync(IEngine engine, Task news, Task replaced, CancellationToken stop)
    {
        var all = All();
        var next = all.Count == 0 ? engine.Now + target.Interval : all.Min(static c => c.NextLook);
        var left = next - engine.Now;
        if (left > TimeSpan.Zero)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(news, replaced, Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), engine.Time, either.Token)).ConfigureAwait(false);
            await either.CancelAsync().ConfigureAwait(false);
        }

        await Task.Delay(Spacing, engine.Time, stop).ConfigureAwait(false);
    }

    async Task LookAsync(ZoneCase zone, IEngine engine, CancellationToken stop)
    {
        counts.Look();
        await zone.Turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await LookInTurnAsync(zone, engine, stop).ConfigureAwait(false);
        }
        finally
        {
            zone.Turn.Release();
        }
    }

    async Task LookInTurnAsync(ZoneCase zone, IEngine engine, CancellationToken stop)
    {
        if (await zone.TakeAsync(stop).ConfigureAwait(false) is not { } taken)
        {
            counts.Fail();
            zone.NextLook = engine.Now + target.Retry;
            if (zone.Report is not null && engine.Now - zone.JudgedAt > target.Validity)
                Say(engine, zone.Name, Signal.Unsaid, Signal.Unsaid, zone.Trouble, null);
            return;
        }

        if (taken.Round.Result.Outcome == TransferOutcome.Full)
            counts.Whole();
        else if (taken.Round.Result.Outcome == TransferOutcome.Differences)
            counts.Differences();
        await InTurnAsync(() => zone.Judge(taken.Version!, engine.Now, stop), stop).ConfigureAwait(false);
        Tell(zone, engine);
    }

    /// <summary>One zone is judged at a time.</summary>
    async Task InTurnAsync(Action judge, CancellationToken stop)
    {
        await judging.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await Task.Run(judge, stop).ConfigureAwait(false);
        }
        finally
        {
            judging.Release();
        }
    }

    void Tell(ZoneCase zone, IEngine engine)
    {
        var report = zone.Report!;
        if (!report.Pass)
            counts.Refuse();
        // Until its first signature ends it is as good as it is now.
        var ends = zone.Left is > 0 and { } left ? TimeSpan.FromSeconds(left + 1) : TimeSpan.MaxValue;
        zone.NextLook = engine.Now + (ends < target.Interval ? ends : target.Interval);
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
