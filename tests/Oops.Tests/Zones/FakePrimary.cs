using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Oops.Wire.Dns;

namespace Oops.Tests.Zones;

/// <summary>A primary on 127.0.0.1, UDP and TCP on one port, that does what the test says, hostile things too.</summary>
internal sealed class FakePrimary : IAsyncDisposable
{
    readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly CancellationTokenSource stop = new();
    readonly List<Task> tasks = [];

    public FakePrimary()
    {
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen();
        Address = (IPEndPoint)tcp.LocalEndPoint!;
        udp.Bind(Address);
        tasks.Add(AcceptAsync());
        tasks.Add(ServeUdpAsync());
    }

    public IPEndPoint Address { get; }

    /// <summary>What becomes of a transfer query: it sends messages, and the connection is closed when it returns.</summary>
    public Func<byte[], Wire, Task> Serve { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The answer to a query over UDP; empty: none.</summary>
    public Func<byte[], byte[]> Ask { get; set; } = _ => [];

    /// <summary>The types that were asked for over TCP.</summary>
    public ConcurrentQueue<DnsType> Asked { get; } = new();

    /// <summary>SOA queries.</summary>
    public int Polls;

    public static ushort IdOf(byte[] query) => BinaryPrimitives.ReadUInt16BigEndian(query);

    public static DnsType TypeOf(byte[] query)
    {
        var reader = new DnsReader(query);
        reader.TryReadQuestion(out _, out var type, out _);
        return type;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        tcp.Dispose();
        udp.Dispose();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await tcp.AcceptAsync(stop.Token));
    }

    async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var got = await udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
            Interlocked.Increment(ref Polls);
            if (Ask(buffer[..got.ReceivedBytes]) is { Length: > 0 } answer)
                await udp.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, stop.Token);
        }
    }

    async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var wire = new Wire(socket, stop.Token);
                var query = await wire.ReadAsync();
                Asked.Enqueue(TypeOf(query));
                await Serve(query, wire);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or EndOfStreamException)
            {
                // The client hung up, or the test is over.
            }
        }
    }

    internal sealed class Wire(Socket socket, CancellationToken stop)
    {
        public CancellationToken Stop => stop;

        public async Task<byte[]> ReadAsync()
        {
            var head = new byte[2];
            await FillAsync(head);
            var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
            await FillAsync(message);
            return message;
        }

        public Task SendAsync(byte[] message) => RawAsync([(byte)(message.Length >> 8), (byte)message.Length, .. message]);

        public async Task RawAsync(byte[] octets)
        {
            for (ReadOnlyMemory<byte> rest = octets; !rest.IsEmpty;)
                rest = rest[await socket.SendAsync(rest, SocketFlags.None, stop)..];
        }

        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        public Task HangAsync() => Task.Delay(Timeout.Infinite, stop);

        async Task FillAsync(Memory<byte> into)
        {
            while (!into.IsEmpty)
            {
                var n = await socket.ReceiveAsync(into, SocketFlags.None, stop);
                if (n == 0) throw new EndOfStreamException();
                into = into[n..];
            }
        }
    }
}
