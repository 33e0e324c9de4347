using Oops.DBus;
using Oops.Engine;
using Oops.Wire.DBus;

namespace Oops.Sources.Systemd;

/// <summary>
/// One session on the bus at a time: subscribes, reads the unit, and follows what systemd says of it. It asks and never tells: of systemd's methods only Subscribe, GetUnit and the reading of properties.
/// </summary>
internal sealed class SystemdSession(SystemdOptions options, IEngine engine, UnitWords words)
{
    const string Systemd = "org.freedesktop.systemd1";
    const string Path = "/org/freedesktop/systemd1";
    const string Manager = Systemd + ".Manager";
    const string Job = Systemd + ".Job";
    const string Properties = "org.freedesktop.DBus.Properties";
    const string NoSuchUnit = Systemd + ".NoSuchUnit";
    const string NoSuchJob = "org.freedesktop.DBus.Error.UnknownObject";
    const string AlreadySubscribed = Systemd + ".AlreadySubscribed";

    static readonly TimeSpan FloodCheck = TimeSpan.FromSeconds(1);

    readonly string unitPath = UnitNames.PathOf(options.Unit);
    DBusConnection bus = null!;
    string owner = "";
    UnitState? unit;
    UnitState? half;
    string job = "";
    bool mustRead;
    bool changed;
    int stale;
    bool listening;

    /// <summary>A session, or an attempt at one, is over. True if it had got as far as listening.</summary>
    public bool Ended(string why)
    {
        words.Lost(why);
        var listened = listening;
        listening = false;
        return listened;
    }

    /// <summary>Until the session is lost; gives why.</summary>
    public async Task<string> RunAsync(DBusConnection connection, CancellationToken stop)
    {
        (bus, unit, half, job, stale) = (connection, null, null, "", 0);
        // Subscribed before anything is read, so that no change falls between.
        foreach (var rule in Rules())
            if (await bus.AddMatchAsync(rule, stop) is { } refused) return refused;
        var (first, unknown) = await bus.GetNameOwnerAsync(Systemd, stop);
        if (first is null) return unknown;
        if (await MeetAsync(first, stop) is { } unmet) return unmet;
        listening = true;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            return await FollowAsync(ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    IEnumerable<string> Rules()
    {
        yield return $"type='signal',sender='{DBusConnection.Bus}',interface='{DBusConnection.Bus}',member='NameOwnerChanged',arg0='{Systemd}'";
        yield return $"type='signal',sender='{Systemd}',interface='{Properties}',member='PropertiesChanged',path='{unitPath}'";
        // JobNew and JobRemoved, then UnitNew and UnitRemoved.
        yield return $"type='signal',sender='{Systemd}',interface='{Manager}',path='{Path}',arg2='{options.Unit}'";
        yield return $"type='signal',sender='{Systemd}',interface='{Manager}',path='{Path}',arg0='{options.Unit}'";
        yield return $"type='signal',sender='{Systemd}',interface='{Manager}',path='{Path}',member='Reloading'";
    }

    async Task<string> FollowAsync(CancellationToken stop)
    {
        Task<bool>? heard = null;
        Task? due = null;
        long dropped = 0;
        var asked = engine.Time.GetTimestamp();
        while (true)
        {
            while (bus.Signals.TryRead(out var message))
            {
                if (Take(message) is { } now && await MeetAsync(now, stop) is { } unmet) return unmet;
                // An end is weighed as it is told, and not after what has come of it: the next process, or no unit any more.
                if (changed && (unit is { MainPid: 0 } or { ActiveState: "deactivating" })) words.Weigh(unit, job, complete: false);
            }

            // What was dropped may have been anything. Asked once the flood has passed, and now and then while it lasts.
            if (bus.Dropped != dropped && (bus.Signals.Count == 0 || engine.Time.GetElapsedTime(asked) >= FloodCheck))
            {
                (dropped, asked) = (bus.Dropped, engine.Time.GetTimestamp());
                var (present, unknown) = await bus.GetNameOwnerAsync(Systemd, stop);
                if (present is null) return unknown;
                if (present != owner && await MeetAsync(present, stop) is { } unmet) return unmet;
                mustRead = true;
            }

            var complete = mustRead || due is { IsCompleted: true };
            if (due is null or { IsCompleted: true }) due = Task.Delay(options.Interval, engine.Time, stop);
            var view = engine.Server(options.Server);
            if (owner.Length > 0)
            {
                if (complete && await ReadAsync(stop) is { } unread) return unread;
                if ((complete || changed) && await ReadJobAsync(stop) is { } unknownJob) return unknownJob;
                if (unit is null) words.Absent(complete);
                else words.Weigh(unit, job, complete);
            }

            heard ??= bus.Signals.WaitToReadAsync(stop).AsTask();
            await Task.WhenAny(heard, due, view.Replaced);
            stop.ThrowIfCancellationRequested();
            if (!heard.IsCompleted) continue;
            if (!await heard) return bus.Lost ?? "d-bus: the session ended";
            heard = null;
        }
    }

    // Another systemd, or the same after it has executed itself again; an empty name: none. Null, or why the session is of no use.
    async Task<string?> MeetAsync(string name, CancellationToken stop)
    {
        (owner, unit, half, job, mustRead) = (name, null, null, "", true);
        if (name.Length == 0)
        {
            words.Lost($"systemd: nobody owns {Systemd} on this bus");
            return null;
        }

        // Without it systemd says nothing of units. It ends with our connection, or with systemd's.
        var reply = await bus.CallAsync(owner, Path, Manager, "Subscribe", [], stop);
        return reply.Message is not null || reply.ErrorName == AlreadySubscribed ? null : await GoneAsync(reply, stop);
    }

    // Null, or why the session is of no use.
    async Task<string?> ReadAsync(CancellationToken stop)
    {
        mustRead = false;
        var found = await bus.CallAsync(owner, Path, Manager, "GetUnit", [options.Unit], stop);
        if (found.ErrorName == NoSuchUnit)
        {
            (unit, half, stale) = (null, null, found.Before);
            return null;
        }

        if (found.Message is null) return await GoneAsync(found, stop);
        var body = found.Message.Read();
        if (found.Message.Signature != "o" || !body.TryObjectPath(out var utf8)) return "systemd: a wrong answer to GetUnit";
        // No interface is named: the properties of all of them, as of one instant.
        var all = await bus.CallAsync(owner, System.Text.Encoding.ASCII.GetString(utf8), Properties, "GetAll", [""], stop);
        if (all.Message is null) return await GoneAsync(all, stop);
        (unit, half, stale) = (Parse(all.Message), null, all.Before);
        return unit is null ? "systemd: the properties of a service are not as any known version has them" : null;
    }

    // The type of a job changes while it lasts: a restart becomes a start when it has stopped the unit.
    async Task<string?> ReadJobAsync(CancellationToken stop)
    {
        changed = false;
        job = "";
        if (unit is null || unit.JobId == 0) return null;
        var reply = await bus.CallAsync(owner, unit.JobPath, Properties, "Get", [Job, "JobType"], stop);
        // It has ended meanwhile; its end is told next.
        if (reply.ErrorName == NoSuchJob) return null;
        if (reply.Message is null) return await GoneAsync(reply, stop);
        var body = reply.Message.Read();
        if (reply.Message.Signature != "v" || !body.TryVariant(out var type) || !type.SequenceEqual("s"u8) || !body.TryString(out job)) return "systemd: a wrong answer to JobType";
        return null;
    }

    // A call that was not answered: by a systemd that has left the bus, as it does when it executes itself again, another one is to be met, and will be told. Anything else ends the session.
    async Task<string?> GoneAsync(DBusReply reply, CancellationToken stop)
    {
        if (reply.ErrorName is null) return reply.Why;
        var (present, unknown) = await bus.GetNameOwnerAsync(Systemd, stop);
        if (present is null) return unknown;
        if (present == owner) return reply.Why;
        (owner, unit, job) = ("", null, "");
        words.Lost(reply.Why);
        return null;
    }

    // The new owner of systemd's name, if that is what the signal tells.
    string? Take(DBusMessage message)
    {
        var old = stale > 0;
        if (old) stale--;
        if (DBusConnection.TryOwnerChange(message, out var name, out _, out var now)) return name == Systemd && now != owner ? now : null;
        // Anybody may send us a signal; only one of systemd's tells of its units. What came before an answer is older than the answer.
        if (message.Sender != owner || owner.Length == 0 || old) return null;
        if (message is { Interface: Properties, Member: "PropertiesChanged", Signature: "sa{sv}as" } && message.Path == unitPath) TakeProperties(message);
        else if (message is { Interface: Manager, Path: Path }) TakeOfManager(message);
        return null;
    }

    // All properties that may change, as they are now, whichever has changed: those of the service in one signal, those of the unit in the next. Only both together are the state of one instant.
    void TakeProperties(DBusMessage message)
    {
        var body = message.Read();
        if (unit is null || !body.TryString(out var of) || (half ?? unit).With(ref body) is not { } next)
        {
            mustRead = true;
            return;
        }

        if (of == Systemd + ".Service") half = next;
        else if (of == Systemd + ".Unit") (unit, half, changed) = (next, null, true);
    }

    void TakeOfManager(DBusMessage message)
    {
        var body = message.Read();
        switch (message.Member, message.Signature)
        {
            case ("JobNew", "uos") when unit is not null && body.TryUInt32(out var id) && body.TryObjectPath(out var path):
                (unit, changed) = (unit with { JobId = id, JobPath = System.Text.Encoding.ASCII.GetString(path) }, true);
                break;
            case ("JobRemoved", "uoss") when unit is not null && body.TryUInt32(out var id):
                if (id == unit.JobId) (unit, changed) = (unit with { JobId = 0, JobPath = "/" }, true);
                break;
            default:
                mustRead = true;
                break;
        }
    }

    static UnitState? Parse(DBusMessage message)
    {
        var body = message.Read();
        return message.Signature == "a{sv}" ? new UnitState().With(ref body) : null;
    }
}
