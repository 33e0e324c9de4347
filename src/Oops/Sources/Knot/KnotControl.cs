using System.Buffers.Text;
using System.Net.Sockets;
using Oops.Servers;
using Oops.Wire.Knot;
using Oops.Wire.Text;

namespace Oops.Sources.Knot;

/// <summary>Takes the units of an answer, one by one; they are valid only during the call. False: it has had enough, and the session is given up.</summary>
internal delegate bool KnotUnitSink(in KnotUnit unit);

/// <summary>A session on a control socket, or why there is none.</summary>
/// <param name="Control">The session.</param>
/// <param name="Why">One line, when there is none.</param>
/// <param name="Nobody">Nobody listens there: a fact that the kernel states, not a silence.</param>
internal readonly record struct KnotOpened(KnotControl? Control, string Why, bool Nobody = false);

internal delegate void KnotRecordSink(in KnotUnit unit);

/// <summary>What came of a command on a zone.</summary>
/// <param name="Error">knotd's own word, when it refuses.</param>
/// <param name="Lost">Why the session failed; whether the command was carried out is not known then.</param>
internal readonly record struct KnotDone(string? Error = null, string? Lost = null)
{
    public bool Ok => Error is null && Lost is null;

    /// <summary>knotd's text of KNOT_TXN_ENOTEXISTS: nothing is open on the zone.</summary>
    public bool NothingOpen => Error == "no active transaction";
}

/// <summary>
/// One session on knotd's control socket. Keep it short: knotd 3.2 serves one session at a time, so that an open one keeps `knotc` waiting.
/// Each wait is bounded; after a failure the session is of no use.
/// </summary>
internal sealed class KnotControl : IAsyncDisposable
{
    /// <summary>A longer list is no list: what the machine keeps for each zone must fit into memory.</summary>
    public const int MostZones = 5_000_000;

    // knotd's text of KNOT_ENOZONE, the only error by which it says that it does not have a zone.
    const string NoSuchZone = "no such zone found";

    readonly Socket socket;
    readonly TimeSpan timeout;
    readonly TimeProvider time;
    readonly KnotDecoder decoder = new();
    readonly byte[] chunk = new byte[16 * 1024];
    bool broken;

    KnotControl(Socket socket, TimeSpan timeout, TimeProvider time)
    {
        this.socket = socket;
        this.timeout = timeout;
        this.time = time;
        PeerPid = ControlSocket.PeerPid(socket);
    }

    /// <summary>The pid of the process that listens, in our own numbering; null when it lives in a pid namespace that we cannot see into.</summary>
    public int? PeerPid { get; }

    /// <param name="path">Path of the socket.</param>
    /// <param name="timeout">For connecting, and for each silence of the server while it answers.</param>
    /// <param name="time">The clock of the timeouts.</param>
    /// <param name="stop">Ends it.</param>
    public static async ValueTask<KnotOpened> OpenAsync(string path, TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            var (socket, why, nobody) = await ControlSocket.ConnectAsync(path, "the socket's group, `knot` on Debian", both.Token);
            return socket is null ? new(null, $"knot: {why}", nobody) : new(new KnotControl(socket, timeout, time), "");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, $"knot: no connection within {timeout.TotalSeconds:0.#} s at {path}");
        }
    }

    /// <summary>The server's version, "3.2.6".</summary>
    public async ValueTask<(string? Version, string Why)> VersionAsync(CancellationToken stop)
    {
        string? version = null;
        var why = await AskAsync(new KnotRequest("status") { Type = "version" }, Sink, stop);
        return why is not null ? (null, why) : version is null ? (null, "knot: no version in the answer") : (version, "");

        bool Sink(in KnotUnit unit)
        {
            var text = unit[KnotItem.Data];
            var prefix = "Version: "u8;
            if (!text.IsEmpty) version = PrintableText.Of(text.StartsWith(prefix) ? text[prefix.Length..] : text);
            return true;
        }
    }

    /// <summary>
    /// Role, serial and plans of the given zones, or of all when none is given. Each is handed over as soon as it is complete, with an error only when that says that the
    /// server does not have the zone. Null, or why it failed: then what was handed over is true, but it is not all. <paramref name="filters"/> must have r and s.
    /// </summary>
    public async ValueTask<string?> ZoneStatusAsync(IReadOnlyList<string> zones, Action<KnotZoneStatus> each, CancellationToken stop, int mostZones = MostZones, Func<Task>? room = null, string filters = "rse")
    {
        var reader = new KnotZoneStatusReader();
        string? unread = null;
        var count = 0;
        var why = await AskAsync(new KnotRequest("zone-status") { Filters = filters, Zones = zones }, Sink, stop, room);
        // An error without a zone: the whole request was refused.
        return count > mostZones ? $"knot: a list of more than {mostZones} zones" : why ?? (reader.Error is { } error ? $"knot: {error}" : unread);

        bool Sink(in KnotUnit unit)
        {
            if (reader.Feed(unit) is not { } zone) return true;
            if (zone.Cut) unread ??= $"knot: half an answer about {zone.Zone}";
            else if (zone.Error is { } wrong and not NoSuchZone) unread ??= $"knot: {zone.Zone}: {wrong}";
            else if (++count <= mostZones) each(zone);
            return count <= mostZones;
        }
    }

    /// <summary>The serial of the version that waits in a zone's transaction (`zone-get`), or knotd's error, or why the session failed.</summary>
    public async ValueTask<(uint? Serial, KnotDone Done)> WaitingSerialAsync(string zone, CancellationToken stop)
    {
        uint? serial = null;
        var done = await DoAsync(new KnotRequest("zone-get") { Zones = [zone], Owner = "@", Type = "SOA" }, Sink, stop);
        return (serial, done is { Ok: true } && serial is null ? new(Error: "no SOA record in the answer") : done);

        void Sink(in KnotUnit unit)
        {
            // Names in presentation form have no blanks: the serial is the third field.
            var rest = unit[KnotItem.Data];
            for (var skipped = 0; skipped < 2; skipped++) rest = rest[(rest.IndexOf((byte)' ') + 1)..];
            if (Utf8Parser.TryParse(rest, out uint number, out var used) && used < rest.Length && rest[used] == (byte)' ') serial = number;
        }
    }

    /// <summary>Has a command carried out on a zone.</summary>
    public ValueTask<KnotDone> DoAsync(string command, string zone, CancellationToken stop) => DoAsync(new KnotRequest(command) { Zones = [zone] }, null, stop);

    async ValueTask<KnotDone> DoAsync(KnotRequest request, KnotRecordSink? each, CancellationToken stop)
    {
        string? error = null;
        var why = await AskAsync(request, Sink, stop);
        return new(error, why);

        bool Sink(in KnotUnit unit)
        {
            if (unit.TryGet(KnotItem.Error, out var text)) error ??= PrintableText.Of(text);
            else if (unit.Type == KnotUnitType.Data) each?.Invoke(unit);
            return true;
        }
    }

    /// <summary>Sends a request and hands over all units of its answer, BLOCK included. Null, or why it failed. Between pieces of the answer <paramref name="room"/> is awaited.</summary>
    public async ValueTask<string?> AskAsync(KnotRequest request, KnotUnitSink sink, CancellationToken stop, Func<Task>? room = null)
    {
        if (broken) return "knot: the session is broken";
        broken = true;
        using var limit = new AnswerLimit(timeout, time, stop);
        var tooLong = $"knot: an answer that takes longer than {limit.Longest.TotalSeconds:0.#} s";
        try
        {
            var bytes = request.Encode();
            for (var sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, limit.Token);
            while (!TakeUnits(sink, out var ended, out var enough))
            {
                if (enough) return "knot: given up";
                if (ended) return "knot: the server ended the session within an answer";
                await limit.RoomAsync(room);
                if (decoder.Fault != KnotFault.None) return $"knot: a broken answer ({decoder.Fault})";
                if (!limit.Next()) return tooLong;
                var got = await socket.ReceiveAsync(chunk.AsMemory(), SocketFlags.None, limit.Token);
                if (got == 0) return "knot: the server closed the session within an answer";
                decoder.Append(chunk.AsSpan(0, got));
            }

            broken = false;
            return null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return limit.IsOver ? tooLong : $"knot: silent for {timeout.TotalSeconds:0.#} s within an answer";
        }
        catch (SocketException e)
        {
            return $"knot: {e.Message}";
        }
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            // Without END knotd 3.2 waits for its own timeout before it serves the next session. One byte always fits.
            if (!broken) socket.Send(KnotRequest.End, SocketFlags.None, out _);
        }
        finally
        {
            socket.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    // True when the answer is complete.
    bool TakeUnits(KnotUnitSink sink, out bool ended, out bool enough)
    {
        ended = enough = false;
        while (decoder.TryRead(out var unit))
        {
            ended = unit.Type == KnotUnitType.End;
            if (ended) return false;
            enough = !sink(unit);
            if (enough) return false;
            if (unit.Type == KnotUnitType.Block) return true;
        }

        return false;
    }
}
