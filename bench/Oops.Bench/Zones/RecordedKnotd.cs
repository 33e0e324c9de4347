using System.Net.Sockets;

namespace Oops.Bench.Zones;

/// <summary>
/// A control socket that answers with what a real knotd answered: its version, and its zones some times over, under other names. The first digit of each zone's name tells the copies apart.
/// One session at a time, as knotd.
/// </summary>
internal sealed class RecordedKnotd : IAsyncDisposable
{
    readonly string path = Path.Combine(Oops.Lab.Harness.Lab.FreshDirectory("recorded"), "knot.sock");
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly CancellationTokenSource stop = new();
    readonly byte[] version;
    readonly byte[] zones;
    readonly int copies;
    Task serving = Task.CompletedTask;

    public RecordedKnotd(byte[] version, byte[] zones, int copies) => (this.version, this.zones, this.copies) = (version, zones, copies);

    public string Control => path;

    public void Start()
    {
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(4);
        serving = ServeAsync();
    }

    /// <summary>Asks a real server and keeps its answer, byte for byte, without the BLOCK unit that ends it.</summary>
    public static async Task<byte[]> RecordAsync(string control, byte[] request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(control));
        await socket.SendAsync(request);
        using var answer = new MemoryStream();
        var decoder = new Oops.Wire.Knot.KnotDecoder();
        var chunk = new byte[64 * 1024];
        while (true)
        {
            var got = await socket.ReceiveAsync(chunk);
            if (got == 0) throw new InvalidOperationException("knotd closed the session");
            answer.Write(chunk.AsSpan(0, got));
            decoder.Append(chunk.AsSpan(0, got));
            if (Ended()) return answer.ToArray()[..^1];
        }

        bool Ended()
        {
            while (decoder.TryRead(out var unit))
                if (unit.Type == Oops.Wire.Knot.KnotUnitType.Block) return true;
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    async Task ServeAsync()
    {
        while (true)
        {
            using var session = await listener.AcceptAsync(stop.Token);
            try
            {
                await AnswerAsync(session);
            }
            catch (SocketException)
            {
                // The daemon was ended.
            }
        }
    }

    async Task AnswerAsync(Socket session)
    {
        var request = new byte[4096];
        while (true)
        {
            var got = await session.ReceiveAsync(request, stop.Token);
            if (got == 0 || request[0] == 0) return;
            if (request.AsSpan(0, got).IndexOf("zone-status"u8) >= 0)
                for (var copy = 0; copy < copies; copy++) await SendAsync(session, Named(copy));
            else
                await SendAsync(session, version);
            await SendAsync(session, new byte[] { 3 });
        }
    }

    byte[] Named(int copy)
    {
        for (var at = 0; zones.AsSpan(at).IndexOf(".test."u8) is >= 8 and var found; at += found + 6) zones[at + found - 7] = (byte)('0' + copy);
        return zones;
    }

    async Task SendAsync(Socket session, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await session.SendAsync(bytes, stop.Token)..];
    }
}
