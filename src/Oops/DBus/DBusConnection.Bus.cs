using Oops.Wire.DBus;

namespace Oops.DBus;

internal sealed partial class DBusConnection
{
    /// <summary>The bus's own name; it signs what it says with it.</summary>
    public const string Bus = "org.freedesktop.DBus";

    const string NoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";

    /// <summary>Subscribes to what the rule matches. Null, or why not.</summary>
    public async ValueTask<string?> AddMatchAsync(string rule, CancellationToken stop)
    {
        var reply = await CallBusAsync("AddMatch", rule, stop);
        return reply.Message is null ? reply.Why : null;
    }

    /// <summary>The unique name that owns a name; an empty one when nobody does. Null, with the reason, when it could not be asked.</summary>
    public async ValueTask<(string? Owner, string Why)> GetNameOwnerAsync(string name, CancellationToken stop)
    {
        var reply = await CallBusAsync("GetNameOwner", name, stop);
        if (reply.ErrorName == NoOwner) return ("", reply.Why);
        if (reply.Message is null) return (null, reply.Why);
        var body = reply.Message.Read();
        return reply.Message.Signature == "s" && body.TryString(out var owner) ? (owner, "") : (null, "d-bus: a wrong answer to GetNameOwner");
    }

    /// <summary>The pid of a connection, as the bus's kernel saw it when it connected. Null, with the reason, when there is none; silent: because the bus did not answer.</summary>
    public async ValueTask<(int? Pid, string Why, bool Silent)> GetProcessIdAsync(string name, CancellationToken stop)
    {
        var reply = await CallBusAsync("GetConnectionUnixProcessID", name, stop);
        if (reply.Message is null) return (null, reply.Why, reply.ErrorName is null);
        var body = reply.Message.Read();
        return reply.Message.Signature == "u" && body.TryUInt32(out var pid) && pid is > 0 and <= int.MaxValue
            ? ((int)pid, "", false)
            : (null, "d-bus: a wrong answer to GetConnectionUnixProcessID", false);
    }

    /// <summary>Who owns a name now: the argument of `NameOwnerChanged`, if it is the bus that says so.</summary>
    public static bool TryOwnerChange(DBusMessage signal, out string name, out string was, out string now)
    {
        name = was = now = "";
        if (signal.Sender != Bus || signal.Interface != Bus || signal.Member != "NameOwnerChanged" || signal.Signature != "sss") return false;
        var body = signal.Read();
        return body.TryString(out name) && body.TryString(out was) && body.TryString(out now);
    }

    /// <summary>Calls a method whose arguments are strings, or that has none. It starts nobody who does not run.</summary>
    public ValueTask<DBusReply> CallAsync(string destination, string path, string @interface, string member, ReadOnlySpan<string> arguments, CancellationToken stop)
    {
        var body = new DBusWriter();
        foreach (var argument in arguments) body.String(argument);
        return CallAsync(
            new DBusMessage
            {
                Type = DBusMessageType.MethodCall,
                Flags = DBusFlags.NoAutoStart,
                Destination = destination,
                Path = path,
                Interface = @interface,
                Member = member,
                Signature = new('s', arguments.Length),
                Body = body.Written.ToArray(),
            },
            stop);
    }

    ValueTask<DBusReply> CallBusAsync(string member, string? argument, CancellationToken stop) =>
        CallAsync(Bus, "/org/freedesktop/DBus", Bus, member, argument is null ? [] : [argument], stop);
}
