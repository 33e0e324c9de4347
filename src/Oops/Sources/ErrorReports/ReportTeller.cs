using System.Threading.Channels;
using Oops.Core;
using Oops.Engine;
using Oops.Reports;

namespace Oops.Sources.ErrorReports;

/// <summary>
/// Keeps the tally's zones those of the server, and tells the machine what its conditions ask: the weighted number of reports whenever that changes. That a zone is not reported is told only once it was listened for a whole window:
/// what was degraded before a start of ours stays so until then. Of what counts only if it is verified nothing is known while nothing can be verified.
/// </summary>
internal sealed class ReportTeller(ErrorReportsTarget target, ReportTally tally, IEngine engine, VerifierHealth health)
{
    /// <summary>Zones that are told in a row before the way into the machine is looked at.</summary>
    const int Piece = 4096;

    /// <summary>Between two rounds, and how often the windows are looked at while there is something in one.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100), Ages = TimeSpan.FromSeconds(5);

    readonly Channel<bool> bell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly At began = engine.Now;
    readonly HashSet<string> heardOut = [];
    readonly Dictionary<string, string> lost = [];
    ReportedZones told = ReportedZones.None;
    ZoneSet? followed;

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        tally.Rung = health.Rung = () => bell.Writer.TryWrite(true);
        var aged = engine.Now;
        while (true)
        {
            var view = engine.Server(target.Server);
            await FollowZonesAsync(view).ConfigureAwait(false);
            foreach (var condition in target.Tally.Conditions)
            {
                Follow(condition);
                if (Since(condition) is { } since && engine.Now - since >= condition.Span && heardOut.Add(condition.Name)) await BeginAsync(condition).ConfigureAwait(false);
            }

            if (engine.Now - aged >= Ages)
            {
                tally.Age();
                aged = engine.Now;
            }

            Tell();
            using var next = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(bell.Reader.ReadAsync(next.Token).AsTask(), view.Replaced.WaitAsync(next.Token), Task.Delay(Sleep(), engine.Time, next.Token)).ConfigureAwait(false);
            await next.CancelAsync().ConfigureAwait(false);
            await Task.Delay(Spacing, engine.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Since when what is reported of it is known; null: it is not.</summary>
    At? Since(KindSpec condition) => lost.ContainsKey(condition.Name) ? null : condition.Verified && health.State.Since is var since && since > began ? since : began;

    /// <summary>Where reports cannot be verified the channel of a condition that asks for it is lost, until they can.</summary>
    void Follow(KindSpec condition)
    {
        if (!condition.Verified) return;
        if (health.State.Why is { } why)
        {
            heardOut.Remove(condition.Name);
            if (lost.GetValueOrDefault(condition.Name) != why) engine.Send(new ChannelLost(target.Channel(condition), why));
            lost[condition.Name] = why;
            return;
        }

        if (lost.Remove(condition.Name))
        {
            engine.Send(new ChannelOpened(target.Channel(condition)));
            foreach (var zone in told.Names)
                if (tally.Told(zone, condition.Name) is var value && value >= condition.Number) Say(condition, zone, value);
        }
    }

    /// <summary>Until time alone changes something.</summary>
    TimeSpan Sleep()
    {
        if (tally.IsOpen) return Ages;
        var quiet = target.Tally.Conditions.Where(c => !heardOut.Contains(c.Name)).Select(c => Since(c) is { } since ? since + c.Span - engine.Now : (TimeSpan?)null).Min();
        return quiet is not { } span ? Timeout.InfiniteTimeSpan : span > Spacing ? span : Spacing;
    }

    void Tell()
    {
        while (tally.TryNews(out var news))
        {
            var condition = target.Tally.Conditions.First(c => c.Name == news.Condition);
            if (lost.ContainsKey(news.Condition)) continue;
            if (heardOut.Contains(news.Condition) || news.Value >= condition.Number) Say(condition, news.Zone, news.Value, news.Remark);
        }
    }

    /// <summary>Takes the server's list where it has changed.</summary>
    async Task FollowZonesAsync(ServerView view)
    {
        if (target.Zones is { } named ? told.Count > 0 : ReferenceEquals(view.Zones, followed)) return;
        followed = view.Zones;
        var (before, now) = (told, new ReportedZones(target.Zones is { } zones ? zones : view.Zones, target.Delegating));
        tally.Zones = told = now;
        foreach (var condition in target.Tally.Conditions)
        {
            foreach (var zone in before.Names)
                if (now.Place(zone) < 0) Say(condition, zone, Signal.Unsaid);
            if (heardOut.Contains(condition.Name)) await SayAllAsync(condition, now.Names.Where(z => before.Place(z) < 0)).ConfigureAwait(false);
        }
    }

    Task BeginAsync(KindSpec condition) => SayAllAsync(condition, told.Names);

    async Task SayAllAsync(KindSpec condition, IEnumerable<string> zones)
    {
        var n = 0;
        foreach (var zone in zones)
        {
            if (++n % Piece == 0) await engine.RoomAsync().ConfigureAwait(false);
            Say(condition, zone, tally.Told(zone, condition.Name));
        }

        engine.Send(new ChannelRead(target.Channel(condition)));
    }

    void Say(KindSpec condition, string zone, long value, string? remark = null) => engine.Send(new ZoneSignal(target.Channel(condition), zone, Measure.ErrorReports, value, remark));
}
