using Oops.DBus;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.DBus;

public sealed class DBusConnectionTests : IAsyncDisposable
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    readonly FakeBus bus = new();

    [Fact]
    public async Task It_authenticates_and_learns_its_name()
    {
        await using var connection = await OpenAsync();
        Assert.Equal(":1.7", connection.UniqueName);
    }

    [Fact]
    public async Task A_call_gets_its_answer_among_others()
    {
        await using var connection = await OpenAsync();
        var asking = connection.GetNameOwnerAsync("cz.nic.knotd", default).AsTask();
        var call = await bus.CallAsync();
        Assert.Equal(("GetNameOwner", "s"), (call.Member, call.Signature));
        await bus.SendAsync(FakeBus.Signal("noise"));
        await bus.AnswerAsync(call with { Serial = call.Serial + 1 }, "", null);
        await bus.AnswerAsync(call, "s", new DBusWriter().String(":1.2"));
        Assert.Equal((":1.2", ""), await asking);
    }

    [Fact]
    public async Task Only_whom_we_asked_may_answer()
    {
        await using var connection = await OpenAsync();
        var asking = connection.GetProcessIdAsync(":1.2", default).AsTask();
        var call = await bus.CallAsync();
        var forged = new DBusMessage { Type = DBusMessageType.MethodReturn, Serial = 3, ReplySerial = call.Serial, Sender = ":1.66", Signature = "u", Body = new DBusWriter().UInt32(1).Written.ToArray() };
        await bus.SendAsync(forged);
        await bus.AnswerAsync(call, "u", new DBusWriter().UInt32(4242));
        Assert.Equal((4242, "", false), await asking);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public async Task A_pid_that_cannot_be_is_no_pid(uint pid)
    {
        await using var connection = await OpenAsync();
        var asking = connection.GetProcessIdAsync(":1.2", default).AsTask();
        await bus.AnswerAsync(await bus.CallAsync(), "u", new DBusWriter().UInt32(pid));
        Assert.Null((await asking).Pid);
    }

    [Fact]
    public async Task An_error_is_a_reason_on_one_printable_line()
    {
        await using var connection = await OpenAsync();
        var asking = connection.AddMatchAsync("type='signal'", default).AsTask();
        var call = await bus.CallAsync();
        await bus.SendAsync(new DBusMessage { Type = DBusMessageType.Error, Serial = 3, ReplySerial = call.Serial, Sender = DBusConnection.Bus, ErrorName = "a.b.AccessDenied", Signature = "s", Body = new DBusWriter().String("no\u001b[2J\nway").Written.ToArray() });
        Assert.Equal("d-bus: a.b.AccessDenied: no?[2J?way", await asking);
    }

    [Fact]
    public async Task A_name_without_owner_is_a_fact_and_not_a_failure()
    {
        await using var connection = await OpenAsync();
        var asking = connection.GetNameOwnerAsync("cz.nic.knotd", default).AsTask();
        var call = await bus.CallAsync();
        await bus.SendAsync(new DBusMessage { Type = DBusMessageType.Error, Serial = 3, ReplySerial = call.Serial, Sender = DBusConnection.Bus, ErrorName = "org.freedesktop.DBus.Error.NameHasNoOwner" });
        Assert.Equal("", (await asking).Owner);
    }

    [Fact]
    public async Task A_call_without_answer_ends_at_its_timeout()
    {
        await using var connection = await OpenAsync(bus.Options with { Timeout = Short });
        Assert.Equal("d-bus: no answer to AddMatch within 0.2 s", await connection.AddMatchAsync("x", default));
        Assert.Null(connection.Lost);
    }

    [Fact]
    public async Task A_call_ends_when_we_are_told_to_stop()
    {
        await using var connection = await OpenAsync();
        using var stop = new CancellationTokenSource(Short);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.AddMatchAsync("x", stop.Token));
    }

    [Fact]
    public async Task A_bus_that_vanishes_ends_signals_and_calls()
    {
        await using var connection = await OpenAsync();
        var asking = connection.AddMatchAsync("x", default).AsTask();
        await bus.CallAsync();
        await bus.SendAsync(FakeBus.Signal("last"));
        // Half a message, then nothing.
        await bus.SendAsync(DBusCodec.Write(FakeBus.Signal("half")).AsMemory(0, 40));
        bus.Client.Dispose();
        Assert.Equal("d-bus: the bus closed the connection", await asking);
        Assert.Equal(["last"], (await connection.Signals.ReadAllAsync().ToListAsync()).Select(s => s.Member));
        Assert.Equal("d-bus: the bus closed the connection", connection.Lost);
        Assert.Equal(connection.Lost, await connection.AddMatchAsync("x", default));
    }

    [Theory]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("6c0400020000000001000000000000000000")]
    [InlineData("6c040001ffffff0301000000ffffff03")]
    [InlineData("6c04000100000000010000000000000000")]
    public async Task A_broken_message_ends_the_connection(string hex)
    {
        await using var connection = await OpenAsync();
        await bus.SendAsync(Convert.FromHexString(hex));
        await connection.Signals.Completion.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.StartsWith("d-bus: the bus sent a broken message (", connection.Lost, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_longer_than_the_limit_ends_the_connection()
    {
        await using var connection = await OpenAsync(bus.Options with { MaxMessage = 4096 });
        await bus.SendAsync(FakeBus.Signal("long") with { Signature = "s", Body = new DBusWriter().String(new string('a', 5000)).Written.ToArray() });
        await connection.Signals.Completion.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("d-bus: the bus sent a broken message (TooLong)", connection.Lost);
    }

    [Fact]
    public async Task A_message_larger_than_the_buffer_arrives_in_pieces()
    {
        await using var connection = await OpenAsync();
        var bytes = DBusCodec.Write(FakeBus.Signal("big") with { Signature = "s", Body = new DBusWriter().String(new string('a', 50_000)).Written.ToArray() });
        for (var at = 0; at < bytes.Length; at += 7001) await bus.SendAsync(bytes.AsMemory(at, Math.Min(7001, bytes.Length - at)));
        Assert.Equal(50_005, (await connection.Signals.ReadAsync()).Body.Length);
    }

    [Fact]
    public async Task A_flood_fills_the_queue_and_no_more_and_is_counted()
    {
        await using var connection = await OpenAsync(bus.Options with { MaxSignals = 10 });
        for (var i = 0; i < 100; i++) await bus.SendAsync(FakeBus.Signal("flood"));
        // An answer that comes after the flood shows that all of it was read.
        var asking = connection.AddMatchAsync("x", default).AsTask();
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        Assert.Null(await asking);
        Assert.Equal(90, connection.Dropped);
        Assert.Equal(10, connection.Signals.Count);
    }

    [Theory]
    [InlineData("REJECTED DBUS_COOKIE_SHA1\r\n", "authentication refused")]
    [InlineData("ERROR what\r\n", "authentication failed")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "authentication failed")]
    [InlineData("DATA\r\nDATA\r\n", "authentication failed")]
    public async Task A_peer_that_does_not_welcome_us_is_no_bus(string said, string why)
    {
        var opening = DBusConnection.OpenAsync(bus.Options, TimeProvider.System, default).AsTask();
        await bus.AcceptAsync();
        await bus.SayAsync(said);
        Assert.Contains(why, (await opening).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_end_is_not_read_for_ever()
    {
        var opening = DBusConnection.OpenAsync(bus.Options, TimeProvider.System, default).AsTask();
        await bus.AcceptAsync();
        await bus.SendAsync(new byte[2000]);
        Assert.Contains("a line without end", (await opening).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_peer_ends_at_the_timeout()
    {
        var opened = await DBusConnection.OpenAsync(bus.Options with { Timeout = Short }, TimeProvider.System, default);
        Assert.Null(opened.Connection);
        Assert.StartsWith("d-bus: no answer within 0.2 s at @oops-test-", opened.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_a_reason()
    {
        var opened = await DBusConnection.OpenAsync(new DBusOptions { Address = "unix:path=/nonexistent/bus" }, TimeProvider.System, default);
        Assert.Equal("d-bus: no such socket at /nonexistent/bus", opened.Why);
    }

    [Fact]
    public async Task Closing_ends_a_waiting_call()
    {
        var connection = await OpenAsync();
        var asking = connection.AddMatchAsync("x", default).AsTask();
        await bus.CallAsync();
        await connection.DisposeAsync();
        Assert.Equal("d-bus: closed by us", await asking);
    }

    [Fact]
    public void An_owner_change_counts_only_from_the_bus_itself()
    {
        var signal = new DBusMessage { Type = DBusMessageType.Signal, Path = "/org/freedesktop/DBus", Interface = DBusConnection.Bus, Member = "NameOwnerChanged", Sender = DBusConnection.Bus, Signature = "sss", Body = new DBusWriter().String("cz.nic.knotd").String(":1.2").String("").Written.ToArray() };
        Assert.True(DBusConnection.TryOwnerChange(signal, out var name, out var was, out var now));
        Assert.Equal(("cz.nic.knotd", ":1.2", ""), (name, was, now));
        Assert.False(DBusConnection.TryOwnerChange(signal with { Sender = ":1.9" }, out _, out _, out _));
    }

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    async Task<DBusConnection> OpenAsync(DBusOptions? options = null)
    {
        var opening = DBusConnection.OpenAsync(options ?? bus.Options, TimeProvider.System, default).AsTask();
        await bus.WelcomeAsync();
        var opened = await opening;
        return opened.Connection ?? throw new InvalidOperationException(opened.Why);
    }
}
