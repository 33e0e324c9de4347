using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Oops.Tests.Sources.Knot;

/// <summary>What follows the last octet of an answer.</summary>
internal enum After
{
    /// <summary>The next request is read.</summary>
    GoOn,

    /// <summary>Silence, for as long as the client stays.</summary>
    Silence,

    /// <summary>The connection is closed.</summary>
    Close,
}

/// <summary>A control socket that answers as the test says, also as no knotd would. The process that listens is the test's own. One session at a time, like knotd 3.2.</summary>
internal sealed class FakeKnot : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-fake-knot-").FullName;
    Socket? listener;
    CancellationTokenSource stop = new();
    Task serving = Task.CompletedTask;

    public FakeKnot() => Begin();

    public string Path => System.IO.Path.Combine(folder, "knot.sock");

    /// <summary>Answers `zone-status` for these zones (none: all): its pieces, as they are sent.</summary>
    public Func<string[], IEnumerable<byte[]>> Zones { get; set; } = _ => [[Block]];

    public After After { get; set; }

    /// <summary>`zone-status` requests: "*" or the zones' names.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public const byte Block = 3;

    /// <summary>The units of one zone.</summary>
    public static byte[] Zone(string name, string role, string serial, string refresh = "-", string expiration = "-", string flags = "") =>
    [
        .. Unit(1, (0x11, flags), (0x16, name), (0x19, "role"), (0x1a, role)),
        .. Unit(2, (0x11, flags), (0x16, name), (0x19, "serial"), (0x1a, serial)),
        .. Unit(2, (0x11, flags), (0x16, name), (0x19, "refresh"), (0x1a, refresh)),
        .. Unit(2, (0x11, flags), (0x16, name), (0x19, "expiration"), (0x1a, expiration)),
    ];

    public static byte[] Primary(string name, uint serial) => Zone(name, "master", serial.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static byte[] Error(string zone, string text) => Unit(1, (0x12, text), (0x16, zone));

    public static byte[] Unit(byte type, params (byte Code, string Value)[] items) =>
        [type, .. items.SelectMany(i => (byte[])[i.Code, (byte)(i.Value.Length >> 8), (byte)i.Value.Length, .. Encoding.Latin1.GetBytes(i.Value)])];

    /// <summary>Serves these zones, whole; those asked for by name that are not among them are denied.</summary>
    public void Serve(params (string Name, uint Serial)[] zones) => Zones = asked => asked.Length == 0
        ? [.. zones.Select(z => Primary(z.Name, z.Serial)), [Block]]
        : [.. asked.Select(a => zones.Any(z => z.Name == a + ".") ? Primary(a + ".", zones.First(z => z.Name == a + ".").Serial) : Error(a + ".", "no such zone found")), [Block]];

    public void Begin()
    {
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(16);
        stop = new();
        serving = ServeAsync(listener, stop.Token);
    }

    /// <summary>Its sessions end in mid-word, and its socket is gone.</summary>
    public async Task VanishAsync()
    {
        await stop.CancelAsync();
        listener!.Dispose();
        await serving;
        stop.Dispose();
        File.Delete(Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path)) await VanishAsync();
        Directory.Delete(folder, recursive: true);
    }

    async Task ServeAsync(Socket from, CancellationToken ending)
    {
        var bytes = new byte[65536];
        while (!ending.IsCancellationRequested)
        {
            try
            {
                using var client = await from.AcceptAsync(ending);
                while (await AnswerAsync(client, bytes, ending))
                {
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client left, or the test is over.
            }
        }
    }

    async Task<bool> AnswerAsync(Socket client, byte[] bytes, CancellationToken ending)
    {
        var got = 0;
        do
        {
            var n = await client.ReceiveAsync(bytes.AsMemory(got), SocketFlags.None, ending);
            if (n == 0 || (got == 0 && bytes[0] == 0)) return false;
            got += n;
        }
        while (bytes[got - 1] != Block);
        var request = bytes[..got];
        if (Encoding.Latin1.GetString(request).Contains("version", StringComparison.Ordinal))
        {
            await client.SendAsync((byte[])[.. Unit(1, (0x1a, "Version: 3.2.6")), Block], SocketFlags.None, ending);
            return true;
        }

        var zones = ZonesOf(request);
        var (answer, after) = (Zones(zones), After);
        Asked.Enqueue(zones.Length == 0 ? "*" : string.Join(' ', zones));
        foreach (var piece in answer)
            for (var sent = 0; sent < piece.Length;) sent += await client.SendAsync(piece.AsMemory(sent), SocketFlags.None, ending);
        if (after == After.Silence) await client.ReceiveAsync(bytes, SocketFlags.None, ending);
        return after == After.GoOn;
    }

    static string[] ZonesOf(byte[] request)
    {
        List<string> zones = [];
        for (var at = 0; at < request.Length; at++)
        {
            // A unit's type byte, or an item.
            if (request[at] < 0x10) continue;
            var length = request[at + 1] << 8 | request[at + 2];
            if (request[at] == 0x16) zones.Add(Encoding.ASCII.GetString(request, at + 3, length));
            at += 2 + length;
        }

        return [.. zones];
    }
}
