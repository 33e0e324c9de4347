using System.Net;
using System.Threading.Channels;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>What happens behind the listener: takes the zones that are due, has their SOA asked for (<see cref="NotifyRounds"/>), and sends to the engine what is news.</summary>
internal sealed class NotifyChecks : IDisposable
{
    // Polls that are under way: few, so that a notified zone never stands behind a million of them.
    const int MostPolls = 4 * DnsAsker.MaxZones;

    static readonly TimeSpan ShedEvery = TimeSpan.FromSeconds(10);

    readonly Channel<bool> bell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly Lock gate = new();
    readonly NotifyTarget target;
    readonly NotifyCounts counts;
    readonly IEngine engine;
    readonly NotifyRounds rounds;
    readonly string channel;
    ServerView? expected;
    long shed;
    TimeSpan shedNext;
    long lastNotified;

    public NotifyChecks(NotifyTarget target, string channel, TsigKey? key, NotifyCounts counts, IEngine engine)
    {
        (this.target, this.channel, this.counts, this.engine) = (target, channel, counts, engine);
        var options = new AskOptions { Query = SoaQueryOptions.None, Timeout = target.Timeout, Key = key };
        rounds = new(new DnsAsker(engine.Time), options, target.Tries, Settle, Ring);
        shed = counts[NotifyCount.Full];
        Zones = new NotifyZones(target, engine.Time, Ring);
        if (target.Zones is { } named)
            Zones.SetNamed(named);
    }

    public NotifyZones Zones { get; }

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var alarm = engine.Time.CreateTimer(static c => ((NotifyChecks)c!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var looks = new List<Look>();
        try
        {
            while (true)
            {
                Expect(ending.Token);
                TellShed();
                looks.Clear();
                var due = Zones.Take(looks, Math.Max(0, MostPolls - rounds.Polls));
                foreach (var look in looks)
                    Begin(look, ending.Token);
                await rounds.CollectAsync().ConfigureAwait(false);
                if (looks.Count > 0)
                    continue;
                alarm.Change(Until(due), Timeout.InfiniteTimeSpan);
                await bell.Reader.ReadAsync(stop).ConfigureAwait(false);
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await rounds.EndAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => rounds.Dispose();

    void Ring() => bell.Writer.TryWrite(true);

    /// <summary>Rounded up, so that the timer never fires a fraction early and spins.</summary>
    TimeSpan Until(TimeSpan due)
    {
        var most = TimeSpan.FromDays(1);
        if (counts[NotifyCount.Full] != shed && most > ShedEvery)
            most = ShedEvery;
        if (due == TimeSpan.MaxValue)
            return most;
        var left = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((due - Zones.Now).TotalMilliseconds)));
        return left < most ? left : most;
    }

    /// <summary>Follows the server's expected zones, where the config names none.</summary>
    void Expect(CancellationToken stop)
    {
        if (target.Zones is not null || expected is { Replaced.IsCompleted: false })
            return;
        var view = engine.Server(target.Server);
        // Who was replaced meanwhile rings at once.
        _ = view.Replaced.ContinueWith(static (_, c) => ((NotifyChecks)c!).Ring(), this, stop, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var same = expected is { Complete: true } before && before.Zones == view.Zones;
        expected = view;
        if (view.Complete && !same)
            Zones.SetNamed(view.Zones);
    }

    void TellShed()
    {
        var now = counts[NotifyCount.Full];
        if (now == shed || Zones.Now < shedNext)
            return;
        engine.Send(new Shed($"{channel}: NOTIFYs for names under a wildcard", now - shed));
        shed = now;
        shedNext = Zones.Now + ShedEvery;
    }

    void Begin(in Look look, CancellationToken stop)
    {
        if (!look.Zone.Unproved)
            TellChild(look);
        if (!look.Zone.Unproved && look.Wants != Notified.None && (look.Wants & Notified.Soa) == 0)
        {
            Zones.Release(look.Zone);
            return;
        }

        var notified = look.Wants != Notified.None;
        var at = target.Primary ?? (notified ? NotifierOf(look) : target.ServerAddress ?? NotifierOf(look));
        rounds.Enter(new NotifyCheck(look, at, Last: at.Equals(target.PollTarget) || target.PollTarget is null), stop);
    }

    IPEndPoint NotifierOf(in Look look) => new(look.By.ToAddress(), target.Port);

    NotifyCheck? Settle(NotifyCheck check, in AskResult result)
    {
        var (zone, random) = (check.Look.Zone, Unpredictable.Fraction());
        if (NotifyRounds.Good(result) is { } soa)
        {
            counts.Add(Count.Checked);
            var unproved = zone.Unproved;
            var good = Zones.Answered(zone, soa, check.Look.Wants, random);
            if (good.Older)
                counts.Add(Count.Older);
            if (good.Failures is { } none)
                Tell(zone, Measure.RefreshFailures, none, check.Source.ToString(), check.Source);
            if (good.Serial is { } serial)
                Tell(zone, Measure.Serial, serial, check.Source.ToString(), check.Source);
            if (unproved)
                TellChild(check.Look);
            return null;
        }

        counts.Add(Count.Failed);
        if (!check.Last) // a notifier that cannot be asked, or a forged one, is no failure of the zone's
            return check with { At = target.PollTarget!, Last = true };
        var bad = Zones.Failed(zone, Judge(result), check.Look.Wants, random);
        if (bad.Forgotten)
            counts.Add(Count.Unproved);
        if (bad.Failures is { } failures)
            Tell(zone, Measure.RefreshFailures, failures, $"{check.At.Address}: {Why(result)}", check.At.Address);
        if (bad.Absent)
            Tell(zone, Measure.Serial, Signal.Absent, $"{check.At.Address}: {Why(result)}", check.At.Address);
        return null;
    }

    /// <summary>
    /// Only the server itself can say that it does not have the zone (a configured primary is another server), and only by an answer with authority: NXDOMAIN, or no SOA at that name.
    /// SERVFAIL and REFUSED are also what an overloaded server, one that loads, or its ACL towards us say.
    /// </summary>
    Failure Judge(in AskResult result) => result switch
    {
        { Outcome: not AskOutcome.Answered } or { Answer.Truncated: true } => Failure.Unread,
        _ when target.Primary is not null => Failure.Unread,
        { Answer: { Authoritative: true, Rcode: DnsRcode.NxDomain or DnsRcode.NoError, Soa: null } } => Failure.Denied,
        { Answer.Rcode: DnsRcode.ServFail or DnsRcode.Refused or DnsRcode.NotAuth or DnsRcode.NxDomain } => Failure.Declined,
        _ => Failure.Unread,
    };

    static string Why(in AskResult result) => result switch
    {
        { Outcome: not AskOutcome.Answered } => result.Why ?? "no answer",
        { Answer: { Rcode: not DnsRcode.NoError, EdeCode: { } ede } } => $"{DnsWords.Of(result.Answer.Rcode)}, EDE {ede}",
        { Answer.Rcode: not DnsRcode.NoError } => DnsWords.Of(result.Answer.Rcode),
        { Answer.Authoritative: false } => "not authoritative",
        _ => "no SOA in the answer",
    };

    void Tell(NotifyZone zone, Measure measure, long value, string detail, IPAddress from) =>
        engine.Send(new ZoneSignal(channel, zone.Name.ToString(), measure, value, detail, from));

    /// <summary>NOTIFY(CDS) and NOTIFY(CSYNC): what is to be looked at is the child, which whoever acts on it does.</summary>
    void TellChild(in Look look)
    {
        if ((look.Wants & (Notified.Cds | Notified.Csync)) == 0)
            return;
        var now = engine.Time.GetUtcNow().ToUnixTimeSeconds();
        lock (gate)
            lastNotified = now = Math.Max(now, lastNotified + 1);
        if ((look.Wants & Notified.Cds) != 0)
            Tell(look.Zone, Measure.CdsNotified, now, look.By.ToString(), look.By.ToAddress());
        if ((look.Wants & Notified.Csync) != 0)
            Tell(look.Zone, Measure.CsyncNotified, now, look.By.ToString(), look.By.ToAddress());
    }
}
