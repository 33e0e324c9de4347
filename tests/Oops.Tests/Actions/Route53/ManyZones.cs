using System.Collections.Concurrent;
using System.Globalization;
using Oops.Actions.Route53;
using Oops.Aws;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Tests.Actions.Route53;

/// <summary>What came of it.</summary>
/// <param name="Requests">That were asked.</param>
/// <param name="Throttled">Of these, refused for their number or that of their changes.</param>
/// <param name="Elapsed">From when all changed until the last was as it should be.</param>
/// <param name="Least">The time that the account's limits make of so many requests and changes.</param>
/// <param name="Median">Of the syncs, from the first request of one to its last.</param>
/// <param name="Longest">The same.</param>
/// <param name="Displaced">By how many places a zone was done later than it was in the line, at most.</param>
/// <param name="Wrong">Zones that are not in their last state, or of which something was refused.</param>
internal sealed record ManyFigures(int Requests, int Throttled, TimeSpan Elapsed, TimeSpan Least, TimeSpan Median, TimeSpan Longest, int Displaced, IReadOnlyList<string> Wrong);

/// <summary>
/// Many zones that change at once, each carried as the action does it, so many at a time, in the order in which they changed: of one that changes again while it waits only the last state is carried, of one that changes while it is carried that comes
/// behind the others. The stand-in has the account's limits; the time is that of <see cref="RestingTime"/>.
/// </summary>
internal sealed class ManyZones : IAsyncDisposable
{
    const int Records = 4; // of a sync: an address that changes, twice; a text that comes and one that goes

    readonly RestingTime time = new();
    readonly FakeRoute53 aws;
    readonly Route53Api api;
    readonly double changes;
    readonly Lock gate = new();
    readonly Queue<One> line = new();
    readonly List<One> zones = [];
    readonly List<TimeSpan> took = [];
    readonly ConcurrentQueue<string> wrong = new();
    int working, finished, again;

    sealed class One(int number, FakeHostedZone hosted)
    {
        public int Number => number;

        public FakeHostedZone Hosted => hosted;

        public int Wanted { get; set; } = 1;

        public bool Waits { get; set; }

        public bool Works { get; set; }

        public int? Done { get; set; }
    }

    /// <param name="count">Zones.</param>
    /// <param name="again">Of them, those that change once more before the first so many are done.</param>
    /// <param name="changes">Records that may change per second.</param>
    /// <param name="settles">How long a change takes until all servers have it.</param>
    /// <param name="atOnce">As `concurrency`.</param>
    public ManyZones(int count, int again, double changes, TimeSpan settles, int atOnce)
    {
        (this.again, this.changes) = (again, changes);
        aws = new(time, changes) { Settles = settles };
        var variables = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = FakeRoute53.KeyId, ["AWS_SECRET_ACCESS_KEY"] = FakeRoute53.Secret };
        var config = new Route53Config { Name = "many", Endpoint = aws.Address.AbsoluteUri, Changes = changes, Timeout = RestingTime.Never, Concurrency = atOnce };
        api = new(config, new AwsSurroundings(variables.GetValueOrDefault), time);
        for (var i = 0; i < count; i++)
        {
            var hosted = aws.Add(string.Create(CultureInfo.InvariantCulture, $"z{i}.example."));
            foreach (var (owner, type, value) in Sets(hosted.Name, 0))
                hosted.Put(owner, type, 300, value);
            zones.Add(new(i, hosted));
        }

        api.Enter();
        working = atOnce;
    }

    public async ValueTask DisposeAsync()
    {
        api.Leave();
        api.Dispose();
        await aws.DisposeAsync();
    }

    public async Task<ManyFigures> RunAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        foreach (var zone in zones)
            Enqueue(zone);
        var all = Task.WhenAll(Enumerable.Range(0, working).Select(_ => Task.Run(() => WorkAsync(stop), stop)));
        while (!all.IsCompleted)
        {
            // Nobody but the clock wakes who rests: so once they all do, they do.
            if (time.Sleeping + api.Waiting < Volatile.Read(ref working))
                await Task.Yield();
            else if (!time.Pass() && Volatile.Read(ref working) > 0)
                throw new InvalidOperationException("all wait, and for nothing");
        }

        await all;
        var elapsed = time.GetElapsedTime(began);
        var (requests, records) = (aws.Asked.Count, (double)Records * took.Count);
        took.Sort();
        return new(requests, aws.Refused.Count(r => r == "Throttling"), elapsed, TimeSpan.FromSeconds(Math.Max((requests - 50) / 10.0, (records - 1000) / changes)), took[took.Count / 2], took[^1],
            zones.Max(z => z.Done!.Value - z.Number), [.. wrong, .. zones.Where(z => !z.Hosted.Lines.SequenceEqual(Lines(z))).Select(z => $"{z.Hosted.Name} is not in its last state")]);
    }

    async Task WorkAsync(CancellationToken stop)
    {
        while (Next() is var (zone, state))
        {
            var began = time.GetTimestamp();
            if (await CarryAsync(zone, state, stop) is { } why)
                wrong.Enqueue($"{zone.Hosted.Name} {state}: {why}");
            Finish(zone, state, time.GetElapsedTime(began));
        }

        Interlocked.Decrement(ref working);
    }

    (One Zone, int State)? Next()
    {
        lock (gate)
        {
            if (!line.TryDequeue(out var zone))
                return null;
            (zone.Waits, zone.Works) = (false, true);
            return (zone, zone.Wanted);
        }
    }

    void Finish(One zone, int state, TimeSpan time)
    {
        lock (gate)
        {
            zone.Works = false;
            zone.Done ??= finished;
            finished++;
            took.Add(time);
            if (zone.Wanted != state)
                Enqueue(zone);
            if (again-- <= 0)
                return;
            // Some wait, some are carried just now, some are done.
            var other = zones[finished * 7 % zones.Count];
            other.Wanted++;
            if (!other.Works)
                Enqueue(other);
        }
    }

    void Enqueue(One zone)
    {
        if (zone.Waits)
            return;
        zone.Waits = true;
        line.Enqueue(zone);
    }

    async Task<string?> CarryAsync(One zone, int state, CancellationToken stop)
    {
        using var target = new Route53Target(api, new Dictionary<DnsName, string>(), new TransferLimits { Total = RestingTime.Never }, time);
        var version = Version(zone.Hosted.Name, state);
        var read = await target.ReadAsync(version.Apex, stop);
        if (read.Zone is null)
            return read.Why;
        List<string> unfinished = [];
        if ((await target.WriteAsync(SyncPlan.Of(version, read.Zone, target), unfinished, stop)).Why is { } why)
            return why;
        if ((await target.FinishAsync(version.Apex, unfinished, stop)).Why is { } open)
            return open;
        read = await target.ReadAsync(version.Apex, stop);
        return read.Zone is null ? read.Why : SyncPlan.Of(version, read.Zone, target).IsSame ? null : "it is not as the zone";
    }

    static (string Owner, string Type, string Value)[] Sets(string apex, int state) =>
        [($"www.{apex}", "A", string.Create(CultureInfo.InvariantCulture, $"192.0.2.{state % 256}")), (string.Create(CultureInfo.InvariantCulture, $"v{state}.{apex}"), "TXT", "\"x\"")];

    static IEnumerable<string> Lines(One zone) => Sets(zone.Hosted.Name, zone.Wanted).Select(s => $"{s.Owner} 300 {s.Type} {s.Value}").Order(StringComparer.Ordinal);

    static ZoneVersion Version(string name, int state)
    {
        Route53Text.TryName(name, out var apex);
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        foreach (var (owner, type, value) in Sets(name, state))
        {
            TypeNames.TryParse(type, out var number);
            Route53Text.TryName(owner, out var at);
            var data = new byte[512];
            Route53Text.TryData(number, value, data, out var length, out _);
            edit.Add(at, number, 300, data.AsSpan(0, length));
        }

        return edit.Seal();
    }
}
