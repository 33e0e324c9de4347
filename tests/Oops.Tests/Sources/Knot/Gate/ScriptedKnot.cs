using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Oops.Wire.Knot;

namespace Oops.Tests.Sources.Knot.Gate;

/// <summary>
/// The control socket of a knotd 3.5 as far as external validation goes, and what was measured of 3.5.8: what waits has `open-external` in zone-status, zone-get shows it, zone-commit and zone-abort end it, and both
/// say "no active transaction" where there is nothing. The process that listens is the test's own.
/// </summary>
internal sealed class ScriptedKnot(string? path = null) : IAsyncDisposable
{
    readonly string? folder = path is null ? Directory.CreateTempSubdirectory("oops-scripted-knot-").FullName : null;
    readonly Lock gate = new();
    readonly Dictionary<string, Zone> zones = [];
    readonly List<Task> sessions = [];
    CancellationTokenSource stop = new();
    Socket? listener;
    Task accepting = Task.CompletedTask;

    sealed class Zone
    {
        public uint? Serial { get; set; }

        /// <summary>Null: nothing waits.</summary>
        public uint? Waits { get; set; }

        /// <summary>A person's zone-begin.</summary>
        public bool Open { get; set; }
    }

    public string Path => path ?? System.IO.Path.Combine(folder!, "knot.sock");

    /// <summary>Every command, as `zone-commit a.test`; `zone-status *` asks for all.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>The answers to what waited.</summary>
    public IEnumerable<string> Answers => Commands.Where(c => c.StartsWith("zone-commit", StringComparison.Ordinal) || c.StartsWith("zone-abort", StringComparison.Ordinal));

    public string Version { get; set; } = "3.5.8";

    /// <summary>Called with each command before it is carried out. False: the session is closed without an answer.</summary>
    public Func<string, bool> Before { get; set; } = _ => true;

    /// <summary>knotd's error to a command; null: it is carried out.</summary>
    public Func<string, string?> Refuses { get; set; } = _ => null;

    public ScriptedKnot Begin()
    {
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(16);
        stop = new();
        accepting = AcceptAsync(listener, stop.Token);
        return this;
    }

    /// <summary>A zone; nothing waits.</summary>
    public void Has(string zone, uint? serial)
    {
        lock (gate) zones[zone] = new Zone { Serial = serial };
    }

    /// <summary>A new version waits, in place of one that did.</summary>
    public void Hold(string zone, uint serial)
    {
        lock (gate)
        {
            if (!zones.TryGetValue(zone, out var held)) zones[zone] = held = new Zone();
            held.Waits = serial;
        }
    }

    /// <summary>knotd's own time is over, or somebody has answered.</summary>
    public void Release(string zone, bool open = false)
    {
        lock (gate) (zones[zone].Waits, zones[zone].Open) = (null, open);
    }

    public uint? Serial(string zone)
    {
        lock (gate) return zones[zone].Serial;
    }

    /// <summary>As killed: its sessions end, its socket is gone, and what waited is lost.</summary>
    public async Task VanishAsync()
    {
        await stop.CancelAsync();
        listener!.Dispose();
        await accepting;
        Task[] left;
        lock (gate)
        {
            left = [.. sessions];
            sessions.Clear();
            foreach (var zone in zones.Values) (zone.Waits, zone.Open) = (null, false);
        }

        await Task.WhenAll(left);
        stop.Dispose();
        File.Delete(Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path)) await VanishAsync();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    async Task AcceptAsync(Socket from, CancellationToken ending)
    {
        try
        {
            while (true)
            {
                var client = await from.AcceptAsync(ending);
                lock (gate) sessions.Add(ServeAsync(client, ending));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(Socket client, CancellationToken ending)
    {
        await Task.Yield();
        using (client)
        {
            var decoder = new KnotDecoder();
            var request = new List<(string Command, string Zone)>();
            var bytes = new byte[4096];
            try
            {
                while (true)
                {
                    if (!Read(decoder, request, out var over))
                    {
                        if (over) return;
                        var got = await client.ReceiveAsync(bytes, SocketFlags.None, ending);
                        if (got == 0) return;
                        decoder.Append(bytes.AsSpan(0, got));
                        continue;
                    }

                    if (!request.TrueForAll(r => Before(Words(r)))) return;
                    byte[] answer = [.. request.SelectMany(Answer), (byte)KnotUnitType.Block];
                    request.Clear();
                    await client.SendAsync(answer, SocketFlags.None, ending);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client left, or the test is over.
            }
        }
    }

    static string Words((string Command, string Zone) request) => $"{request.Command} {(request.Zone.Length > 0 ? Name(request.Zone) : "*")}";

    // Without the last dot, which an escaped one is not.
    static string Name(string zone) => zone.EndsWith('.') && !zone.EndsWith("\\.", StringComparison.Ordinal) ? zone[..^1] : zone;

    // True: a request is complete.
    static bool Read(KnotDecoder decoder, List<(string, string)> request, out bool over)
    {
        over = false;
        while (decoder.TryRead(out var unit))
        {
            over = unit.Type == KnotUnitType.End;
            if (over) return false;
            if (unit.Type == KnotUnitType.Block) return true;
            request.Add((Encoding.ASCII.GetString(unit[KnotItem.Command]), Encoding.ASCII.GetString(unit[KnotItem.Zone])));
        }

        over = decoder.Fault != KnotFault.None;
        return false;
    }

    byte[] Answer((string Command, string Zone) request)
    {
        Commands.Enqueue(Words(request));
        lock (gate)
        {
            if (request.Command == "status") return FakeKnot.Unit(1, (0x1a, $"Version: {Version}"));
            if (request.Zone.Length == 0) return [.. zones.SelectMany(z => Status(z.Key, z.Value))];
            var name = Name(request.Zone);
            if (Refuses(Words(request)) is { } refused) return FakeKnot.Error(request.Zone, refused);
            if (!zones.TryGetValue(name, out var zone)) return FakeKnot.Error(request.Zone, "no such zone found");
            if (request.Command == "zone-status") return Status(name, zone);
            if (zone.Waits is not { } waits) return zone.Open ? [] : FakeKnot.Error(request.Zone, "no active transaction");
            if (request.Command == "zone-get") return FakeKnot.Unit(1, (0x16, name + "."), (0x17, name + "."), (0x18, "3600"), (0x19, "SOA"), (0x1a, string.Create(CultureInfo.InvariantCulture, $"ns.x. h.x. {waits} 7200 3600 1209600 300")));
            if (request.Command == "zone-commit") zone.Serial = waits;
            zone.Waits = null;
            return [];
        }
    }

    static byte[] Status(string name, Zone zone) =>
    [
        .. FakeKnot.Unit(1, (0x16, name + "."), (0x19, "role"), (0x1a, "master")),
        .. FakeKnot.Unit(2, (0x16, name + "."), (0x19, "serial"), (0x1a, zone.Serial?.ToString(CultureInfo.InvariantCulture) ?? "-")),
        .. FakeKnot.Unit(2, (0x16, name + "."), (0x19, "transaction"), (0x1a, zone.Open ? "open" : zone.Waits is null ? "-" : "open-external")),
    ];
}
