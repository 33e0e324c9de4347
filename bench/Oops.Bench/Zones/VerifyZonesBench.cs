using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Control;
using Oops.Lab.Harness;
using Oops.Native;
using Oops.Sources.Knot;
using Oops.Wire.Dns;
using Oops.Wire.Knot;

namespace Oops.Bench.Zones;

/// <summary>
/// The source `verify` with very many zones, all of them small and unsigned, as a real knotd listed one hundred thousand of them and transferred one: how long until each has been had and judged, what one takes of memory, what
/// they cost while nothing changes, and what one new serial costs then. Beside it the same daemon without the source.
/// </summary>
internal static class VerifyZonesBench
{
    const int Changes = 5;

    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60), Between = TimeSpan.FromSeconds(5);

    /// <param name="arguments">Hundreds of thousands of zones; default: one.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var copies = arguments is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 1;
        byte[] version, zones, whole, soa;
        await using (var knot = new ManyZonesKnotd(ZonesBench.Many))
        {
            await knot.StartAsync();
            version = await RecordedKnotd.RecordAsync(knot.Control, new KnotRequest("status") { Type = "version" }.Encode());
            zones = await RecordedKnotd.RecordAsync(knot.Control, new KnotRequest("zone-status") { Filters = "rse" }.Encode());
            var server = new IPEndPoint(IPAddress.Loopback, 53);
            whole = await RecordedPrimary.RecordAsync(server, RecordedPrimary.Query(ManyZonesKnotd.Zone(0), DnsType.Axfr));
            soa = await RecordedPrimary.RecordAsync(server, RecordedPrimary.Query(ManyZonesKnotd.Zone(0), DnsType.Soa));
        }

        await using var recorded = new RecordedKnotd(version, zones, copies);
        recorded.Start();
        await using var primary = new RecordedPrimary(whole, soa);
        primary.Start();
        var count = ZonesBench.Many * copies;
        var (without, still) = await AloneAsync(Config(recorded.Control, primary.Address, count, verify: false));
        await JudgedAsync(Config(recorded.Control, primary.Address, count, verify: true), count, primary, without, still);
        return 0;
    }

    /// <summary>What the daemon takes without the source: octets, and of a core.</summary>
    static async Task<(long Memory, double Core)> AloneAsync(string config)
    {
        await using var daemon = new OopsDaemon();
        await daemon.StartAsync(config);
        await Wait.UntilAsync("all zones are ready", () => ZonesBench.IsReadyAsync(daemon), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(200), () => daemon.Process.Tail());
        await Task.Delay(Quiet);
        var core = await CoreAsync(daemon, Quiet);
        return (ZonesBench.Resident(daemon.Process.Pid), core);
    }

    static async Task JudgedAsync(string config, int count, RecordedPrimary primary, long without, double still)
    {
        await using var daemon = new OopsDaemon();
        var clock = Stopwatch.StartNew();
        await daemon.StartAsync(config);
        await Wait.UntilAsync("each zone was asked for", () => Task.FromResult(primary.Asked >= count || !daemon.Process.Running), TimeSpan.FromMinutes(40), TimeSpan.FromMilliseconds(500), () => $"{primary.Asked} of {count} after {clock.Elapsed}; {ZonesBench.Resident(daemon.Process.Pid) / 1e6} MB; {daemon.Process.Tail()}");
        ZonesBench.Print("verify-zones/first", "s", [clock.Elapsed.TotalSeconds]);
        ZonesBench.Print("verify-zones/first-cpu", "ms a zone", [1e3 * ZonesBench.Cpu(daemon.Process.Pid) / Proc.TicksPerSecond / count]);
        ZonesBench.Print("verify-zones/peak", "MB", [ZonesBench.Resident(daemon.Process.Pid, "VmHWM:") / 1e6]);
        await Task.Delay(Quiet);
        ZonesBench.Print("verify-zones/idle", "% of a core", [await CoreAsync(daemon, Quiet)]);
        ZonesBench.Print("verify-zones/idle-without", "% of a core", [still]);
        ZonesBench.Print("verify-zones/memory", "MB", [ZonesBench.Resident(daemon.Process.Pid) / 1e6]);
        ZonesBench.Print("verify-zones/memory-without", "MB", [without / 1e6]);
        ZonesBench.Print("verify-zones/memory-a-zone", "B", [(ZonesBench.Resident(daemon.Process.Pid) - without) / (double)count]);
        await ChangeAsync(daemon, primary);
    }

    static async Task ChangeAsync(OopsDaemon daemon, RecordedPrimary primary)
    {
        List<double> late = [];
        using var notifier = new UdpClient(0);
        var (ticks, clock, before) = (ZonesBench.Cpu(daemon.Process.Pid), Stopwatch.StartNew(), primary.Asked);
        for (var i = 0; i < Changes; i++)
        {
            var had = primary.Asked;
            primary.Set(Changed, RecordedPrimary.First + 1 + (uint)i);
            var notify = RecordedPrimary.Query(Changed, DnsType.Soa);
            (notify[2], notify[1]) = (0x24, (byte)i);
            var began = Stopwatch.GetTimestamp();
            await notifier.SendAsync(notify, Listen);
            await Wait.UntilAsync("the new version is asked for", () => Task.FromResult(primary.Asked > had), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1), () => daemon.Process.Tail());
            late.Add(Stopwatch.GetElapsedTime(began, primary.LastAt).TotalMilliseconds);
            await Task.Delay(Between);
        }

        ZonesBench.Print("verify-zones/change", "ms", late);
        ZonesBench.Print("verify-zones/change-cpu", "ms, what is idle included", [1e3 * (ZonesBench.Cpu(daemon.Process.Pid) - ticks) / Proc.TicksPerSecond / Changes]);
        ZonesBench.Print("verify-zones/change-transfers", "a change", [(primary.Asked - before) / (double)Changes]);
    }

    static async Task<double> CoreAsync(OopsDaemon daemon, TimeSpan span)
    {
        var (ticks, clock) = (ZonesBench.Cpu(daemon.Process.Pid), Stopwatch.StartNew());
        await Task.Delay(span);
        return 100.0 * (ZonesBench.Cpu(daemon.Process.Pid) - ticks) / Proc.TicksPerSecond / clock.Elapsed.TotalSeconds;
    }

    static readonly IPEndPoint Listen = new(IPAddress.Loopback, 5390);

    static readonly string Changed = ManyZonesKnotd.Zone(4711);

    static string Config(string control, IPEndPoint primary, int zones, bool verify) => $$"""
        mode: observe
        servers:
          ns1: { kind: knot, address: 127.0.0.1, control: {{control}}, zones: { own: { at-least: {{zones}} } } }
        sources:
          knot: [ { server: ns1, bus: none } ]
          notify: [ { server: ns1, listen: [{{Listen.Address}}@{{Listen.Port}}], zones: [{{Changed}}], primary: {{primary.Address}}@{{primary.Port}} } ]
        {{(verify ? $"  verify: [ {{ server: ns1, from: {primary.Address}@{primary.Port}, interval: 1d }} ]" : "")}}
        """;
}
