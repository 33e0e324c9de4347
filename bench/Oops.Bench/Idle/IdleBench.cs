using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Bench.Idle;

/// <summary>What the daemon costs while nothing happens: 1 server, 10 zones, sources knot, process and probe at 1 s, one route; CPU of a core and resident memory over a minute after a warm-up.</summary>
internal static class IdleBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 60;
        if (BenchRig.Missing() is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }
        await using var rig = new BenchRig([.. Enumerable.Range(0, 10).Select(i => $"zone{i}.test")]);
        await rig.StartAsync();
        await using var router = new LocalRouter("bird");
        var action = await router.StartAsync();
        await using var daemon = new OopsDaemon();
        await daemon.StartAsync(rig.Config(action, BenchRig.Route("anycast4", [Oops.Lab.Harness.Lab.Prefix4], "rise: 3s"), probe: true));
        var pid = daemon.Process.Pid;
        await Task.Delay(TimeSpan.FromSeconds(30));
        var cost = new ProcessCost(pid);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        Print("idle-cpu", "% of a core", cost.Percent());
        Print("idle-rss", "MB", ProcessCost.Resident(pid) / 1e6);
        return 0;
    }

    static void Print(string bench, string unit, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{bench}}","unit":"{{unit}}","median":{{value:0.00}},"max":{{value:0.00}},"n":1}"""));
}
