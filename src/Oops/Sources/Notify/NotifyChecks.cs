using System.Net;
using System.Threading.Channels;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>
/// What happens behind the listener: takes the zones that are due and asks for their SOA, in rounds per address, so that an address that does not answer keeps nobody waiting but those who
/// must be asked there. What is news it sends to the engine.
/// </summary>
internal sealed class NotifyChecks : IDisposable
{
    private const int RoundsPerAddress = 16;
    private const int Rounds = 256;

    // A good answer is settled as it comes, but who waits for a lost one keeps its socket.
    private const int NotifiedPerRound = 16;

    // Polls that are under way: few, so that a notified zone never stands behind a million of them.
    private const int MostPolls = 4 * DnsAsker.MaxZones;

    private static readonly TimeSpan ShedEvery = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _bell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<IPEndPoint, Lane> _lanes = [];
    private readonly Lock _gate = new();
    private readonly List<Task> _running = [];
    private readonly List<Task> _ended = [];
    private readonly SemaphoreSlim _rounds = new(Rounds);
    private readonly NotifyTarget _target;
    private readonly NotifyCounts _counts;
    private readonly IEngine _engine;
    private readonly DnsAsker _asker;
    private readonly AskOptions _options;
    private readonly string _channel;
    private int _polls;
    private long _view = -1;
    private long _shed;
    private TimeSpan _shedNext;
    private long _lastNotified;

    public NotifyChecks(NotifyTarget target, string channel, TsigKey? key, NotifyCounts counts, IEngine engine)
    {
        (_target, _channel, _counts, _engine) = (target, channel, counts, engine);
        _asker = new DnsAsker(engine.Time);
        _options = new AskOptions { Query = SoaQueryOptions.None, Timeout = target.Timeout, Key = key };
        _shed = counts[Count.Full];
        Zones = new NotifyZones(target, engine.Time, Ring);
        if (target.Zones is { } named)
            Zones.SetNamed(named);
    }

    public NotifyZones Zones { get; }

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var alarm = _engine.Time.CreateTimer(static c => ((NotifyChecks)c!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var looks = new List<Look>();
        try
        {
            while (true)
            {
                Expect();
                TellShed();
                looks.Clear();
                var due = Zones.Take(looks, Math.Max(0, MostPolls - Volatile.Read(ref _polls)));
                foreach (var look in looks)
                    Begin(look, ending.Token);
                await EndedAsync().ConfigureAwait(false);
                if (looks.Count > 0)
                    continue;
                alarm.Change(Until(due), Timeout.InfiniteTimeSpan);
                await _bell.Reader.ReadAsync(stop).ConfigureAwait(false);
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await EndAllAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _rounds.Dispose();

    private void Ring() => _bell.Writer.TryWrite(true);

    /// <summary>Rounded up, so that the timer never fires a fraction early and spins.</summary>
    private TimeSpan Until(TimeSpan due)
    {
        var most = _target.Zones is null ? _target.Look : TimeSpan.FromDays(1);
        if (_counts[Count.Full] != _shed && most > ShedEvery)
            most = ShedEvery;
        if (due == TimeSpan.MaxValue)
            return most;
        var left = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((due - Zones.Now).TotalMilliseconds)));
        return left < most ? left : most;
    }

    /// <summary>Follows the server's expected zones, where the config names none.</summary>
    private void Expect()
    {
        if (_target.Zones is not null || _engine.Server(_target.Server) is not { Complete: true } view || view.Version == _view)
            return;
        _view = view.Version;
        Zones.SetNamed(view.Zones);
    }

    private void TellShed()
    {
        var shed = _counts[Count.Full];
        if (shed == _shed || Zones.Now < _shedNext)
            return;
        _engine.Send(new Shed($"{_channel}: NOTIFYs for names under a wildcard", shed - _shed));
        _shed = shed;
        _shedNext = Zones.Now + ShedEvery;
    }

    /// <summary>Forgets the runners that ended, and throws what one of them threw.</summary>
    private async Task EndedAsync()
    {
        _ended.Clear();
        lock (_gate)
        {
            _running.RemoveAll(t =>
            {
                if (t.IsCompleted)
                    _ended.Add(t);
                return t.IsCompleted && _ended[^1] == t;
            });
        }

        foreach (var task in _ended)
            await task.ConfigureAwait(false);
    }

    private async Task EndAllAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                _running.RemoveAll(t => t.IsCompleted);
                running = [.. _running];
            }

            if (running.Length == 0)
                return;
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Begin(in Look look, CancellationToken stop)
    {
        if (!look.Zone.Unproved)
            TellChild(look);
        if (!look.Zone.Unproved && look.Wants != Notified.None && (look.Wants & Notified.Soa) == 0)
        {
            Zones.Release(look.Zone);
            return;
        }

        var notified = look.Wants != Notified.None;
        var at = _target.Primary ?? (notified ? NotifierOf(look) : _target.ServerAddress ?? NotifierOf(look));
        Enter(new Check(look, at, Last: at.Equals(_target.PollTarget) || _target.PollTarget is null), stop);
    }

    private IPEndPoint NotifierOf(in Look look) => new(look.By.ToAddress(), _target.Port);

    private void Enter(Check check, CancellationToken stop)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(check.At, out var lane))
                _lanes.Add(check.At, lane = new Lane());
            if (check.Look.Wants == Notified.None)
            {
                lane.Polls.Enqueue(check);
                Interlocked.Increment(ref _polls);
            }
            else
            {
                lane.Notified.Enqueue(check);
            }

            if (lane.Running >= RoundsPerAddress || lane.Starting * NotifiedPerRound >= lane.Waiting)
                return;
            lane.Running++;
            lane.Starting++;
            _running.Add(RunAsync(check.At, lane, stop));
        }
    }

    private async Task RunAsync(IPEndPoint at, Lane lane, CancellationToken stop)
    {
        await Task.Yield(); // what else is due for this address joins the round
        var checks = new List<Check>(DnsAsker.MaxZones);
        for (var first = true; ; first = false)
        {
            await _rounds.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                if (!TryTake(at, lane, checks, first))
                    break;
                var elsewhere = await RoundAsync(at, checks, stop).ConfigureAwait(false);
                if (checks[0].Look.Wants == Notified.None)
                    Interlocked.Add(ref _polls, -checks.Count);
                foreach (var second in elsewhere)
                    Enter(second, stop);
            }
            finally
            {
                _rounds.Release();
                Ring();
            }
        }
    }

    /// <summary>Notified zones, or else polls.</summary>
    private bool TryTake(IPEndPoint at, Lane lane, List<Check> checks, bool first)
    {
        checks.Clear();
        lock (_gate)
        {
            if (first)
                lane.Starting--;
            var (from, most) = lane.Notified.Count > 0 ? (lane.Notified, NotifiedPerRound) : (lane.Polls, DnsAsker.MaxZones);
            while (checks.Count < most && from.TryDequeue(out var check))
                checks.Add(check);
            if (checks.Count > 0)
                return true;
            if (--lane.Running == 0)
                _lanes.Remove(at);
            return false;
        }
    }

    /// <summary>Asks for all, settles them, and gives back those that are to be asked for elsewhere.</summary>
    private async Task<List<Check>> RoundAsync(IPEndPoint at, List<Check> checks, CancellationToken stop)
    {
        var results = new AskResult[checks.Count];
        var settled = new bool[checks.Count];
        List<int> open = [.. Enumerable.Range(0, checks.Count)];
        var options = _options;
        for (var tries = 0; tries < _target.Tries && open.Count > 0; tries++)
        {
            var names = new DnsName[open.Count];
            for (var i = 0; i < names.Length; i++)
                names[i] = checks[open[i]].Look.Zone.Name;
            var asked = open.ToArray();
            var answers = await _asker.AskAsync(at, names, options, stop, (i, answer) =>
            {
                if (Good(answer) is null)
                    return;
                settled[asked[i]] = true;
                Settle(checks[asked[i]], answer);
            }).ConfigureAwait(false);
            for (var i = 0; i < answers.Length; i++)
                results[asked[i]] = answers[i];
            open.RemoveAll(i => results[i].Outcome is not (AskOutcome.Timeout or AskOutcome.Broken) && !IsDeafToEdns(results[i]));
            if (open.Exists(i => IsDeafToEdns(results[i])))
                options = options with { Query = SoaQueryOptions.NoEdns };
        }

        List<Check> elsewhere = [];
        for (var i = 0; i < results.Length; i++)
        {
            if (!settled[i] && Settle(checks[i], results[i]) is { } second)
                elsewhere.Add(second);
        }

        return elsewhere;
    }

    private static bool IsDeafToEdns(in AskResult result) => result is { Outcome: AskOutcome.Answered, Answer.Rcode: DnsRcode.FormErr or DnsRcode.NotImp };

    private static Soa? Good(in AskResult result) =>
        result is { Outcome: AskOutcome.Answered, Answer: { Rcode: DnsRcode.NoError, Authoritative: true, Truncated: false } } ? result.Answer.Soa : null;

    private Check? Settle(Check check, in AskResult result)
    {
        var (zone, random) = (check.Look.Zone, Unpredictable.Fraction());
        if (Good(result) is { } soa)
        {
            _counts.Add(Count.Checked);
            var unproved = zone.Unproved;
            var good = Zones.Answered(zone, soa, random);
            if (good.Older)
                _counts.Add(Count.Older);
            if (good.Failures is { } none)
                Tell(zone, Measure.RefreshFailures, none, check.Source.ToString(), check.Source);
            if (good.Serial is { } serial)
                Tell(zone, Measure.Serial, serial, check.Source.ToString(), check.Source);
            if (unproved)
                TellChild(check.Look);
            return null;
        }

        _counts.Add(Count.Failed);
        if (!check.Last) // a notifier that cannot be asked, or a forged one, is no failure of the zone's
            return check with { At = _target.PollTarget!, Last = true };
        var bad = Zones.Failed(zone, Judge(result), random);
        if (bad.Forgotten)
            _counts.Add(Count.Unproved);
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
    private Failure Judge(in AskResult result) => result switch
    {
        { Outcome: not AskOutcome.Answered } or { Answer.Truncated: true } => Failure.Unread,
        _ when _target.Primary is not null => Failure.Unread,
        { Answer: { Authoritative: true, Rcode: DnsRcode.NxDomain or DnsRcode.NoError, Soa: null } } => Failure.Denied,
        { Answer.Rcode: DnsRcode.ServFail or DnsRcode.Refused or DnsRcode.NotAuth or DnsRcode.NxDomain } => Failure.Declined,
        _ => Failure.Unread,
    };

    private static string Why(in AskResult result) => result switch
    {
        { Outcome: not AskOutcome.Answered } => result.Why ?? "no answer",
        { Answer: { Rcode: not DnsRcode.NoError, EdeCode: { } ede } } => $"{DnsWords.Of(result.Answer.Rcode)}, EDE {ede}",
        { Answer.Rcode: not DnsRcode.NoError } => DnsWords.Of(result.Answer.Rcode),
        { Answer.Authoritative: false } => "not authoritative",
        _ => "no SOA in the answer",
    };

    private void Tell(NotifyZone zone, Measure measure, long value, string detail, IPAddress from) =>
        _engine.Send(new ZoneSignal(_channel, zone.Name.ToString(), measure, value, detail, from));

    /// <summary>NOTIFY(CDS) and NOTIFY(CSYNC): what is to be looked at is the child, which whoever acts on it does.</summary>
    private void TellChild(in Look look)
    {
        if ((look.Wants & (Notified.Cds | Notified.Csync)) == 0)
            return;
        var now = _engine.Time.GetUtcNow().ToUnixTimeSeconds();
        lock (_gate)
            _lastNotified = now = Math.Max(now, _lastNotified + 1);
        if ((look.Wants & Notified.Cds) != 0)
            Tell(look.Zone, Measure.CdsNotified, now, look.By.ToString(), look.By.ToAddress());
        if ((look.Wants & Notified.Csync) != 0)
            Tell(look.Zone, Measure.CsyncNotified, now, look.By.ToString(), look.By.ToAddress());
    }

    /// <summary>One zone to ask for at one address. <paramref name="Last"/>: there is nobody else to ask.</summary>
    private sealed record Check(Look Look, IPEndPoint At, bool Last)
    {
        /// <summary>Whose word it is, as nsnotifyd's third argument: the notifier, or who was asked by a timer.</summary>
        public IPAddress Source => Look.Wants == Notified.None ? At.Address : Look.By.ToAddress();
    }

    private sealed class Lane
    {
        public Queue<Check> Notified { get; } = new();

        public Queue<Check> Polls { get; } = new();

        public int Running { get; set; }

        /// <summary>Of these, how many have not yet taken a round.</summary>
        public int Starting { get; set; }

        public int Waiting => Notified.Count + Polls.Count;
    }
}
