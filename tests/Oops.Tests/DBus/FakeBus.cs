using System.Net.Sockets;
using System.Text;
using Oops.DBus;
using Oops.Wire.DBus;

namespace Oops.Tests.DBus;

/// <summary>A bus that says what the test wants, also what no bus should. One client at a time, on an abstract socket.</summary>
internal sealed class FakeBus : IAsyncDisposable
{
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string name = "oops-test-" + Guid.NewGuid().ToString("n");
    Socket? client;

    public FakeBus()
    {
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen(1);
    }

    public DBusOptions Options => new() { Address = "unix:abstract=" + name, Timeout = TimeSpan.FromSeconds(5) };

    public Socket Client => client ?? throw new InvalidOperationException("nobody has connected");

    /// <summary>The same, or null.</summary>
    public Socket? Last => client;

    public static DBusMessage Signal(string member, string sender = DBusConnection.Bus) =>
        new() { Type = DBusMessageType.Signal, Serial = 9, Path = "/a", Interface = "a.b", Member = member, Sender = sender };

    /// <summary>Accepts, and lets the client authenticate and say Hello.</summary>
    public async Task WelcomeAsync()
    {
        await AcceptAsync();
        await LineAsync("\0AUTH EXTERNAL\r\n");
        await SayAsync("DATA\r\n");
        await LineAsync("DATA\r\n");
        await SayAsync("OK 8d48fc4402945acca19b49c16b004a40\r\n");
        await LineAsync("BEGIN\r\n");
        await AnswerAsync(await CallAsync(), "s", new DBusWriter().String(":1.7"));
    }

    public async Task AcceptAsync() => client = await listener.AcceptAsync();

    public async Task LineAsync(string expected)
    {
        var bytes = await ReadAsync(expected.Length);
        Xunit.Assert.Equal(expected, Encoding.ASCII.GetString(bytes));
    }

    public Task SayAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await Client.SendAsync(bytes, SocketFlags.None);

    public Task SendAsync(DBusMessage message) => SendAsync(DBusCodec.Write(message));

    public async Task<DBusMessage> CallAsync()
    {
        var head = await ReadAsync(DBusCodec.FixedHeader);
        Xunit.Assert.Equal(DBusFault.None, DBusCodec.Measure(head, DBusCodec.DefaultMax, out var length));
        Xunit.Assert.Equal(DBusFault.None, DBusCodec.Read([.. head, .. await ReadAsync(length - head.Length)], out var message));
        return message!;
    }

    public Task AnswerAsync(DBusMessage call, string signature, DBusWriter? body) => SendAsync(new DBusMessage
    {
        Type = DBusMessageType.MethodReturn,
        Serial = 1,
        ReplySerial = call.Serial,
        Sender = DBusConnection.Bus,
        Signature = signature,
        Body = body?.Written.ToArray() ?? [],
    });

    public ValueTask DisposeAsync()
    {
        client?.Dispose();
        listener.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task<byte[]> ReadAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var got = await Client.ReceiveAsync(bytes.AsMemory(at), SocketFlags.None, limit.Token);
            if (got == 0) throw new EndOfStreamException();
            at += got;
        }

        return bytes;
    }
}
