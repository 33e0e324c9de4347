using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Oops.Wire.Dns;

namespace Oops.Bench.Zones;

/// <summary>
/// A primary of very many zones that answers a transfer with what a real knotd answered for one of them, under the name that is asked for: names of eight characters and the same end. Who has the serial is told so (RFC 1995, 2),
/// and over UDP it tells the serial.
/// </summary>
internal sealed class RecordedPrimary : IAsyncDisposable
{
    /// <summary>Octets of a zone's own label with its length: `z0000000`.</summary>
    const int Label = 9;

    readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly CancellationTokenSource stop = new();
    readonly ConcurrentDictionary<string, uint> serials = new(StringComparer.Ordinal);
    readonly byte[] whole, soa;
    long asked, lastAt;
    Task serving = Task.CompletedTask;

    /// <param name="whole">The answer to AXFR, one message.</param>
    /// <param name="soa">The answer to SOA.</param>
    public RecordedPrimary(byte[] whole, byte[] soa) => (this.whole, this.soa) = (whole, soa);

    public const uint First = 100;

    public IPEndPoint Address { get; private set; } = null!;

    /// <summary>Transfers that were asked for.</summary>
    public long Asked => Interlocked.Read(ref asked);

    /// <summary>When the last one was, as a time stamp.</summary>
    public long LastAt => Interlocked.Read(ref lastAt);

    public static byte[] Query(string zone, DnsType type)
    {
        var query = new byte[512];
        DnsName.TryParse(zone, out var name);
        var at = DnsHeader.Size;
        query[5] = 1;
        name.Wire.CopyTo(query.AsSpan(at));
        at += name.Wire.Length;
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(at), (ushort)type);
        query[at + 3] = 1;
        return query[..(at + 4)];
    }

    public static async Task<byte[]> RecordAsync(IPEndPoint server, byte[] query)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query]);
        return await ReadAsync(stream, default) ?? throw new InvalidOperationException("no answer");
    }

    public void Start()
    {
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen(512);
        Address = (IPEndPoint)tcp.LocalEndPoint!;
        udp.Bind(Address);
        serving = Task.WhenAll(AcceptAsync(), AnswerAsync());
    }

    public void Set(string zone, uint serial) => serials[zone[..(Label - 1)]] = serial;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        tcp.Dispose();
        udp.Dispose();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await tcp.AcceptAsync(stop.Token));
    }

    async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await ReadAsync(stream, stop.Token) is { } query)
            {
                Interlocked.Exchange(ref lastAt, System.Diagnostics.Stopwatch.GetTimestamp());
                Interlocked.Increment(ref asked);
                var answer = Answer(query);
                await stream.WriteAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer], stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The daemon hung up, or was ended.
        }
    }

    async Task AnswerAsync()
    {
        var query = new byte[512];
        while (true)
        {
            var got = await udp.ReceiveFromAsync(query, new IPEndPoint(IPAddress.Any, 0), stop.Token);
            await udp.SendToAsync(Answer(query.AsSpan(0, got.ReceivedBytes).ToArray()), got.RemoteEndPoint, stop.Token);
        }
    }

    byte[] Answer(byte[] query)
    {
        var reader = new DnsReader(query);
        reader.TryReadQuestion(out var zone, out var type, out _);
        var serial = serials.GetValueOrDefault(System.Text.Encoding.ASCII.GetString(zone.Wire.Slice(1, Label - 1)), First);
        var isNewest = type == DnsType.Ixfr && reader.TryReadRecord(out var had) && Soa.TryRead(query, had, out var theirs) && theirs.Serial == serial;
        var answer = (type == DnsType.Soa || isNewest ? soa : whole).ToArray();
        query.AsSpan(0, 2).CopyTo(answer);
        // What the question's name is, the names behind it point to, or repeat.
        var old = answer.AsSpan(DnsHeader.Size, Label).ToArray();
        for (var at = 0; answer.AsSpan(at).IndexOf(old) is >= 0 and var found; at += found + Label)
            zone.Wire[..Label].CopyTo(answer.AsSpan(at + found));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(DnsHeader.Size + zone.Wire.Length), (ushort)type);
        Span<byte> first = stackalloc byte[sizeof(uint)], now = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(first, First);
        BinaryPrimitives.WriteUInt32BigEndian(now, serial);
        for (var at = 0; answer.AsSpan(at).IndexOf(first) is >= 0 and var found; at += found + sizeof(uint))
            now.CopyTo(answer.AsSpan(at + found));
        return answer;
    }

    static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, false, stop) < 2)
            return null;
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(message, stop);
        return message;
    }
}
