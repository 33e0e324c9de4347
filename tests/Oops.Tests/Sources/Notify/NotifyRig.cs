using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Oops.Core;
using Oops.Dns;
using Oops.Sources.Notify;
using Oops.Tests.Dns;
using Oops.Wire.Dns;

namespace Oops.Tests.Sources.Notify;

/// <summary>A notify source on loopback, a server that it asks, and a notifier.</summary>
internal sealed class NotifyRig : IAsyncDisposable
{
    public const string Channel = "notify/ns1";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;
    ushort id;

    public NotifyRig() => Server.Udp = request => Answer?.Invoke(request) ?? [Serials.TryGetValue(FakeDnsServer.ZoneOf(request), out var serial)
        ? FakeDnsServer.Soa(request, serial)
        : FakeDnsServer.Soa(request, 0, rcode: DnsRcode.Refused)];

    public FakeDnsServer Server { get; } = new();

    /// <summary>What the server serves; REFUSED for what is not in it.</summary>
    public ConcurrentDictionary<string, uint> Serials { get; } = new() { ["example.net"] = 100, ["other.test"] = 7 };

    /// <summary>Says otherwise; null from it: as <see cref="Serials"/> say.</summary>
    public Func<byte[], IEnumerable<byte[]>?>? Answer { get; set; }

    public RecordingEngine Engine { get; } = new();

    public NotifySource Source { get; private set; } = null!;

    public IPEndPoint Address => Source.Listening![0];

    /// <summary>Most tests': two named zones, loopback may notify, everything is fast.</summary>
    public NotifyTarget Target => new()
    {
        Server = "ns1",
        Listen = new DnsListenerOptions { Addresses = [new(IPAddress.Loopback, 0)] },
        Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.0/8")), new PeerPrefix(IPNetwork.Parse("::1/128"))], null)],
        Zones = ["example.net", "other.test"],
        ServerAddress = Server.Address,
        Port = Server.Address.Port,
        Timeout = TimeSpan.FromMilliseconds(300),
        Spacing = TimeSpan.FromMilliseconds(50),
        Again = TimeSpan.FromMilliseconds(50),
    };

    public async Task StartAsync(NotifyTarget? target = null)
    {
        Source = new NotifySource(target ?? Target);
        running = Source.RunAsync(Engine, stop.Token);
        while (Source.Listening is null && !running.IsCompleted)
            await Task.Delay(2);
    }

    /// <summary>Starts, and passes over the serials that it reads at the start.</summary>
    public async Task SettleAsync(NotifyTarget? target = null)
    {
        await StartAsync(target);
        var zones = (target ?? Target).Zones!.Count;
        for (var i = 0; i < zones; i++)
            Engine.Next<ZoneSignal>(s => s.Measure == Measure.Serial);
        Server.Seen.Clear();
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public ZoneSignal NextSerial() => Engine.Next<ZoneSignal>(s => s.Measure == Measure.Serial);

    public byte[] Notify(string zone, DnsType type = DnsType.Soa, uint? serial = null, TsigKey? key = null, long late = 0) => Notify(zone, type, serial, key, late, out _);

    public byte[] Notify(string zone, DnsType type, uint? serial, TsigKey? key, long late, out TsigContext signed)
    {
        var buffer = new byte[1500];
        var writer = new DnsWriter(buffer, ++id, (int)DnsOpcode.Notify << 11 | DnsHeader.Aa);
        DnsName.TryParse(zone, out var name);
        writer.Question(name, type);
        if (serial is { } hint)
        {
            writer.UInt16(0xC00C);
            writer.UInt16((ushort)DnsType.Soa);
            writer.UInt16(1);
            writer.UInt32(5);
            writer.UInt16(22);
            writer.UInt16(0);
            writer.UInt32(hint);
            for (var i = 0; i < 4; i++)
                writer.UInt32(60);
            writer.Count(6);
        }

        var length = writer.Length;
        signed = default;
        if (key is not null)
            Tsig.TrySignRequest(buffer, ref length, key, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - late, out signed);
        return buffer[..length];
    }

    /// <summary>Sends over UDP and gives the reply; null: none within the time.</summary>
    public static byte[]? Ask(IPEndPoint to, byte[] request, int milliseconds = 5000, IPAddress? from = null)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = milliseconds };
        if (from is not null)
            socket.Bind(new IPEndPoint(from, 0));
        socket.Connect(to);
        socket.Send(request);
        var reply = new byte[4096];
        try
        {
            return reply[..socket.Receive(reply)];
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            return null;
        }
    }

    public byte[]? Ask(byte[] request, int milliseconds = 5000) => Ask(Address, request, milliseconds);

    public static byte[] AskTcp(IPEndPoint to, byte[] request)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        socket.Connect(to);
        socket.Send(FakeDnsServer.Framed(request));
        var head = new byte[2];
        socket.ReceiveExactly(head);
        var reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        socket.ReceiveExactly(reply);
        return reply;
    }

    /// <summary>Sends a NOTIFY that must be taken.</summary>
    public void Tell(string zone, uint? serial = null, DnsType type = DnsType.Soa) => Xunit.Assert.Equal(DnsRcode.NoError, RcodeOf(Ask(Notify(zone, type, serial))));

    public static DnsRcode RcodeOf(byte[]? reply) => reply is null ? throw new TimeoutException("no reply") : (DnsRcode)(reply[3] & 0xF);

    public static async Task UntilAsync(string what, Func<bool> holds)
    {
        var begun = Environment.TickCount64;
        while (!holds())
        {
            if (Environment.TickCount64 - begun > Patience.TotalMilliseconds)
                throw new TimeoutException(what);
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Server.DisposeAsync();
        stop.Dispose();
    }
}

internal static class SocketReading
{
    public static void ReceiveExactly(this Socket socket, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var n = socket.Receive(into);
            if (n == 0)
                throw new EndOfStreamException();
            into = into[n..];
        }
    }
}
