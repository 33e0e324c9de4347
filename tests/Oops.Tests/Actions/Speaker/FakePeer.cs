using System.Net;
using System.Net.Sockets;
using Oops.Tests.Wire.Bgp;
using Oops.Wire.Bgp;

namespace Oops.Tests.Actions.Speaker;

/// <summary>The other end of a BGP connection, which does what a test says.</summary>
internal sealed class FakePeerConnection(Socket socket) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly byte[] buffer = new byte[65536];
    int filled;

    public static async Task<FakePeerConnection> ToAsync(int port, string from = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new(socket);
    }

    public async Task SendAsync(params byte[][] messages)
    {
        foreach (var message in messages) await socket.SendAsync(message);
    }

    /// <summary>The next message; null: the connection is closed.</summary>
    public async Task<(BgpMessageType Type, byte[] Whole)?> NextAsync(bool keepalives = false)
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            if (BgpHeader.TryRead(buffer.AsSpan(0, filled), out var type, out var body, out var fault) is var reading && reading == BgpReading.Message)
            {
                var whole = buffer[..(BgpHeader.Size + body.Length)];
                Buffer.BlockCopy(buffer, whole.Length, buffer, 0, filled -= whole.Length);
                if (type != BgpMessageType.Keepalive || keepalives) return (type, whole);
                continue;
            }

            if (reading == BgpReading.Broken) throw new InvalidDataException($"{fault}");
            try
            {
                var n = await socket.ReceiveAsync(buffer.AsMemory(filled), late.Token);
                if (n == 0) return null;
                filled += n;
            }
            catch (SocketException)
            {
                return null;
            }
        }
    }

    /// <summary>The next UPDATE.</summary>
    public async Task<BgpDecoded> UpdateAsync()
    {
        var (type, whole) = await NextAsync() ?? throw new InvalidDataException("the connection is closed");
        return type == BgpMessageType.Update ? BgpDecoded.Of(whole) : throw new InvalidDataException($"{type} {Convert.ToHexString(whole)}");
    }

    /// <summary>"6/7" of a NOTIFICATION, and the end behind it.</summary>
    public async Task<string> RefusalAsync()
    {
        var (type, whole) = await NextAsync() ?? throw new InvalidDataException("closed without a word");
        if (type != BgpMessageType.Notification) throw new InvalidDataException($"{type}");
        if (await NextAsync() is { } more) throw new InvalidDataException($"{more.Type} behind it");
        return $"{whole[19]}/{whole[20]}{(whole is [.., _, _] && whole.Length > 22 && whole[19] == 6 ? " " + System.Text.Encoding.UTF8.GetString(whole.AsSpan(22)) : "")}";
    }

    /// <summary>Exchanges OPENs and KEEPALIVEs, and takes the two ends of an empty table.</summary>
    public async Task EstablishAsync(BgpOpen? open = null, bool empty = true)
    {
        if (await NextAsync() is not { Type: BgpMessageType.Open }) throw new InvalidDataException("no OPEN");
        await SendAsync(Bytes(open ?? Usual), BgpHeader.Keepalive());
        if (await NextAsync(keepalives: true) is not { Type: BgpMessageType.Keepalive }) throw new InvalidDataException("no KEEPALIVE");
        if (!empty) return;
        if ((await UpdateAsync()).Ends is not [BgpFamily.Ip4] || (await UpdateAsync()).Ends is not [BgpFamily.Ip6]) throw new InvalidDataException("no End-of-RIB");
    }

    public static BgpOpen Usual { get; } = new()
    {
        Asn = 64500,
        HoldTime = 90,
        Id = 0x7F000001,
        Ip4 = true,
        Ip6 = true,
        SaysFamilies = true,
        RouteRefresh = true,
        FourOctet = true,
        EnhancedRefresh = true,
    };

    public static byte[] Bytes(BgpOpen open)
    {
        var buffer = new byte[BgpOpen.MaxOwn];
        return buffer[..open.Write(buffer)];
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>Listens where a speaker connects to.</summary>
internal sealed class FakePeer : IDisposable
{
    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public FakePeer(string at = "127.0.0.1")
    {
        socket.Bind(new IPEndPoint(IPAddress.Parse(at), 0));
        socket.Listen();
    }

    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public async Task<FakePeerConnection> AcceptAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return new(await socket.AcceptAsync(late.Token));
    }

    public void Dispose() => socket.Dispose();
}
