using System.Net.Sockets;
using Oops.DBus;
using Oops.Sources.Knot;
using Oops.Tests.DBus;
using Oops.Tests.Engine;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Sources.Knot;

/// <summary>The source between a good knotd and a bus that misbehaves: the bus never takes the witness along, and what it says is a claim only from the server itself.</summary>
public sealed class HostileBusTests : IAsyncDisposable
{
    static readonly int Server = Environment.ProcessId;

    readonly FakeKnot knot = new();
    readonly FakeBus bus = new();
    readonly FakeTime time = new();
    readonly SpokenEngine engine;
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    public HostileBusTests()
    {
        knot.Serve(("a.test.", 7), ("b.test.", 8));
        engine = new(time);
        running = new KnotSource(new KnotOptions("ns1", knot.Path, bus.Options.Address, true, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60))).RunAsync(engine, stop.Token);
    }

    [Fact]
    public async Task A_bus_that_never_answers_is_lost_and_the_witness_goes_on()
    {
        await bus.AcceptAsync();
        await engine.HearAsync("control read");
        await engine.HearAsync(Tick, "bus lost: d-bus: no answer within 60 s at *");
        knot.Serve(("a.test.", 9), ("b.test.", 8));
        await engine.HearAsync(Tick, "control a.test Serial 9", "control read");
    }

    [Fact]
    public async Task A_bus_that_falls_silent_while_it_is_asked_who_speaks_is_left_and_asked_again()
    {
        await bus.WelcomeAsync();
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "s", new DBusWriter().String(":1.2"));
        await engine.HearAsync("control read");
        Assert.Equal("GetConnectionUnixProcessID", (await bus.CallAsync()).Member);
        await engine.HearAsync(Tick, "bus lost: d-bus: no answer to GetConnectionUnixProcessID within 60 s");
        await ReconnectAsync();
        await engine.HearAsync(Tick, "bus opened", "bus Stopping 0");
    }

    [Fact]
    public async Task A_bus_that_says_that_there_is_no_pid_is_not_asked_again_and_again()
    {
        await bus.WelcomeAsync();
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "s", new DBusWriter().String(":1.2"));
        await bus.SendAsync(new DBusMessage { Type = DBusMessageType.Error, Serial = 3, ReplySerial = (await bus.CallAsync()).Serial, Sender = DBusConnection.Bus, ErrorName = "org.freedesktop.DBus.Error.UnixProcessIdUnknown" });
        await engine.HearAsync("bus lost: d-bus: the pid of cz.nic.knotd cannot be seen from here");
        await SayAsync("stopped");
        await SayAsync("zone_updated", "su", new DBusWriter().String("b.test.").UInt32(9));
        await NothingWasClaimedAsync();
    }

    [Fact]
    public async Task A_bus_that_refuses_each_time_is_asked_ever_more_seldom_and_makes_no_look()
    {
        await engine.HearAsync("control read");
        var looks = knot.Asked.Count;
        var began = time.GetTimestamp();
        for (var i = 0; i < 4; i++)
        {
            await WhileTickingAsync(bus.WelcomeAsync());
            await bus.SendAsync(new DBusMessage { Type = DBusMessageType.Error, Serial = 3, ReplySerial = (await bus.CallAsync()).Serial, Sender = DBusConnection.Bus, ErrorName = "org.freedesktop.DBus.Error.AccessDenied" });
            await ClosedAsync(bus.Client);
        }

        Assert.True(time.GetElapsedTime(began) >= TimeSpan.FromSeconds(1 + 2 + 4));
        for (var i = 0; i < 4; i++) await WhileTickingAsync(Task.Delay(20));
        // None but those of the interval, should the clock have moved so far.
        Assert.InRange(knot.Asked.Count - looks, 0, (int)(time.GetElapsedTime(began) / TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_bus_that_closes_within_a_message_is_lost_and_the_witness_looks()
    {
        await OpenAsync();
        await bus.SendAsync(DBusCodec.Write(Updated("a.test.", 9)).AsMemory(0, 50));
        bus.Client.Dispose();
        var said = await engine.HearAsync(Tick, "bus lost: d-bus: the bus closed the connection", "control read");
        Assert.DoesNotContain("bus a.test Serial 9", said);
        await ReconnectAsync();
        await engine.HearAsync("bus opened");
    }

    [Fact]
    public async Task A_bus_that_sends_nonsense_is_left_and_tried_again()
    {
        await OpenAsync();
        await bus.SendAsync(new byte[64]);
        await engine.HearAsync(Tick, "bus lost: d-bus: the bus sent a broken message (Endianness)", "control read");
        await ReconnectAsync();
        await engine.HearAsync("bus opened");
    }

    [Fact]
    public async Task Signals_that_no_version_sends_are_passed_over()
    {
        await OpenAsync();
        await SayAsync("stopped", "s", new DBusWriter().String("a."));
        await SayAsync("zone_updated", "s", new DBusWriter().String("a.test."));
        await SayAsync("zone_updated", "us", new DBusWriter().UInt32(1).String("a.test."));
        await SayAsync("zone_updated", "su", new DBusWriter().String("a..test.").UInt32(8));
        await SayAsync("zone_deleted", "s", new DBusWriter().String("a.test."));
        await bus.SendAsync(KnotSignalTests.Make("stopped", "", null) with { Path = "/" });
        await bus.SendAsync(KnotSignalTests.Make("stopped", "", null) with { Interface = "a.b" });
        await bus.SendAsync(KnotSignalTests.Make("stopped", "", null) with { Type = DBusMessageType.MethodCall });
        await bus.SendAsync(Updated("b.test.", 9));
        Assert.Equal(["bus b.test Serial 9"], OfBus(await engine.HearAsync("bus b.test Serial 9")));
    }

    [Fact]
    public async Task Who_does_not_own_the_name_is_not_heard()
    {
        await OpenAsync();
        await bus.SendAsync(KnotSignalTests.Make("stopped", "", null) with { Sender = ":1.66" });
        await bus.SendAsync(Updated("a.test.", 99) with { Sender = ":1.66" });
        await bus.SendAsync(OwnerChange("", ":1.66") with { Sender = ":1.66" });
        await bus.SendAsync(Updated("b.test.", 9));
        Assert.Equal(["bus b.test Serial 9"], OfBus(await engine.HearAsync("bus b.test Serial 9")));
    }

    [Fact]
    public async Task An_owner_whose_pid_is_not_the_servers_makes_no_claims_and_only_the_witness_look()
    {
        await engine.HearAsync("control read");
        await SubscribeAsync(1);
        await engine.HearAsync($"bus lost: d-bus: cz.nic.knotd belongs to pid 1, but the server is pid {Server}");
        await SayAsync("stopped");
        await SayAsync("zone_dnssec_invalid", "s", new DBusWriter().String("a.test."));
        await bus.SendAsync(Updated("b.test.", 9));
        await NothingWasClaimedAsync();
    }

    [Fact]
    public async Task Both_signatures_of_zone_dnssec_invalid_are_heard()
    {
        await OpenAsync();
        await SayAsync("zone_dnssec_invalid", "s", new DBusWriter().String("a.test."));
        await SayAsync("zone_dnssec_invalid", "su", new DBusWriter().String("b.test.").UInt32(3600));
        await SayAsync("zone_dnssec_invalid", "su", new DBusWriter().String("b.test.").UInt32(0));
        Assert.Equal(
            ["bus a.test Invalid 1 (knotd's validation failed)", "bus b.test SignatureExpiry 3600", "bus b.test Invalid 1 (knotd's validation failed)"],
            OfBus(await engine.HearAsync("bus b.test Invalid 1 (knotd's validation failed)")));
    }

    [Fact]
    public async Task A_name_that_vanishes_without_stopped_proves_nothing_and_the_witness_looks()
    {
        await OpenAsync();
        var looks = knot.Asked.Count;
        await bus.SendAsync(OwnerChange(":1.2", ""));
        var said = await engine.HearAsync(Tick, "bus lost: d-bus: nobody owns cz.nic.knotd though knotd (pid *", "control read");
        Assert.DoesNotContain(said, s => s is "bus Stopping 1" || s.StartsWith("control lost", StringComparison.Ordinal));
        Assert.True(knot.Asked.Count > looks);
    }

    [Fact]
    public async Task A_flood_is_some_looks_and_not_one_for_each()
    {
        await OpenAsync();
        var looks = knot.Asked.Count;
        for (var i = 0u; i < 20_000; i++) await bus.SendAsync(Updated($"z{i % 500}.test.", i));
        await engine.HearAsync("bus z499.test Serial 19999");
        await engine.HearAsync(Tick, "control read");
        Assert.InRange(knot.Asked.Count - looks, 1, 10);
    }

    [Fact]
    public async Task What_a_flood_drowned_is_asked_for()
    {
        await OpenAsync();
        engine.Taking.Reset();
        var most = bus.Options.MaxSignals;
        for (var i = 0u; i < most + 100; i++) await bus.SendAsync(Updated("a.test.", i));
        // Drowned: nobody hears it.
        await bus.SendAsync(OwnerChange(":1.2", ":1.3"));
        // More than the socket holds: what went before has been read.
        for (var i = 0u; i < 5000; i++) await bus.SendAsync(Updated("a.test.", i));
        engine.Taking.Set();
        var call = await bus.CallAsync();
        Assert.Equal("GetNameOwner", call.Member);
        await bus.AnswerAsync(call, "s", new DBusWriter().String(":1.3"));
        await bus.AnswerAsync(await bus.CallAsync(), "u", new DBusWriter().UInt32(1));
        await engine.HearAsync($"bus lost: d-bus: cz.nic.knotd belongs to pid 1, but the server is pid {Server}");
    }

    public async ValueTask DisposeAsync()
    {
        engine.Taking.Set();
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await bus.DisposeAsync();
        await knot.DisposeAsync();
        stop.Dispose();
        Assert.True(running.IsCanceled, running.Exception?.ToString());
    }

    static List<string> OfBus(List<string> said) => [.. said.Where(s => s.StartsWith("bus", StringComparison.Ordinal))];

    static DBusMessage Updated(string zone, uint serial) => KnotSignalTests.Make("zone_updated", "su", new DBusWriter().String(zone).UInt32(serial));

    static DBusMessage OwnerChange(string was, string now) => new()
    {
        Type = DBusMessageType.Signal,
        Serial = 4,
        Path = "/org/freedesktop/DBus",
        Interface = DBusConnection.Bus,
        Member = "NameOwnerChanged",
        Sender = DBusConnection.Bus,
        Signature = "sss",
        Body = new DBusWriter().String(KnotSignal.BusName).String(was).String(now).Written.ToArray(),
    };

    void Tick() => time.Advance(TimeSpan.FromSeconds(1));

    Task SayAsync(string member, string signature = "", DBusWriter? body = null) => bus.SendAsync(KnotSignalTests.Make(member, signature, body));

    // The server's own process is the test's: it listens on the control socket.
    async Task OpenAsync()
    {
        await engine.HearAsync("control read");
        await SubscribeAsync(Server);
        await engine.HearAsync(Tick, "bus opened", "bus Stopping 0");
    }

    async Task SubscribeAsync(int pid)
    {
        await bus.WelcomeAsync();
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "s", new DBusWriter().String(":1.2"));
        await bus.AnswerAsync(await bus.CallAsync(), "u", new DBusWriter().UInt32((uint)pid));
    }

    // The clock moves until it connects, and stands while it is answered.
    async Task WhileTickingAsync(Task connecting)
    {
        var before = bus.Last;
        while (ReferenceEquals(bus.Last, before) && !connecting.IsCompleted)
        {
            Tick();
            await Task.Delay(5);
        }

        await connecting;
    }

    static async Task ClosedAsync(Socket client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], SocketFlags.None, limit.Token));
    }

    Task ReconnectAsync() => WhileTickingAsync(SubscribeAsync(Server));

    // The server takes the name over: what is claimed from here on is heard in the same order.
    async Task NothingWasClaimedAsync()
    {
        var looks = knot.Asked.Count;
        await bus.SendAsync(OwnerChange(":1.2", ":1.3"));
        await bus.AnswerAsync(await bus.CallAsync(), "u", new DBusWriter().UInt32((uint)Server));
        Assert.Equal(["bus opened", "bus Stopping 0"], OfBus(await engine.HearAsync(Tick, "bus opened", "bus Stopping 0", "control read")));
        Assert.True(knot.Asked.Count > looks);
    }
}
