using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Probe;

/// <summary>
/// Asks one address over UDP. In each interval it asks for as many zones as bring every zone's turn within the zone interval, in groups that share a socket, spread over
/// the interval; at least one question, for it also shows that the server answers. An interval is one try.
/// </summary>
internal sealed class UdpProbe(ProbePlan plan, IEngine engine, DnsAsker asker)
{
    /// <summary>While it refuses it is asked so many times as often: the refusal costs nothing, and its return is seen soon.</summary>
    private const int Eager = 10;

    private readonly AskOptions _options = new()
    {
        Timeout = plan.Timeout,
        Query = SoaQueryOptions.Nsid | (plan.Expire ? SoaQueryOptions.Expire : SoaQueryOptions.None),
    };

    private readonly Lock _gate = new();
    private readonly List<Input> _found = [];
    private readonly Streak _streak = new(plan.Tries, plan.Timeout);
    private ImmutableArray<string> _zones = [];
    private ImmutableArray<string> _given;
    private Dictionary<string, ZoneExpiry> _expiries = [];
    private Sweep _sweep = new(0);
    private int _next;
    private bool _tooMany;
    private volatile TaskCompletionSource _failing = NewSignal();

    /// <summary>The last try over UDP got no answer.</summary>
    public bool Failing => _failing.Task.IsCompleted;

    /// <summary>Ends when a try fails; another one after each answer.</summary>
    public Task BeginsToFail => _failing.Task;

    /// <summary>The zone to ask for where one suffices.</summary>
    public DnsName AnyZone => _zones is [var first, ..] && DnsName.TryParse(first, out var name) ? name : DnsName.Root;

    public async Task RunAsync(TimeSpan delay, CancellationToken stop)
    {
        if (!plan.IsReference)
            engine.Send(new ChannelOpened(plan.Channel));
        if (plan.AsksZones)
            engine.Send(new ChannelOpened(plan.ZonesChannel));
        var open = new List<Task>();
        try
        {
            await Task.Delay(delay, engine.Time, stop).ConfigureAwait(false);
            var due = engine.Now;
            while (true)
            {
                await AskRoundAsync(open, stop).ConfigureAwait(false);
                var prompt = open is [] or [{ IsCompleted: true }];
                var now = engine.Now;
                due = At.Max(due + (_streak.Refused ? plan.Interval / Eager : plan.Interval), now); // what was missed is not made up for
                // Who answers on the spot is asked on the spot; nobody else keeps the timers waiting.
                await Task.Delay(due - now, prompt ? BootTime.OnTheSpot(engine.Time) : engine.Time, stop).ConfigureAwait(false);
                await CollectAsync(open).ConfigureAwait(false);
            }
        }
        finally
        {
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Starts the questions of one interval; their answers come in while the next are sent.</summary>
    private async Task AskRoundAsync(List<Task> open, CancellationToken stop)
    {
        LearnZones();
        var questions = Math.Min(Questions(), _sweep.Unsent);
        if (questions == 0)
        {
            if (!plan.IsReference) // without zones the root will do: REFUSED is an answer
                open.Add(AskAsync(ReadOnlyMemory<string>.Empty, new Round(1), _sweep, stop));
            return;
        }

        var groups = (questions + DnsAsker.MaxZones - 1) / DnsAsker.MaxZones;
        var round = new Round(groups);
        var sweep = _sweep;
        for (var i = 0; i < groups; i++)
        {
            if (i > 0)
                await Task.Delay(plan.Interval / groups, engine.Time, stop).ConfigureAwait(false);
            var count = Math.Min(DnsAsker.MaxZones, questions - i * DnsAsker.MaxZones);
            open.Add(AskAsync(_zones.AsMemory().Slice(_next, count), round, sweep, stop));
            _next += count;
            sweep.Unsent -= count;
        }
    }

    private async Task AskAsync(ReadOnlyMemory<string> zones, Round round, Sweep sweep, CancellationToken stop)
    {
        var names = new DnsName[Math.Max(zones.Length, 1)];
        names[0] = DnsName.Root;
        for (var i = 0; i < zones.Length; i++)
        {
            if (!DnsName.TryParse(zones.Span[i], out names[i]))
                names[i] = DnsName.Root; // not a name: nothing that is said of the root is taken for it
        }

        var results = await asker.AskAsync(plan.Address, names, _options, stop).ConfigureAwait(false);
        lock (_gate)
        {
            for (var i = 0; i < zones.Length; i++)
                sweep.Missed |= !Take(zones.Span[i], names[i], results[i]);
            sweep.Open -= zones.Length;
            if (zones.Length > 0 && sweep is { Open: 0, Missed: false })
                _found.Add(new ChannelRead(plan.ZonesChannel));
            Judge(round, results);
            engine.Send(CollectionsMarshal.AsSpan(_found));
            _found.Clear();
        }
    }

    /// <summary>Says what the answer says of the zone. False if it was not answered: then nothing is known.</summary>
    private bool Take(string zone, in DnsName name, in AskResult result)
    {
        if (result.Outcome != AskOutcome.Answered || (name.IsRoot && zone != "."))
            return false;
        var (serial, detail) = ZoneReading.Serial(result.Answer);
        if (serial is null)
            return false;
        _found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.Serial, serial.Value, detail, plan.Address.Address));
        if (!plan.Expire)
            return true;
        var expiry = _expiries.GetValueOrDefault(zone);
        var (left, failures) = expiry.Take(result.Answer, engine.Now);
        _expiries[zone] = expiry;
        if (left is { } seconds)
            _found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.Expiry, seconds, detail, plan.Address.Address));
        if (failures is { } count && !plan.IsReference)
            _found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.RefreshFailures, count, From: plan.Address.Address));
        return true;
    }

    /// <summary>The first answer in an interval is told at once; failure only when all its questions have ended.</summary>
    private void Judge(Round round, AskResult[] results)
    {
        if (plan.IsReference)
            return;
        round.Open--;
        foreach (var result in results)
        {
            if (round.Result is not { Outcome: AskOutcome.Answered } && (round.Result is null || result.Outcome is AskOutcome.Answered or AskOutcome.Refused))
                round.Result = result;
        }

        var best = round.Result!.Value;
        if (round.Said || (best.Outcome != AskOutcome.Answered && round.Open > 0))
            return;
        round.Said = true;
        var said = _streak.Take(plan.Channel, best, refusalIsProof: true, plan.Address.Address);
        if (_streak.Failing)
            _failing.TrySetResult();
        else if (Failing)
            _failing = NewSignal();
        if (said is not { } signal)
            return;
        _found.Add(signal);
        _found.Add(new ChannelRead(plan.Channel));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int Questions()
    {
        if (_streak.Refused)
            return Math.Min(1, _zones.Length);
        var turns = Math.Max(1, plan.ZoneInterval / plan.Interval);
        return Math.Min((int)Math.Ceiling(_zones.Length / turns), Math.Max(1, (int)(plan.Rate * plan.Interval.TotalSeconds)));
    }

    /// <summary>Takes a changed set of zones, or begins the next sweep over the old one.</summary>
    private void LearnZones()
    {
        if (!plan.AsksZones)
            return;
        var given = plan.Zones is not { } own ? engine.Server(plan.Server).Zones : _given.IsDefault ? [.. own] : _given;
        lock (_gate)
        {
            if (given != _given)
                Learn(given);
            else if (_sweep.Unsent > 0)
                return;
            _sweep = new Sweep(_zones.Length);
            _next = 0;
        }
    }

    private void Learn(ImmutableArray<string> given)
    {
        _given = given;
        _sweep.Missed = true; // what it still hears of zones that are no longer asked for is not a complete read
        var possible = plan.Rate * plan.ZoneInterval.TotalSeconds * 2;
        var tooMany = given.Length > possible;
        if (tooMany)
            engine.Send(new ChannelLost(plan.ZonesChannel, string.Create(CultureInfo.InvariantCulture,
                $"{given.Length} zones at {plan.Rate} queries/s take longer than the zone-interval of {Duration.Format(plan.ZoneInterval)}: lengthen it, raise the rate, or write zones: []")));
        else if (_tooMany)
            engine.Send(new ChannelOpened(plan.ZonesChannel));
        _tooMany = tooMany;
        _zones = tooMany ? [] : given;
        var expiries = new Dictionary<string, ZoneExpiry>();
        foreach (var zone in _zones)
        {
            if (_expiries.TryGetValue(zone, out var expiry))
                expiries[zone] = expiry;
        }

        _expiries = expiries;
    }

    /// <summary>Throws what a finished question threw, and forgets the finished.</summary>
    private static async Task CollectAsync(List<Task> open)
    {
        for (var i = open.Count - 1; i >= 0; i--)
        {
            if (!open[i].IsCompleted)
                continue;
            await open[i].ConfigureAwait(false);
            open.RemoveAt(i);
        }
    }

    /// <summary>The questions of one interval.</summary>
    private sealed class Round(int open)
    {
        public int Open { get; set; } = open;

        public AskResult? Result { get; set; }

        public bool Said { get; set; }
    }

    /// <summary>One turn through all zones.</summary>
    private sealed class Sweep(int zones)
    {
        public int Unsent { get; set; } = zones;

        public int Open { get; set; } = zones;

        public bool Missed { get; set; }
    }
}
