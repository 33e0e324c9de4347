using Oops.DBus;
using Oops.Sources.Knot;
using Oops.Wire.DBus;

namespace Oops.Lab.Knot;

/// <summary>This process on a bus under knotd's name, and what it says there.</summary>
internal sealed class KnotVoice(DBusConnection connection) : IAsyncDisposable
{
    public static async Task<KnotVoice> OpenAsync(string bus)
    {
        // knotd's signals have no answer: each call waits so long for one.
        var opened = await DBusConnection.OpenAsync(new DBusOptions { Address = bus, Timeout = TimeSpan.FromMilliseconds(300) }, TimeProvider.System, default);
        var connection = opened.Connection ?? throw new InvalidOperationException(opened.Why);
        var owned = await connection.CallAsync(
            new DBusMessage { Type = DBusMessageType.MethodCall, Destination = DBusConnection.Bus, Path = "/org/freedesktop/DBus", Interface = DBusConnection.Bus, Member = "RequestName", Signature = "su", Body = new DBusWriter().String(KnotSignal.BusName).UInt32(4).Written.ToArray() }, default);
        return owned.Message is null ? throw new InvalidOperationException(owned.Why) : new(connection);
    }

    /// <summary>external_verify, as 3.5.0 sends it (no serial) or as later ones do.</summary>
    public async Task VerifyAsync(string zone, uint? serial)
    {
        var body = new DBusWriter().String(zone);
        await connection.CallAsync(new DBusMessage { Type = DBusMessageType.Signal, Path = KnotSignal.Path, Interface = KnotSignal.Interface, Member = "external_verify", Signature = serial is null ? "s" : "su", Body = (serial is { } number ? body.UInt32(number) : body).Written.ToArray() }, default);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
