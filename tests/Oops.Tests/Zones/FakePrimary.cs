using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Oops.Wire.Dns;

namespace Oops.Tests.Zones;

/// <summary>A primary on 127.0.0.1 over TCP that does what the test says, hostile things too.</summary>
internal sealed class FakePrimary : IAsyncDisposable
{
    readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly CancellationTokenSource stop = new();
    readonly List<Task> tasks = [];

    public FakePrimary()
    {
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen();
        Address = (IPEndPoint)tcp.LocalEndPoint!;
        tasks.Add(AcceptAsync());
    }

    public IPEndPoint Address { get; }

    /// <summary>What becomes of a transfer query: it sends messages, and the connection is closed when it returns.</summary>
    public Func<byte[], Wire, Task> Serve { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>It speaks TLS like this; null: not.</summary>
    public SslServerAuthenticationOptions? Tls { get; set; }

    /// <summary>Connections that came.</summary>
    public int Connections { get; private set; }

    /// <summary>It takes connections and says nothing, not even in a handshake.</summary>
    public bool Hangs { get; set; }

    /// <summary>What it says before it is asked, and then it closes; null: nothing.</summary>
    public byte[]? Banner { get; set; }

    /// <summary>The types that were asked for.</summary>
    public ConcurrentQueue<DnsType> Asked { get; } = new();

    public static ushort IdOf(byte[] query) => BinaryPrimitives.ReadUInt16BigEndian(query);

    public static DnsType TypeOf(byte[] query)
    {
        var reader = new DnsReader(query);
        reader.TryReadQuestion(out _, out var type, out _);
        return type;
    }

    /// <summary>The serial in an IXFR query.</summary>
    public static uint SerialOf(byte[] query)
    {
        var reader = new DnsReader(query);
        return reader.TrySkipQuestion() && reader.TryReadRecord(out var record) && Soa.TryRead(query, record, out var soa) ? soa.Serial : 0;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        tcp.Dispose();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await tcp.AcceptAsync(stop.Token));
    }

    async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                Connections++;
                if (Hangs)
                    await Task.Delay(Timeout.Infinite, stop.Token);
                await using var stream = new NetworkStream(socket);
                if (Banner is not null)
                {
                    await stream.WriteAsync(Banner, stop.Token);
                    return;
                }

                await using var tls = Tls is null ? null : new SslStream(stream, leaveInnerStreamOpen: true);
                if (tls is not null)
                    await tls.AuthenticateAsServerAsync(Tls!, stop.Token);
                var wire = new Wire(socket, (Stream?)tls ?? stream, stop.Token);
                var query = await wire.ReadAsync();
                Asked.Enqueue(TypeOf(query));
                await Serve(query, wire);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The client hung up, or the test is over.
            }
        }
    }

    internal sealed class Wire(Socket socket, Stream stream, CancellationToken stop)
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

        public async Task RawAsync(byte[] octets) => await stream.WriteAsync(octets, stop);

        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        public Task HangAsync() => Task.Delay(Timeout.Infinite, stop);

        async Task FillAsync(Memory<byte> into) => await stream.ReadExactlyAsync(into, stop);
    }
}
