using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Servers;
using Oops.Wire.Dns;

namespace Oops.Sources.Probe;

/// <summary>
/// Asks one address over UDP. In each interval it asks for as many zones as bring every zone's turn within the zone interval, in groups that share a socket, spread over
/// the interval; at least one question, for it also shows that the server answers. An interval is one try.
/// </summary>
internal sealed class UdpProbe(ProbePlan plan, IEngine engine, DnsAsker asker)
{
    /// <summary>While it refuses it is asked so many times as often: the refusal costs nothing, and its return is seen soon.</summary>
    const int Eager = 10;

    readonly AskOptions options = new()
    {
        Timeout = plan.Timeout,
        Query = SoaQueryOptions.Nsid | (plan.Expire ? SoaQueryOptions.Expire : SoaQueryOptions.None) | (plan.Signatures ? SoaQueryOptions.Dnssec : SoaQueryOptions.None),
    };

    readonly Lock gate = new();
    readonly List<Input> found = [];
    readonly Streak streak = new(plan.Tries, plan.Timeout);
    ImmutableArray<string> asked = [];
    ZoneSet? known;
    Dictionary<string, ZoneExpiry> expiries = [];
    Sweep current = new(0);
    int next;
    bool closed; // the channel of zones: there are too many for its rate
    volatile TaskCompletionSource failing = NewSignal();

    /// <summary>The last try over UDP got no answer.</summary>
    public bool Failing => failing.Task.IsCompleted;

    /// <summary>Ends when a try fails; another one after each answer.</summary>
    public Task BeginsToFail => failing.Task;

    /// <summary>The zone to ask for where one suffices.</summary>
    public DnsName AnyZone => asked is [var first, ..] && DnsName.TryParse(first, out var name) ? name : DnsName.Root;

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
                due = At.Max(due + (streak.Refused ? plan.Interval / Eager : plan.Interval), now); // what was missed is not made up for
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
    async Task AskRoundAsync(List<Task> open, CancellationToken stop)
    {
        LearnZones();
        var questions = Math.Min(Questions(), current.Unsent);
        if (questions == 0)
        {
            if (!plan.IsReference) // without zones the root will do: REFUSED is an answer
                open.Add(AskAsync(ReadOnlyMemory<string>.Empty, new Round(1, engine.Now), current, stop));
            return;
        }

        var groups = (questions + DnsAsker.MaxZones - 1) / DnsAsker.MaxZones;
        var round = new Round(groups, engine.Now);
        var sweep = current;
        for (var i = 0; i < groups; i++)
        {
            if (i > 0)
                await Task.Delay(plan.Interval / groups, engine.Time, stop).ConfigureAwait(false);
            var count = Math.Min(DnsAsker.MaxZones, questions - i * DnsAsker.MaxZones);
            open.Add(AskAsync(asked.AsMemory().Slice(next, count), round, sweep, stop));
            next += count;
            sweep.Unsent -= count;
        }
    }

    async Task AskAsync(ReadOnlyMemory<string> zones, Round round, Sweep sweep, CancellationToken stop)
    {
        var names = new DnsName[Math.Max(zones.Length, 1)];
        names[0] = DnsName.Root;
        for (var i = 0; i < zones.Length; i++)
        {
            if (!DnsName.TryParse(zones.Span[i], out names[i]))
                names[i] = DnsName.Root; // not a name: nothing that is said of the root is taken for it
        }

        var results = await asker.AskAsync(plan.Address, names, options, stop).ConfigureAwait(false);
        var here = Node.IsHere(plan);
        for (var i = 0; i < results.Length; i++) results[i] = Node.Check(plan, here, results[i]);
        lock (gate)
        {
            for (var i = 0; i < zones.Length; i++)
                sweep.Missed |= !Take(zones.Span[i], names[i], results[i]);
            sweep.Open -= zones.Length;
            if (zones.Length > 0 && sweep is { Open: 0, Missed: false })
                found.Add(new ChannelRead(plan.ZonesChannel));
            Judge(round, results);
            engine.Send(CollectionsMarshal.AsSpan(found));
            found.Clear();
        }
    }

    /// <summary>Says what the answer says of the zone. False if it was not answered: then nothing is known.</summary>
    bool Take(string zone, in DnsName name, in AskResult result)
    {
        if (result.Outcome != AskOutcome.Answered || (name.IsRoot && zone != "."))
            return false;
        var (serial, detail) = ZoneReading.Serial(result.Answer);
        if (serial is null)
            return false;
        found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.Serial, serial.Value, detail, plan.Address.Address));
        if (plan.Signatures && result.Answer.Soa is not null && serial != Signal.Absent)
            found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.SignatureExpiry, SignatureLeft(result.Answer), "of the SOA", plan.Address.Address));
        if (!plan.Expire)
            return true;
        var expiry = expiries.GetValueOrDefault(zone);
        var (left, failures) = expiry.Take(result.Answer, engine.Now);
        expiries[zone] = expiry;
        if (left is { } seconds)
            found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.Expiry, seconds, detail, plan.Address.Address));
        if (failures is { } count && !plan.IsReference)
            found.Add(new ZoneSignal(plan.ZonesChannel, zone, Measure.RefreshFailures, count, From: plan.Address.Address));
        return true;
    }

    /// <summary>Seconds until the signatures of the SOA end; negative when they have. An answer without any, though they were asked for, is that of an unsigned zone.</summary>
    long SignatureLeft(in SoaAnswer answer) =>
        answer.SignedUntil is { } until ? unchecked((int)(until - (uint)engine.Time.GetUtcNow().ToUnixTimeSeconds())) : Signal.Absent;

    /// <summary>The first answer in an interval is told at once; failure only when all its questions have ended.</summary>
    void Judge(Round round, AskResult[] results)
    {
        if (plan.IsReference)
            return;
        round.Open--;
        foreach (var result in results)
        {
            if (round.Result is not { Outcome: AskOutcome.Answered } && (round.Result is null or { Outcome: AskOutcome.Timeout } || result.Outcome is AskOutcome.Answered or AskOutcome.Refused))
                round.Result = result;
        }

        var best = round.Result!.Value;
        if (round.Said || (best.Outcome != AskOutcome.Answered && round.Open > 0))
            return;
        round.Said = true;
        var said = streak.Take(plan.Channel, best, refusalIsProof: true, plan.Address.Address, engine.Now - round.Began);
        if (streak.Failing)
            failing.TrySetResult();
        else if (Failing)
            failing = NewSignal();
        if (said is not { } signal)
            return;
        found.Add(signal);
        if (signal.Measure == Measure.Answering)
            found.Add(new ChannelRead(plan.Channel));
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    int Questions()
    {
        if (streak.Refused)
            return Math.Min(1, asked.Length);
        var turns = Math.Max(1, plan.ZoneInterval / plan.Interval);
        return Math.Min((int)Math.Ceiling(asked.Length / turns), Math.Max(1, (int)(plan.Rate * plan.Interval.TotalSeconds)));
    }

    /// <summary>Takes a changed set of zones, or begins the next sweep over the old one.</summary>
    void LearnZones()
    {
        if (!plan.AsksZones)
            return;
        var given = plan.Zones is not { } own ? engine.Server(plan.Server).Zones : known ?? [.. own];
        lock (gate)
        {
            if (given != known)
                Learn(given);
            else if (current.Unsent > 0)
                return;
            current = new Sweep(asked.Length);
            next = 0;
        }
    }

    void Learn(ZoneSet given)
    {
        known = given;
        current.Missed = true; // what it still hears of zones that are no longer asked for is not a complete read
        var possible = plan.Rate * plan.ZoneInterval.TotalSeconds * 2;
        var tooMany = given.Count > possible;
        if (tooMany)
            engine.Send(new ChannelLost(plan.ZonesChannel, string.Create(CultureInfo.InvariantCulture,
                $"{given.Count} zones at {plan.Rate} queries/s take longer than the zone-interval of {Duration.Format(plan.ZoneInterval)}: lengthen it, raise the rate, or write zones: []")));
        else if (closed)
            engine.Send(new ChannelOpened(plan.ZonesChannel));
        closed = tooMany;
        asked = tooMany ? [] : [.. given];
        var kept = new Dictionary<string, ZoneExpiry>();
        foreach (var zone in asked)
        {
            if (expiries.TryGetValue(zone, out var expiry))
                kept[zone] = expiry;
        }

        expiries = kept;
    }

    /// <summary>Throws what a finished question threw, and forgets the finished.</summary>
    static async Task CollectAsync(List<Task> open)
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
    sealed class Round(int open, At began)
    {
        public At Began => began;

        public int Open { get; set; } = open;

        public AskResult? Result { get; set; }

        public bool Said { get; set; }
    }

    /// <summary>One turn through all zones.</summary>
    sealed class Sweep(int zones)
    {
        public int Unsent { get; set; } = zones;

        public int Open { get; set; } = zones;

        public bool Missed { get; set; }
    }
}
