using Oops.DBus;

namespace Oops.Sources.Knot;

/// <summary>The session on the bus: connects, subscribes, follows who owns knotd's name, and hands on what it says. Reconnects by itself.</summary>
internal sealed class KnotBus(string address, TimeSpan timeout, TimeProvider time, IKnotListener listener)
{
    static readonly TimeSpan FloodCheck = TimeSpan.FromSeconds(1);

    // The bus itself sorts out who may say this: only the owner of the name.
    const string Signals = $"type='signal',sender='{KnotSignal.BusName}',interface='{KnotSignal.Interface}',path='{KnotSignal.Path}'";
    const string Owners = $"type='signal',sender='{DBusConnection.Bus}',interface='{DBusConnection.Bus}',member='NameOwnerChanged',arg0='{KnotSignal.BusName}'";

    // The session got as far as reading signals.
    bool listening;

    public Task RunAsync(CancellationToken stop) =>
        DBusSessions.RunAsync(new DBusOptions { Address = address, Timeout = timeout }, time, SessionAsync, Ended, stop);

    bool Ended(string why)
    {
        var listened = listening;
        listening = false;
        listener.Lost(why);
        // The bus may have taken knotd's voice along, or announced its end: look. One that never let us listen has taken nothing,
        // and if it refuses us each time, it must not make the witness read each time.
        if (listened) listener.Missed();
        return listened;
    }

    // Until the session is lost; gives why.
    async Task<string> SessionAsync(DBusConnection connection, CancellationToken stop)
    {
        // Subscribed before the owner is asked for, so that no change falls between.
        if (await connection.AddMatchAsync(Owners, stop) is { } notOwners) return notOwners;
        if (await connection.AddMatchAsync(Signals, stop) is { } notSignals) return notSignals;
        var (owner, why) = await connection.GetNameOwnerAsync(KnotSignal.BusName, stop);
        if (owner is null) return why;
        if (await LearnAsync(connection, owner, stop) is { } unasked) return unasked;
        listening = true;
        long dropped = 0;
        var asked = time.GetTimestamp();
        await foreach (var message in connection.Signals.ReadAllAsync(stop))
        {
            if (DBusConnection.TryOwnerChange(message, out var name, out _, out var now))
            {
                if (name != KnotSignal.BusName) continue;
                owner = now;
                if (await LearnAsync(connection, owner, stop) is { } failed) return failed;
            }
            else if (KnotSignal.TryParse(message, out var signal))
            {
                listener.Hear(message.Sender ?? "", signal);
            }

            // What was dropped may have been anything, also that the name has another owner. Asked once the flood has passed, and now and then while it lasts.
            if (connection.Dropped == dropped || (connection.Signals.Count > 0 && time.GetElapsedTime(asked) < FloodCheck)) continue;
            (dropped, asked) = (connection.Dropped, time.GetTimestamp());
            listener.Missed();
            var (present, unknown) = await connection.GetNameOwnerAsync(KnotSignal.BusName, stop);
            if (present is null) return unknown;
            if (present == owner) continue;
            owner = present;
            if (await LearnAsync(connection, owner, stop) is { } lost) return lost;
        }

        return connection.Lost ?? "d-bus: the session ended";
    }

    // Null, or why the session is of no use: a bus that does not answer. One that answers that there is no pid is another matter.
    async Task<string?> LearnAsync(DBusConnection connection, string owner, CancellationToken stop)
    {
        var (pid, why, silent) = owner.Length == 0 ? (null, "", false) : await connection.GetProcessIdAsync(owner, stop);
        if (silent) return why;
        listener.Owner(owner, pid);
        return null;
    }
}
