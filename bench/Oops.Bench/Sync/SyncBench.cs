using System.Diagnostics;
using System.Globalization;
using Oops.Actions.Route53;
using Oops.Aws;
using Oops.Bench.Listener;
using Oops.Sync;
using Oops.Tests.Actions.Route53;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Bench.Sync;

/// <summary>
/// A zone of 100,000 RRsets against a hosted zone that differs in a hundredth of them, at a stand-in of the API that does not slow down: how long after the last page the plan is there, how many requests it takes to read, to write and to read again, and what the zone and the hosted zone hold in memory.
/// </summary>
internal static class SyncBench
{
    const int Usual = 3, RRsets = 100_000, Other = 1000;
    const double Bar = 2;

    /// <param name="args">Rounds, and RRsets.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Usual;
        var rrsets = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : RRsets;
        List<double> after = [], read = [], held = [];
        var (calls, least) = (0, 0);
        for (var round = -1; round < rounds; round++) // one to warm up
        {
            await using var aws = new FakeRoute53 { Paced = false };
            var hosted = aws.Add("example.");
            for (var i = 0; i < rrsets; i++)
                hosted.Put(string.Create(CultureInfo.InvariantCulture, $"h{i}.example."), "A", 300, Address(i < Other ? i + 1 : i));
            var zone = Zone(rrsets);
            _ = hosted.Sorted;
            var last = 0L;
            aws.Instead = _ =>
            {
                last = Stopwatch.GetTimestamp();
                return null;
            };
            var target = Target(aws);
            var began = Stopwatch.GetTimestamp();
            if ((await target.ReadAsync(zone.Apex, CancellationToken.None)).Zone is not { } there)
                return Fail("it cannot be read");
            var plan = SyncPlan.Of(zone, there, target);
            var (page, done) = (last, Stopwatch.GetTimestamp());
            if (plan.Updates != Math.Min(Other, rrsets))
                return Fail(plan.Words);
            if ((await target.WriteAsync(plan, CancellationToken.None)).Why is { } why)
                return Fail(why);
            var again = await target.ReadAsync(zone.Apex, CancellationToken.None);
            if (again.Zone is null || !SyncPlan.Of(zone, again.Zone, target).IsSame)
                return Fail("it is not as the zone");
            if (round < 0)
                continue;
            after.Add(Stopwatch.GetElapsedTime(page, done).TotalSeconds);
            read.Add(Stopwatch.GetElapsedTime(began, done).TotalSeconds);
            held.Add((zone.Octets + there.Version.Octets) / 1e6);
            calls = aws.Asked.Count;
            // Two records for each RRset that changes; the zone's own SOA and NS are listed, too.
            var writes = (int)Math.Ceiling(2.0 * plan.Updates / Route53Batches.MostRecords);
            least = 1 + (2 * (int)Math.Ceiling((rrsets + 2) / 300.0)) + (2 * writes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{after[^1]:0.000} s after the last page, {read[^1]:0.000} s in all, {calls} requests, {held[^1]:0.0} MB; load {BenchRig.Load}"));
        }

        Rounds.Print("sync-plan/after-last-page", "s", after);
        Rounds.Print("sync-plan/in-all", "s", read);
        Rounds.Print("sync-plan/memory", "MB", held);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"sync-requests","unit":"1","median":{{calls}},"n":{{rounds}},"least":{{least}}}"""));
        return after.Order().ElementAt(after.Count / 2) <= Bar && calls == least ? 0 : 1;
    }

    static Route53Target Target(FakeRoute53 aws)
    {
        var variables = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = FakeRoute53.KeyId, ["AWS_SECRET_ACCESS_KEY"] = FakeRoute53.Secret };
        var config = new Route53Config { Name = "bench", Endpoint = aws.Address.AbsoluteUri, Rate = 1000, Burst = 1000 };
        return new(new Route53Api(config, new AwsSurroundings(variables.GetValueOrDefault), TimeProvider.System), config.Ids(), new TransferLimits(), TimeProvider.System);
    }

    static ZoneVersion Zone(int rrsets)
    {
        DnsName.TryParse("example", out var apex);
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        for (var i = 0; i < rrsets; i++)
        {
            DnsName.TryParse(string.Create(CultureInfo.InvariantCulture, $"h{i}.example"), out var owner);
            edit.Add(owner, DnsType.A, 300, [10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);
        }

        return edit.Seal();
    }

    static string Address(int i) => string.Create(CultureInfo.InvariantCulture, $"10.{(byte)(i >> 16)}.{(byte)(i >> 8)}.{(byte)i}");

    static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
