using Oops.DBus;
using Oops.Lab.Harness;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Lab.DBus;

/// <summary>The client against a real dbus-daemon.</summary>
public sealed class DBusConnectionLabTests
{
    const string Name = "org.example.oops";

    [Fact]
    public async Task Names_owners_and_pids_are_as_the_bus_says()
    {
        LabRequires.Programs("dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var one = await OpenAsync(bus.Address);
        await using var two = await OpenAsync(bus.Address);
        Assert.NotEqual(one.UniqueName, two.UniqueName);
        Assert.Equal((one.UniqueName, ""), await two.GetNameOwnerAsync(one.UniqueName, default));
        Assert.Equal("", (await two.GetNameOwnerAsync(Name, default)).Owner);
        Assert.Equal(Environment.ProcessId, (await two.GetProcessIdAsync(one.UniqueName, default)).Pid);
        Assert.Null((await two.GetProcessIdAsync(":1.999", default)).Pid);
        Assert.Contains("MatchRuleInvalid", await two.AddMatchAsync("nonsense", default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_changes_and_signals_are_heard_and_the_end_of_the_bus_is_the_end_of_the_stream()
    {
        LabRequires.Programs("dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var listener = await OpenAsync(bus.Address);
        Assert.Null(await listener.AddMatchAsync($"type='signal',sender='{DBusConnection.Bus}',member='NameOwnerChanged',arg0='{Name}'", default));
        Assert.Null(await listener.AddMatchAsync($"type='signal',sender='{Name}',interface='org.example.events'", default));

        await using (var owner = await OpenAsync(bus.Address))
        {
            var request = new DBusMessage { Type = DBusMessageType.MethodCall, Destination = DBusConnection.Bus, Path = "/org/freedesktop/DBus", Interface = DBusConnection.Bus, Member = "RequestName", Signature = "su", Body = new DBusWriter().String(Name).UInt32(4).Written.ToArray() };
            Assert.NotNull((await owner.CallAsync(request, default)).Message);
            Assert.Equal((Name, "", owner.UniqueName), await OwnerChangeAsync(listener));
            var nobody = await owner.CallAsync(new DBusMessage { Type = DBusMessageType.MethodCall, Destination = Name + ".none", Path = "/", Member = "x" }, default);
            Assert.Equal("org.freedesktop.DBus.Error.ServiceUnknown", nobody.ErrorName);
        }

        Assert.Equal((Name, ":1.1", ""), await OwnerChangeAsync(listener));
        await bus.Process.EndAsync();
        await listener.Signals.Completion.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("d-bus: the bus closed the connection", listener.Lost);
    }

    static async Task<(string, string, string)> OwnerChangeAsync(DBusConnection connection)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (true)
        {
            var signal = await connection.Signals.ReadAsync(limit.Token);
            if (DBusConnection.TryOwnerChange(signal, out var name, out var was, out var now)) return (name, was, now);
        }
    }

    static async Task<DBusConnection> OpenAsync(string address)
    {
        var opened = await DBusConnection.OpenAsync(new DBusOptions { Address = address }, TimeProvider.System, default);
        return opened.Connection ?? throw new InvalidOperationException(opened.Why);
    }
}
