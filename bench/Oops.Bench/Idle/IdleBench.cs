using System.Globalization;
using Oops.Lab.Harness;
using Oops.Native;

namespace Oops.Bench.Idle;

/// <summary>What the daemon costs while nothing happens: 1 server, 10 zones, sources knot, process and probe at 1 s, one route; CPU of a core and resident memory over a minute after a warm-up.</summary>
internal static class IdleBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 60;
        if (BenchRig.Missing is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }
        string[] zones = [.. Enumerable.Range(0, 10).Select(i => $"zone{i}.test")];
        await using var rig = new BenchRig(zones);
        await rig.StartAsync();
        var (bird, knot, bus) = (rig.Bird, rig.Knot, rig.Bus);
        await using var daemon = new OopsDaemon();
        await daemon.StartAsync($$"""
            mode: act
            servers:
              ns1: { kind: knot, address: {{Oops.Lab.Harness.Lab.Anycast4}}@53, pidfile: {{knot.PidFile}}, control: {{knot.Control}}, zones: { list: [{{string.Join(", ", zones)}}] } }
            sources:
              knot: [ { server: ns1, bus: "{{bus.Address}}" } ]
              process: [ { server: ns1 } ]
              probe: [ { server: ns1, to: [{{Oops.Lab.Harness.Lab.Anycast4}}] } ]
            actions:
              bird: [ { name: edge, socket: {{bird.Socket}}, include: "{{bird.Include}}", config: {{bird.ConfigPath}} } ]
            routes:
              anycast4: { prefixes: [{{Oops.Lab.Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running, all-zones-ready], rise: 3s }
            """);
        var pid = daemon.Process.Pid;
        await Task.Delay(TimeSpan.FromSeconds(30));
        var (cpu, from) = (Cpu(pid), WireTap.Now());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var percent = 100.0 * (Cpu(pid) - cpu) / Proc.TicksPerSecond / ((WireTap.Now() - from) / 1e9);
        Print("idle-cpu", "% of a core", percent);
        Print("idle-rss", "MB", Resident(pid) / 1e6);
        return 0;
    }

    static long Cpu(int pid) => Proc.TryReadStat(pid, out var stat) ? stat.CpuTicks : throw new InvalidOperationException("oops has ended");

    static long Resident(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;

    static void Print(string bench, string unit, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{bench}}","unit":"{{unit}}","median":{{value:0.00}},"max":{{value:0.00}},"n":1}"""));
}
