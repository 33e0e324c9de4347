using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
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
    /// <summary>Whether a zone is there now is asked so often.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    /// <summary>Where all zones are known, one that the server has just been given is among them within so long.</summary>
    static readonly TimeSpan Newcomer = TimeSpan.FromSeconds(5);

    readonly VerifyCounts counts = new();
    readonly SemaphoreSlim judging = new(1, 1), gating = new(KnotGateOptions.Judges, KnotGateOptions.Judges);
    readonly Turns turns = new();
    HeldVersions? held;
    ZoneTroubles? troubles;
    ZoneDesk? desk;
    ZoneWatch? watch;
    KnotGate? gate;
    int atGate;

    public string Name => target.Channel;

    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(target.Channel, target.Server, Standing.Witness, [Measure.Invalid, Measure.SignatureExpiry], target.Validity),
        new(target.ZonesChannel, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan),
        .. target.Gate is null ? Array.Empty<ChannelSpec>() : [new(target.GateChannel, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan)],
    ];

    public IReadOnlyList<SourceCount> Counted => gate is { } open ? [.. counts.All(), .. open.Counts.All(open.Waiting)] : counts.All();

    public string Server => target.Server;

    /// <summary>What is asked of each zone.</summary>
    public VerifyOptions Asks => target.Options;

    /// <summary>How much a zone may change its size; null: as much as it will.</summary>
    public SizeLimit? Brake => target.Brake;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        (watch, held, desk) = (null, new HeldVersions(target.MostHeld, counts), new ZoneDesk(target, engine.Time));
        // Beside what is silent.
        troubles = new ZoneTroubles(why => engine.Send(why is null ? new ChannelOpened(target.ZonesChannel) : new ChannelLost(target.ZonesChannel, $"verify: {why}")));
        if (target.Gate is not { } options)
        {
            await FollowAsync(engine, stop).ConfigureAwait(false);
            return;
        }

        var (control, bus) = ((string?)null, (string?)null);
        gate = new KnotGate(options, (zone, serial, token) => AnswerAsync(options, zone, serial, engine, token), engine.Time, new GateTold(outcome => TellOutcome(engine, outcome), why => TellGate(control = why, bus), why => TellGate(control, bus = why)),
            (zone, token) => WhenKnownAsync(zone, engine, token));
        await Together.RunAsync(stop, token => FollowAsync(engine, token), gate.RunAsync).ConfigureAwait(false);

        void TellGate(string? ofControl, string? ofBus) =>
            engine.Send((ofControl ?? ofBus) is { } why ? new ChannelLost(target.GateChannel, $"verify: {why}") : new ChannelOpened(target.GateChannel));
    }

    /// <summary>A zone that is new, or everything at a start: it is a zone of the server's a moment later. Null: it is one; else why not.</summary>
    async Task<string?> WhenKnownAsync(string name, IEngine engine, CancellationToken stop)
    {
        long? known = null;
        while (Find(name) is null)
        {
            if (engine.Server(target.Server).Complete)
                known ??= engine.Time.GetTimestamp();
            if (target.Zones?.Contains(name) == false || (known is { } since && engine.Time.GetElapsedTime(since) >= Newcomer))
                return NotAmong(name);
            await Task.Delay(Spacing, engine.Time, stop).ConfigureAwait(false);
        }

        return null;
    }

    static string NotAmong(string name) => $"{name} is not among the zones that are judged";

    /// <summary>A version that waits at knotd, out of the file that it wrote.</summary>
    async Task<GateVerdict> AnswerAsync(KnotGateOptions options, string name, uint? serial, IEngine engine, CancellationToken stop)
    {
        if (Find(name) is not { } zone)
            return GateVerdict.None(NotAmong(name));
        if (options.NewZone?.Of(zone.Zone) is not { } path)
            return GateVerdict.None("where knotd writes the new version is not known");
        var trouble = "";
        using var coming = await held!.ComeAsync(FileKind.Stamp(path)?.Size ?? 0, stop).ConfigureAwait(false);
        var read = NewZone.Read(path, zone.Zone, serial, stop);
        coming.Is(read.Version?.Octets ?? 0);
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
        watch = new ZoneWatch(target, desk!, engine, (zone, token) => LookAsync(zone, engine, token), zone =>
        {
            held!.Forget(zone);
            troubles!.Take(zone, isTroubled: false);
            // Before there are keys nothing was said of it.
            if (desk!.Keys is not null)
                Say(engine, zone.Name, Signal.Unsaid, Signal.Unsaid, null, null);
        }, troubles!.Tell);
        // Zones are known before there are keys: what waits at a gate needs none.
        await watch.RunAsync(OpenAsync(engine, stop), stop).ConfigureAwait(false);
    }

    async Task OpenAsync(IEngine engine, CancellationToken stop)
    {
        desk!.Has(await NotifyKeys.WhenReadAsync(target.Keys, [], [.. target.From.Select(static p => p.Key)], target.Again, why => engine.Send(new ChannelLost(target.Channel, $"verify: {why}")), engine.Time, stop).ConfigureAwait(false));
        engine.Send(new ChannelOpened(target.Channel));
        engine.Send(new ChannelOpened(target.ZonesChannel));
    }

    public void Dispose()
    {
        judging.Dispose();
        gating.Dispose();
    }

    /// <summary>The zone; null: it is not among those that are judged.</summary>
    public ZoneCase? Find(string zone) => watch?.Find(zone);

    /// <summary>Gets a version that waits elsewhere and judges it before it is served. Null: there is no verdict, and <paramref name="why"/> is told why.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="at">Where it waits.</param>
    /// <param name="why">Takes one terminal-safe line.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<VerifyReport?> JudgeWaitingAsync(ZoneCase zone, IPEndPoint at, Action<string> why, IEngine engine, CancellationToken stop)
    {
        if (desk!.Keys is null)
        {
            why("the key file has not been read yet");
            return null;
        }

        // Before it is here nobody knows how large it is: most likely as the last one, or a few differences from one that is held, which is not to give way to them.
        using var coming = await held!.ComeAsync(zone.IsLetGo ? zone.LastOctets : 0, stop).ConfigureAwait(false);
        var taken = await zone.TakeComingAsync(at, stop).ConfigureAwait(false);
        coming.Is(taken.Version is { } version ? zone.Beside(version) : 0);
        return await JudgeComingAsync(zone, taken.Version, taken.Round.Why, why, engine, stop).ConfigureAwait(false);
    }

    /// <summary>Judges a version of a zone before it is served. Null: there is no verdict, and <paramref name="why"/> is told why.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="version">The version; null: it could not be had.</param>
    /// <param name="missing">Why not.</param>
    /// <param name="why">Takes one terminal-safe line.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="stop">Ends it.</param>
    async Task<VerifyReport?> JudgeComingAsync(ZoneCase zone, ZoneVersion? version, string missing, Action<string> why, IEngine engine, CancellationToken stop)
    {
        if (version is null)
        {
            why(missing);
            return null;
        }

        using var turn = await turns.TakeAsync(zone, stop).ConfigureAwait(false);
        VerifyReport? report = null;
        await InTurnAsync(gating, () => report = AtGate(threads => zone.JudgeComing(version, threads, stop)), stop).ConfigureAwait(false);
        Weigh(zone);
        if (report is not null && zone.Came(report) && !report.Pass)
            counts.Refuse();
        if (zone.IsAwaited)
            watch?.Ask(zone);
        if (report is null)
            why("only times of signatures speak against it, and the clock is not to be trusted: nothing synchronises it");
        // What was kept out is said beside what is served.
        if (report is { Pass: false })
            Tell(zone, engine);
        return report;
    }

    /// <summary>Those that are judged at a gate side by side share the threads, so that a large zone does not make small ones late.</summary>
    VerifyReport? AtGate(Func<int, VerifyReport?> judge)
    {
        try
        {
            return judge(Math.Max(1, target.Threads / Interlocked.Increment(ref atGate)));
        }
        finally
        {
            Interlocked.Decrement(ref atGate);
        }
    }

    /// <summary>The size of the version that was kept out, or else of the one that is served, is what the next one's is compared with, if it is of the serial that a person has looked at.</summary>
    public async Task<Acceptance> AcceptAsync(ZoneCase zone, uint? serial, CancellationToken stop)
    {
        using var turn = await turns.TakeAsync(zone, stop).ConfigureAwait(false);
        if (target.Brake is null)
            return new() { Why = $"{target.Channel} has no brake: the size of a zone is not compared" };
        if (!zone.IsJudged)
            return new() { Why = $"{zone.Name} has not been judged yet{(zone.Trouble is { } trouble ? $": {trouble}" : "")}" };
        var accepted = zone.Accept(serial);
        if (accepted.Taken)
            watch?.Ask(zone);
        return accepted;
    }

    /// <summary>Looks at a zone, and tells after how long to do it again.</summary>
    async Task<TimeSpan> LookAsync(ZoneCase zone, IEngine engine, CancellationToken stop)
    {
        counts.Look();
        var again = zone.Trouble is not null;
        // A gate does not wait for what is transferred.
        var taken = await zone.TakeAsync(stop).ConfigureAwait(false);
        if (taken is null)
            counts.Fail();
        else if (taken.Round.Result.Outcome == TransferOutcome.Full)
            counts.Whole();
        else if (taken.Round.Result.Outcome == TransferOutcome.Differences)
            counts.Differences();

        // A server that is restarted refuses once.
        if (taken is not null || again)
            troubles!.Take(zone, isTroubled: taken is null && !zone.IsGone);

        // What cannot be had anew is judged anew when a signature of it ends.
        var version = taken?.Version ?? (zone.Report is not null && !zone.IsLetGo && zone.Stands == TimeSpan.Zero ? zone.Version : null);
        // What was let in is judged by what differs from the version that was judged before it was served, so that one is not to be judged again for as long as it is.
        if (zone.NextAwaited(taken is null or { Round.Result.Outcome: TransferOutcome.UpToDate }) is { } soon)
        {
            // Of another process of the server nothing was said yet.
            Tell(zone, engine);
            return soon;
        }

        if (version is not null)
            await JudgeAsync(zone, version, engine, stop).ConfigureAwait(false);
        else if ((zone.Report is null || engine.Now - zone.JudgedAt > target.Validity) && zone.IsTroubleNews())
            Say(engine, zone.Name, Signal.Unsaid, Signal.Unsaid, zone.Trouble, null);
        var wait = taken is null || zone.IsBehind ? target.Retry : target.Interval;
        return zone.Report is not null && zone.Stands is var stands && stands < wait && stands > TimeSpan.Zero ? stands : wait;
    }

    async Task JudgeAsync(ZoneCase zone, ZoneVersion version, IEngine engine, CancellationToken stop)
    {
        await InTurnAsync(judging, async () =>
        {
            // Not before: a zone that waits here is not kept from a gate.
            using var turn = await turns.TakeAsync(zone, stop).ConfigureAwait(false);
            var had = zone.Report?.Serial;
            // One that is made to take long is not to keep the others waiting.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(target.Limits.Total);
            try
            {
                await Task.Run(() => zone.Judge(version, engine.Now, patience.Token), stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                Say(engine, zone.Name, Signal.Unsaid, Signal.Unsaid, $"it could not be judged within {Duration.Format(target.Limits.Total)}", zone.From);
                return;
            }

            Weigh(zone);
            if (zone.Report is { Pass: false } report && report.Serial != had)
                counts.Refuse();
            Tell(zone, engine);
        }, stop).ConfigureAwait(false);
    }

    static Task InTurnAsync(SemaphoreSlim turns, Action judge, CancellationToken stop) => InTurnAsync(turns, () => Task.Run(judge, stop), stop);

    /// <summary>One zone is judged at a time, and beside it some that somebody waits for.</summary>
    static async Task InTurnAsync(SemaphoreSlim turns, Func<Task> judge, CancellationToken stop)
    {
        await turns.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await judge().ConfigureAwait(false);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>A zone that left while it was judged is not counted again.</summary>
    void Weigh(ZoneCase zone)
    {
        if (Find(zone.Name) == zone)
            held!.Weigh(zone);
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
}
