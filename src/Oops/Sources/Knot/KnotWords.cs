using System.Globalization;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Knot;

/// <summary>
/// What knotd's signals are worth: they are claims only while the sender's pid is the server's; in every case they make the witness look. Holds the state of the bus channel.
/// The bus task and the witness both speak to it.
/// </summary>
internal sealed class KnotWords(KnotOptions options, IEngine engine, Look look) : IKnotListener
{
    // Zones with a warning, a failed validation or a key on record. knotd serves fewer with such news at a time; beyond it they are reported without their history.
    const int MaxNotes = 100_000;

    readonly Lock gate = new();
    readonly Dictionary<string, Note> notes = new(StringComparer.Ordinal);
    bool connected;
    bool open;
    bool saysRunning;
    string owner = "";
    int? ownerPid;
    int? lastOwnerPid;
    int? controlPid;
    int? stoppedPid;
    string? why;

    struct Note
    {
        public bool Invalid;
        public bool Warned;
        public uint Keys;
        public uint Ksk;
    }

    /// <summary>The session is lost, or there is none.</summary>
    public void Lost(string reason)
    {
        lock (gate)
        {
            (connected, owner, ownerPid) = (false, "", null);
            Close(reason);
        }
    }

    /// <summary>Who owns knotd's name now; empty: nobody. A pid of null could not be had.</summary>
    public void Owner(string name, int? pid)
    {
        bool isAnother;
        lock (gate)
        {
            connected = true;
            (owner, ownerPid) = (name, pid);
            (isAnother, lastOwnerPid) = (pid != lastOwnerPid, pid);
            Weigh(ownerIsNew: true);
        }

        // Gone without `stopped` is what a crash looks like, and what the end of the bus looks like, too: the witnesses know.
        // The same process as before is what a bus that drops us says each time: no reason for haste.
        if (isAnother) look.AtOnce();
        else look.AtAll();
    }

    /// <summary>The witness has an answer from this pid (null: it cannot be seen), or has lost the server.</summary>
    public void Answered(bool answers, int? pid)
    {
        lock (gate)
        {
            controlPid = answers ? pid : null;
            if (!connected) return;
            // What said that it has stopped does not answer: another one does.
            if (answers && pid != stoppedPid) stoppedPid = null;
            Weigh(ownerIsNew: false);
            if (!answers || !open || saysRunning || stoppedPid is not null) return;
            saysRunning = true;
            engine.Send(new ServerSignal(options.BusChannel, Measure.Stopping, 0, Detail: "has its name on the bus, and answers"));
        }
    }

    /// <summary>The witness saw a refresh of the zone succeed: what failed to validate before is no longer what is offered.</summary>
    public void Refreshed(string zone)
    {
        lock (gate)
        {
            if (open && notes.TryGetValue(zone, out var note) && note.Invalid) Clear(zone, note with { Invalid = false }, Measure.Invalid, 0, "refreshed since");
        }
    }

    public void Missed() => look.AtAll();

    /// <summary>A signal of knotd's.</summary>
    public void Hear(string sender, in KnotSignal signal)
    {
        lock (gate)
        {
            if (open && sender == owner) Claim(signal);
        }

        if (signal.Zone.Length == 0) look.AtOnce();
        else look.At(signal.Zone, failed: signal.Kind == KnotSignalKind.ZoneNotUpdated);
    }

    void Claim(in KnotSignal signal)
    {
        var zone = signal.Zone;
        switch (signal.Kind)
        {
            case KnotSignalKind.Stopped:
                stoppedPid = ownerPid;
                saysRunning = false;
                engine.Send(new ServerSignal(options.BusChannel, Measure.Stopping, 1, Detail: "knotd says that it has stopped"));
                break;
            case KnotSignalKind.Started:
                // Says nothing of zones: 3.2.6 sends it before the first one is loaded.
                saysRunning = true;
                engine.Send(new ServerSignal(options.BusChannel, Measure.Stopping, 0, Detail: "knotd says that it has started"));
                break;
            case KnotSignalKind.ZoneUpdated:
                engine.Send(new ZoneSignal(options.BusChannel, zone, Measure.Serial, signal.Number!.Value));
                if (!notes.TryGetValue(zone, out var note)) break;
                if (note.Invalid) Clear(zone, note = note with { Invalid = false }, Measure.Invalid, 0, "updated since");
                // knotd warns again, if it must, when it has checked the new version.
                if (note.Warned) Clear(zone, note with { Warned = false }, Measure.SignatureExpiry, Signal.Absent, "updated since the warning");
                break;
            case KnotSignalKind.DnssecInvalid when signal.Number is > 0:
                Keep(zone, Find(zone) with { Warned = true });
                engine.Send(new ZoneSignal(options.BusChannel, zone, Measure.SignatureExpiry, signal.Number.Value));
                break;
            case KnotSignalKind.DnssecInvalid:
                Keep(zone, Find(zone) with { Invalid = true });
                engine.Send(new ZoneSignal(options.BusChannel, zone, Measure.Invalid, 1, "knotd's validation failed"));
                break;
            case KnotSignalKind.KeysUpdated:
                // Any number that is another one than before: knotd does not say which keys.
                SayKeys(zone, Find(zone) with { Keys = unchecked((uint)engine.Time.GetUtcNow().ToUnixTimeMilliseconds()) }, "key set changed");
                break;
            case KnotSignalKind.KskSubmission:
                // Repeated at every signing until the parent has the DS: the same key gives the same number.
                SayKeys(zone, Find(zone) with { Ksk = Hash(signal.KeyId) }, string.Create(CultureInfo.InvariantCulture, $"KSK {signal.KeyTag} waits for its DS"));
                break;
            default:
                break;
        }
    }

    // Opens the channel when the name's owner is seen to be the server, closes it with the reason when the owner is another one, or nobody.
    void Weigh(bool ownerIsNew)
    {
        var serverPid = engine.Server(options.Server).Pid;
        var isServer = ownerPid is not null && (ownerPid == controlPid || ownerPid == serverPid);
        if (isServer)
        {
            if (open && !ownerIsNew) return;
            (open, saysRunning, stoppedPid, why) = (true, false, null, null);
            engine.Send(new ChannelOpened(options.BusChannel));
            return;
        }

        // "Stopped" stands though its sender leaves the bus next: it holds for that process until another one is there.
        var stands = stoppedPid is not null && (owner.Length == 0 || ownerPid == stoppedPid);
        var isAnother = (controlPid ?? serverPid) is not null;
        if (!stands && (ownerIsNew || isAnother || !open)) Close(Reason(serverPid));
    }

    string Reason(int? serverPid)
    {
        if (owner.Length == 0)
            return controlPid is { } answering
                ? string.Create(CultureInfo.InvariantCulture, $"d-bus: nobody owns {KnotSignal.BusName} though knotd (pid {answering}) answers: it has lost its bus, was refused by it, or has no dbus-event (its log says which); only its restart brings it back")
                : $"d-bus: nobody owns {KnotSignal.BusName}";
        if (ownerPid is null) return $"d-bus: the pid of {KnotSignal.BusName} cannot be seen from here";
        return (controlPid ?? serverPid) is { } other
            ? string.Create(CultureInfo.InvariantCulture, $"d-bus: {KnotSignal.BusName} belongs to pid {ownerPid}, but the server is pid {other}")
            : string.Create(CultureInfo.InvariantCulture, $"d-bus: {KnotSignal.BusName} belongs to pid {ownerPid}, and the server's pid is not known yet");
    }

    void Close(string reason)
    {
        if (!open && why == reason) return;
        (open, saysRunning, stoppedPid, why) = (false, false, null, reason);
        engine.Send(new ChannelLost(options.BusChannel, reason));
    }

    void SayKeys(string zone, Note note, string detail)
    {
        Keep(zone, note);
        engine.Send(new ZoneSignal(options.BusChannel, zone, Measure.Keys, note.Keys ^ note.Ksk, detail));
    }

    void Clear(string zone, Note note, Measure measure, long value, string detail)
    {
        Keep(zone, note);
        engine.Send(new ZoneSignal(options.BusChannel, zone, measure, value, detail));
    }

    Note Find(string zone) => notes.GetValueOrDefault(zone);

    void Keep(string zone, Note note)
    {
        if (notes.Count < MaxNotes || notes.ContainsKey(zone)) notes[zone] = note;
    }

    // FNV-1a.
    static uint Hash(string text)
    {
        var hash = 2166136261;
        foreach (var c in text) hash = unchecked((hash ^ c) * 16777619);
        return hash;
    }
}
