using System.Diagnostics;
using System.Globalization;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Native;
using Oops.Sources.Knot;
using Oops.Wire.Knot;

namespace Oops.Bench.Zones;

/// <summary>
/// Very many zones. 100,000 on a real knotd: how long one bulk read of their state takes (beside it knotc, which prints the same), and what the daemon and the server spend while nothing happens.
/// 1,000,000 from the recorded answer of a real knotd: how long until the daemon believes them, and its memory. Then what the source `verify` costs with 100,000.
/// </summary>
internal static class ZonesBench
{
    internal const int Many = 100_000;
    const int Copies = 10;
    const int Rounds = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--verify", .. var rest])
            return await VerifyZonesBench.RunAsync(rest);
        var onlyMillion = arguments is ["--million"];
        var seconds = arguments is [var text] && !onlyMillion ? int.Parse(text, CultureInfo.InvariantCulture) : 180;
        if (Oops.Lab.Harness.Lab.Missing("knotd", "knotc") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }

        byte[] version, zones;
        await using (var knot = new ManyZonesKnotd(Many))
        {
            await knot.StartAsync();
            if (!onlyMillion)
            {
                await BulkAsync(knot);
                await PollCostAsync(knot, seconds);
            }

            version = await RecordedKnotd.RecordAsync(knot.Control, new KnotRequest("status") { Type = "version" }.Encode());
            zones = await RecordedKnotd.RecordAsync(knot.Control, new KnotRequest("zone-status") { Filters = "rse" }.Encode());
        }

        await using (var recorded = new RecordedKnotd(version, zones, Copies))
        {
            recorded.Start();
            if (!await MillionAsync(recorded))
                return 1;
        }

        return onlyMillion ? 0 : await VerifyZonesBench.RunAsync([]);
    }

    static async Task BulkAsync(ManyZonesKnotd knot)
    {
        List<double> ours = [], theirs = [];
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var opened = await KnotControl.OpenAsync(knot.Control, TimeSpan.FromSeconds(30), TimeProvider.System, default);
            var count = 0;
            await using (var control = opened.Control ?? throw new InvalidOperationException(opened.Why))
            {
                if (await control.ZoneStatusAsync([], _ => count++, default) is { } why) throw new InvalidOperationException(why);
            }

            if (count != Many) throw new InvalidOperationException($"{count} zones of {Many}");
            ours.Add(clock.Elapsed.TotalSeconds);
            clock.Restart();
            await Knotd.KnotcAsync(knot.Control, Side.Node, "zone-status");
            theirs.Add(clock.Elapsed.TotalSeconds);
        }

        Print("bulk-status", "s", ours);
        Print("bulk-status/knotc", "s", theirs);
    }

    static async Task PollCostAsync(ManyZonesKnotd knot, int seconds)
    {
        await using var daemon = new OopsDaemon();
        await daemon.StartAsync(Config(knot.Control, knot.PidFile, Many));
        await Wait.UntilAsync("all zones are ready", () => IsReadyAsync(daemon), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(200), () => daemon.Process.Tail());
        await Task.Delay(TimeSpan.FromSeconds(20));
        var (ours, theirs, clock) = (Cpu(daemon.Process.Pid), Cpu(knot.Pid), Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var span = clock.Elapsed.TotalSeconds;
        Print("poll-cost", "% of a core", [100.0 * (Cpu(daemon.Process.Pid) - ours) / Proc.TicksPerSecond / span]);
        Print("poll-cost/knotd", "% of a core", [100.0 * (Cpu(knot.Pid) - theirs) / Proc.TicksPerSecond / span]);
        Print("zone-memory/process-100k", "MB", [Resident(daemon.Process.Pid) / 1e6]);
    }

    static async Task<bool> MillionAsync(RecordedKnotd recorded)
    {
        await using var daemon = new OopsDaemon();
        var clock = Stopwatch.StartNew();
        await daemon.StartAsync(Config(recorded.Control, null, Many * Copies));
        await Wait.UntilAsync("a million zones are ready", () => IsReadyAsync(daemon), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(100), () => daemon.Process.Tail());
        Print("zones-believed/process", "s", [clock.Elapsed.TotalSeconds]);
        Print("zones-believed/cpu", "s", [Cpu(daemon.Process.Pid) / (double)Proc.TicksPerSecond]);
        // Two more complete reads: what they need is part of it.
        await Task.Delay(TimeSpan.FromSeconds(150));
        Print("zone-memory/process", "MB", [Resident(daemon.Process.Pid) / 1e6]);
        Print("zone-memory/process-peak", "MB", [Resident(daemon.Process.Pid, "VmHWM:") / 1e6]);
        return daemon.Process.Running;
    }

    static string Config(string control, string? pidfile, int zones) => $$"""
        mode: observe
        servers:
          ns1: { kind: knot, address: 127.0.0.1, {{(pidfile is null ? "" : $"pidfile: {pidfile}, ")}}control: {{control}}, zones: { own: { at-least: {{zones}} } } }
        conditions:
          expired: { kind: zone-expiring, before: 0s }
        sources:
          knot: [ { server: ns1, bus: none } ]
        """;

    // Without a process for each question: those would take a core from what is measured.
    internal static async Task<bool> IsReadyAsync(OopsDaemon daemon)
    {
        using var control = new ControlClient(daemon.ControlSocket);
        var (answer, _) = await control.GetAsync("/explain/condition%2Fall-zones-ready%2Fns1", ControlJson.Default.ExplainAnswer, default);
        return answer?.Condition?.State == State.Met;
    }

    internal static long Cpu(int pid) => Proc.TryReadStat(pid, out var stat) ? stat.CpuTicks : throw new InvalidOperationException("it has ended");

    internal static long Resident(int pid, string field = "VmRSS:") =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;

    internal static void Print(string bench, string unit, List<double> values)
    {
        values.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{bench}}","unit":"{{unit}}","median":{{values[values.Count / 2]:0.000}},"min":{{values[0]:0.000}},"max":{{values[^1]:0.000}},"n":{{values.Count}}}"""));
    }
}
