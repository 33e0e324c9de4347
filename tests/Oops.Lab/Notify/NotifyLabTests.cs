using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Lab.Harness;
using Oops.Sources.Notify;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Lab.Notify;

/// <summary>Real servers that notify, signed, and are asked back.</summary>
public sealed class NotifyLabTests : IAsyncDisposable
{
    const string Secret = "0jnu3SdsMvzzlmTDPYRceA==";
    const int ListenPort = 5354;
    const int ServerPort = 5301;

    readonly string directory = Lab.Harness.Lab.Root is null ? "" : Lab.Harness.Lab.FreshDirectory("notify");
    readonly Recorder engine = new();
    readonly CancellationTokenSource stop = new();
    NotifySource source = null!;
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    [Fact]
    public async Task Knot_notifies_over_TCP_signed_and_its_new_serial_is_known_at_once()
    {
        LabRequires.Programs("knotd", "knotc");
        await WriteAsync("knot.conf", $"""
            server:
                rundir: "{directory}"
                pidfile: "{directory}/knot.pid"
                listen: [ "127.0.0.1@{ServerPort}", "::1@{ServerPort}" ]
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            log:
              - target: stderr
                any: debug
            database:
                storage: "{directory}/db"
            control:
                listen: "{directory}/knot.sock"
            key:
              - id: notify-key
                algorithm: hmac-sha512
                secret: {Secret}
            remote:
              - id: oops4
                address: 127.0.0.1@{ListenPort}
                key: notify-key
              - id: oops6
                address: ::1@{ListenPort}
                key: notify-key
            zone:
              - domain: four.test
                file: "{directory}/four.test.zone"
                notify: oops4
              - domain: six.test
                file: "{directory}/six.test.zone"
                notify: oops6

            """);
        await WriteZoneAsync("four.test", 100);
        await WriteZoneAsync("six.test", 100);
        await WriteAsync("keys", $"key:\n  - id: notify-key\n    algorithm: hmac-sha512\n    secret: {Secret}\n");
        Directory.CreateDirectory(Path.Combine(directory, "db"));
        await using var knot = LabProcess.Start(Path.Combine(directory, "knot.log"), "knotd", "-c", Path.Combine(directory, "knot.conf"));
        await Wait.UntilAsync("knotd answers", () => File.Exists(Path.Combine(directory, "knot.sock")), state: () => knot.Tail());
        await StartAsync(Target("notify-key") with { Zones = ["four.test", "six.test"], Retry = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)) });
        await SerialAsync("four.test", 100, knot);
        await SerialAsync("six.test", 100, knot);

        foreach (var (zone, by) in new[] { ("four.test", "127.0.0.1"), ("six.test", "::1") })
        {
            await WriteZoneAsync(zone, 101);
            await Knotd.KnotcAsync(Path.Combine(directory, "knot.sock"), Side.Node, "zone-reload", zone);
            Assert.Equal(by, (await SerialAsync(zone, 101, knot)).Detail);
        }

        Assert.True(source.Traffic!.TcpRequests >= 2);
        Assert.Equal(0, source.Traffic.UdpRequests);
        Assert.True(source.Counts[NotifyCount.Taken] >= 2);
        Assert.Equal(0, source.Counts[NotifyCount.BadSignature]);
        // An answer that it cannot verify knotd logs as "failed". Those of its start are: nobody listened yet.
        Assert.DoesNotContain(File.ReadLines(knot.Output).SkipWhile(l => !l.Contains("zone-reload", StringComparison.Ordinal)), l => l.Contains("notify, outgoing", StringComparison.Ordinal) && l.Contains("failed", StringComparison.Ordinal));
        Assert.Equal(2, File.ReadLines(knot.Output).Count(l => l.Contains("notify, outgoing", StringComparison.Ordinal) && l.Contains("serial 101", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task NSD_notifies_at_its_start_and_with_an_empty_answer_when_a_reload_lost_the_zone()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await WriteAsync("nsd.conf", $"""
            {Harness.Nsd.Head(directory, directory + "/nsd.ctl", $"ip-address: 127.0.0.1@{ServerPort}", "verbosity: 2", "xfrd-reload-timeout: 0")}
            key:
              name: "notify-key"
              algorithm: hmac-sha256
              secret: "{Secret}"
            zone:
              name: "one.test"
              zonefile: "one.test.zone"
              notify: 127.0.0.1@{ListenPort} notify-key
              notify-retry: 2

            """);
        await WriteZoneAsync("one.test", 100);
        await WriteAsync("keys", $$"""key "notify-key" { algorithm hmac-sha256; secret "{{Secret}}"; };""");
        await StartAsync(Target("notify-key") with { Zones = [], Wildcards = ["*.test"] });
        await using var nsd = LabProcess.Start(Path.Combine(directory, "nsd.log"), "nsd", "-d", "-c", Path.Combine(directory, "nsd.conf"));
        Assert.Equal("127.0.0.1", (await SerialAsync("one.test", 100, nsd)).Detail);

        await WriteZoneAsync("one.test", 101);
        await ControlAsync("reload");
        await SerialAsync("one.test", 101, nsd);

        await WriteAsync("one.test.zone", "$ORIGIN one.test.\n@ SOA broken\n");
        await ControlAsync("reload");
        // That it fails to serve the zone is no word about whether it has it.
        ZoneSignal? failed = null;
        await Wait.UntilAsync("a failed check", () => (failed = engine.All.OfType<ZoneSignal>().FirstOrDefault(s => s is { Measure: Measure.RefreshFailures, Value: > 0 })) is not null,
            state: () => $"{nsd.Tail()}\n{string.Join('\n', engine.All)}");
        Assert.StartsWith("127.0.0.1: SERVFAIL", failed!.Detail, StringComparison.Ordinal);

        await WriteZoneAsync("one.test", 102);
        await ControlAsync("reload");
        await SerialAsync("one.test", 102, nsd);
        Assert.Equal(0, source.Counts[NotifyCount.BadSignature]);
    }

    NotifyTarget Target(string key) => new()
    {
        Server = "ns1",
        Listen = new DnsListenerOptions { Addresses = [new(IPAddress.Loopback, ListenPort), new(IPAddress.IPv6Loopback, ListenPort)] },
        Keys = Path.Combine(directory, "keys"),
        Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.1/32")), new PeerPrefix(IPNetwork.Parse("::1/128"))], DnsName.TryParse(key, out var name) ? name : null)],
        ServerAddress = new IPEndPoint(IPAddress.Loopback, ServerPort),
        Port = ServerPort,
        Spacing = TimeSpan.FromMilliseconds(100),
    };

    async Task StartAsync(NotifyTarget target)
    {
        source = new NotifySource(target);
        running = source.RunAsync(engine, stop.Token);
        await Wait.UntilAsync("the source listens", () => source.Listening is not null, state: () => string.Join('\n', engine.All));
    }

    async Task<ZoneSignal> SerialAsync(string zone, long serial, LabProcess server)
    {
        ZoneSignal? found = null;
        await Wait.UntilAsync($"{zone} has serial {serial}", () => (found = engine.All.OfType<ZoneSignal>().FirstOrDefault(s => s.Zone == zone && s.Measure == Measure.Serial && s.Value == serial)) is not null,
            state: () => $"{server.Tail()}\n{string.Join('\n', engine.All)}");
        return found!;
    }

    Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(directory, name), text);

    Task WriteZoneAsync(string zone, uint serial) => WriteAsync(zone + ".zone", ZoneText.Of(zone, serial, new ZoneTimers(Refresh: 3600, Retry: 600, Expire: 86400)));

    async Task ControlAsync(string command)
    {
        await using var control = LabProcess.Start(Path.Combine(directory, "control.log"), "nsd-control", "-c", Path.Combine(directory, "nsd.conf"), command);
        await control.EndAsync(0);
        Assert.True(control.ExitCode == 0, control.Tail());
    }
}
