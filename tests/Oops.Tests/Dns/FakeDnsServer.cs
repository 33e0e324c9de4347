using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Oops.Wire.Dns;

namespace Oops.Tests.Dns;

/// <summary>A server on 127.0.0.1 (UDP and TCP on one port) that sends whatever the test says, wrong things too.</summary>
internal sealed class FakeDnsServer : IAsyncDisposable
{
    readonly Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly CancellationTokenSource stop = new();
    readonly List<Task> tasks = [];
    int served;

    public FakeDnsServer(int port = 0, bool withTcp = true)
    {
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
        tcp.Listen();
        Address = (IPEndPoint)tcp.LocalEndPoint!;
        udp.Bind(Address);
        tasks.Add(ServeUdpAsync());
        if (withTcp) tasks.Add(AcceptAsync());
        else tcp.Dispose();
    }

    public IPEndPoint Address { get; }

    /// <summary>Request -> datagrams to send back.</summary>
    public Func<byte[], IEnumerable<byte[]>> Udp { get; set; } = request => [Soa(request, 1)];

    /// <summary>What to do with a request that came over TCP: octets to write (with length), then the connection is closed if <see cref="TcpCloses"/>.</summary>
    public Func<byte[], byte[]> Tcp { get; set; } = request => Framed(Soa(request, 1));

    public bool TcpCloses { get; set; }

    public ConcurrentQueue<(int Port, byte[] Request)> Seen { get; } = new();

    /// <summary>Requests over UDP that were dealt with, answers sent.</summary>
    public int Served => Volatile.Read(ref served);

    public ConcurrentQueue<byte[]> SeenTcp { get; } = new();

    /// <summary>An authoritative answer with an SOA.</summary>
    public static byte[] Soa(byte[] request, uint serial, uint expire = 3600, uint? left = null, DnsRcode rcode = DnsRcode.NoError, ushort? ede = null, string? nsid = null, params (byte Algorithm, long Until)[] signatures)
    {
        var reader = new DnsReader(request);
        reader.TryReadQuestion(out var zone, out _, out _);
        var buffer = new byte[1024];
        var writer = new DnsWriter(buffer, BinaryPrimitives.ReadUInt16BigEndian(request), (ushort)(DnsHeader.Qr | (rcode == DnsRcode.NoError ? DnsHeader.Aa : 0) | (int)rcode));
        writer.Question(zone, DnsType.Soa);
        if (rcode == DnsRcode.NoError)
        {
            writer.UInt16(0xC00C);
            writer.UInt16((ushort)DnsType.Soa);
            writer.UInt16(1);
            writer.UInt32(5);
            writer.UInt16(22);
            writer.UInt16(0); // two roots
            writer.UInt32(serial);
            writer.UInt32(100);
            writer.UInt32(10);
            writer.UInt32(expire);
            writer.UInt32(5);
            writer.Count(6);
            foreach (var (algorithm, until) in signatures)
            {
                writer.UInt16(0xC00C);
                writer.UInt16((ushort)DnsType.Rrsig);
                writer.UInt16(1);
                writer.UInt32(5);
                writer.UInt16(23);
                writer.UInt16((ushort)DnsType.Soa);
                writer.Byte(algorithm);
                writer.Byte(1);
                writer.UInt32(5);
                writer.UInt32((uint)until);
                writer.UInt32(0);
                writer.UInt16(1);
                writer.Byte(0); // the root signs
                writer.UInt32(0);
                writer.Count(6);
            }
        }

        writer.Opt(1232);
        if (left is { } seconds)
            writer.Option(EdnsOption.Expire, [(byte)(seconds >> 24), (byte)(seconds >> 16), (byte)(seconds >> 8), (byte)seconds]);
        if (ede is { } code)
            writer.Option(EdnsOption.ExtendedError, [(byte)(code >> 8), (byte)code]);
        if (nsid is not null)
            writer.Option(EdnsOption.Nsid, System.Text.Encoding.ASCII.GetBytes(nsid));
        return buffer[..writer.Length];
    }

    /// <summary>The answer to a NOTIFY.</summary>
    public static byte[] Notified(byte[] request, DnsRcode rcode = DnsRcode.NoError)
    {
        NotifyRequest.TryRead(request, out var notify);
        var buffer = new byte[NotifyRequest.MaxReply];
        return buffer[..notify.WriteReply(request, buffer, rcode)];
    }

    public static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    public static string ZoneOf(byte[] request)
    {
        var reader = new DnsReader(request);
        reader.TryReadQuestion(out var zone, out _, out _);
        return zone.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        udp.Dispose();
        tcp.Dispose();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var got = await udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
            var request = buffer[..got.ReceivedBytes];
            Seen.Enqueue((((IPEndPoint)got.RemoteEndPoint).Port, request));
            foreach (var response in Udp(request))
                await udp.SendToAsync(response, SocketFlags.None, got.RemoteEndPoint, stop.Token);
            Interlocked.Increment(ref served);
        }
    }

    async Task AcceptAsync()
    {
        while (true)
            _ = ServeTcpAsync(await tcp.AcceptAsync(stop.Token));
    }

    async Task ServeTcpAsync(Socket socket)
    {
        using (socket)
        {
            var head = new byte[2];
            while (await ReadAsync(socket, head))
            {
                var request = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                await ReadAsync(socket, request);
                SeenTcp.Enqueue(request);
                await socket.SendAsync(Tcp(request), SocketFlags.None, stop.Token);
                if (TcpCloses)
                    return;
            }
        }
    }

    async Task<bool> ReadAsync(Socket socket, Memory<byte> into)
    {
        while (!into.IsEmpty)
        {
            var n = await socket.ReceiveAsync(into, SocketFlags.None, stop.Token);
            if (n == 0)
                return false;
            into = into[n..];
        }

        return true;
    }
}
