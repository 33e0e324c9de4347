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
/// A zone of 100,000 RRsets against a hosted zone that differs in a hundredth of them, at a stand-in of the API that does not slow down: how long after the last page the plan is there, how many requests it takes to read, to write and to read again,
/// how many of a second run write, and what a process holds in memory that does nothing else. Then many zones at once (<see cref="ZonesAtOnce"/>).
/// </summary>
internal static class SyncBench
{
    const int Usual = 3, RRsets = 100_000, Other = 1000, Zones = 1000;
    const double PlanBar = 2, MemoryBar = 300;

    /// <param name="args">Rounds, RRsets of the zone, and zones at once; `memory`, a stand-in and RRsets: what this process holds.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["memory", var place, var size])
            return await MeasureAsync(new Uri(place), int.Parse(size, CultureInfo.InvariantCulture));
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Usual;
        var rrsets = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : RRsets;
        List<double> after = [], read = [], memory = [];
        var (calls, least, second) = (0, 0, 0);
        for (var round = -1; round < rounds; round++) // one to warm up
        {
            await using var aws = Filled(rrsets);
            var last = 0L;
            aws.Instead = _ =>
            {
                last = Stopwatch.GetTimestamp();
                return null;
            };
            var zone = Zone(rrsets);
            using var target = Target(aws.Address);
            var began = Stopwatch.GetTimestamp();
            if ((await target.ReadAsync(zone.Apex, CancellationToken.None)).Zone is not { } there)
                return Fail("it cannot be read");
            var plan = SyncPlan.Of(zone, there, target);
            var (page, done) = (last, Stopwatch.GetTimestamp());
            if (plan.Updates != Math.Min(Other, rrsets))
                return Fail(plan.Words);
            if ((await target.WriteAsync(plan, [], CancellationToken.None)).Why is { } why)
                return Fail(why);
            if (!await IsSameAsync(target, zone))
                return Fail("it is not as the zone");
            if (round < 0)
                continue;
            calls = aws.Asked.Count;
            using (var again = Target(aws.Address))
            {
                if (!await IsSameAsync(again, zone))
                    return Fail("it is not as the zone any more");
            }

            second = aws.Asked.Skip(calls).Count(static a => !a.StartsWith("GET ", StringComparison.Ordinal));
            after.Add(Stopwatch.GetElapsedTime(page, done).TotalSeconds);
            read.Add(Stopwatch.GetElapsedTime(began, done).TotalSeconds);
            if (await OtherProcessAsync(rrsets) is not { } held)
                return Fail("the other process did not say what it holds");
            memory.Add(held);
            // Two records for each RRset that changes; the zone's own SOA and NS are listed, too. The stand-in says at once that all servers have a change.
            least = 1 + (2 * (int)Math.Ceiling((rrsets + 2) / 300.0)) + (int)Math.Ceiling(2.0 * plan.Updates / Route53Batches.MostRecords);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{after[^1]:0.000} s after the last page, {read[^1]:0.000} s in all, {calls} requests, then {aws.Asked.Count - calls} of which {second} write, {held:0} MB; load {BenchRig.Load}"));
        }

        Rounds.Print("plan-seconds", "s", after);
        Rounds.Print("plan-in-all-seconds", "s", read);
        Rounds.Print("memory", "MB", memory);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"api-calls","unit":"1","median":{{calls}},"n":{{rounds}},"least":{{least}}}"""));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"api-calls-second-run-writes","unit":"1","median":{{second}},"n":{{rounds}}}"""));
        var zones = await ZonesAtOnce.RunAsync(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : Zones);
        return after.Order().ElementAt(after.Count / 2) <= PlanBar && memory.Max() <= MemoryBar && calls == least && second == 0 ? zones : 1;
    }

    /// <summary>The peak of a process that has the zone, reads the hosted zone and compares; MB.</summary>
    static async Task<double?> OtherProcessAsync(int rrsets)
    {
        await using var aws = Filled(rrsets);
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(SyncBench).Assembly.Location, "sync", "memory", aws.Address.AbsoluteUri, rrsets.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.TryParse(said, CultureInfo.InvariantCulture, out var held) ? held : null;
    }

    static async Task<int> MeasureAsync(Uri place, int rrsets)
    {
        var zone = Zone(rrsets);
        using var target = Target(place);
        if ((await target.ReadAsync(zone.Apex, CancellationToken.None)).Zone is not { } there || SyncPlan.Of(zone, there, target).Updates != Math.Min(Other, rrsets))
            return Fail("it is not read");
        var peak = (await File.ReadAllLinesAsync("/proc/self/status")).First(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{double.Parse(peak, CultureInfo.InvariantCulture) / 1024:0.0}"));
        return 0;
    }

    static async Task<bool> IsSameAsync(Route53Target target, ZoneVersion zone) => (await target.ReadAsync(zone.Apex, CancellationToken.None)).Zone is { } there && SyncPlan.Of(zone, there, target).IsSame;

    static FakeRoute53 Filled(int rrsets)
    {
        var aws = new FakeRoute53 { Paced = false };
        var hosted = aws.Add("example.");
        for (var i = 0; i < rrsets; i++)
            hosted.Put(string.Create(CultureInfo.InvariantCulture, $"h{i}.example."), "A", 300, Address(i < Other ? i + 1 : i));
        _ = hosted.Sorted;
        return aws;
    }

    static Route53Target Target(Uri place)
    {
        var variables = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = FakeRoute53.KeyId, ["AWS_SECRET_ACCESS_KEY"] = FakeRoute53.Secret };
        var config = new Route53Config { Name = "bench", Endpoint = place.AbsoluteUri, Rate = 1000, Burst = 1000, Changes = 100_000 };
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
