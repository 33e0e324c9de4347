using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Oops.Tests.Actions.Frr;

/// <summary>One connection to a fake bgpd.</summary>
internal sealed class FrrConnection(Socket socket, CancellationToken stop)
{
    readonly StringBuilder received = new();

    public async Task SendAsync(byte[] bytes) => await socket.SendAsync(bytes, stop);

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>An answer with its trailer.</summary>
    public Task AnswerAsync(string text, byte status = 0) => SendAsync([.. Encoding.UTF8.GetBytes(text), 0, 0, 0, status]);

    public async Task<string?> CommandAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var have = received.ToString();
            if (have.IndexOf('\0', StringComparison.Ordinal) is var end and >= 0)
            {
                received.Remove(0, end + 1);
                return have[..end];
            }

            var count = await socket.ReceiveAsync(buffer, stop);
            if (count == 0) return null;
            received.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    public Task HangAsync() => Task.Delay(Timeout.Infinite, stop);
}

/// <summary>A VTY socket that behaves, or misbehaves, as told: the sessions are used in turn, the last one for all that follow.</summary>
internal sealed class FakeFrr : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string directory = Directory.CreateTempSubdirectory("fakefrr").FullName;
    readonly Task accepting;

    public FakeFrr(params Func<FrrConnection, Task>[] sessions)
    {
        Path = System.IO.Path.Combine(directory, "bgpd.vty");
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen();
        accepting = AcceptAsync(sessions);
    }

    public string Path { get; }

    public ConcurrentQueue<string> Commands { get; } = [];

    public int Connections { get; private set; }

    /// <summary>Answers each command with the bytes of the function, for ever.</summary>
    public static FakeFrr Answering(Func<string, byte[]> reply)
    {
        FakeFrr fake = null!;
        fake = new FakeFrr(async connection =>
        {
            while (await connection.CommandAsync() is { } command)
            {
                fake.Commands.Enqueue(command);
                await connection.SendAsync(reply(command));
            }
        });
        return fake;
    }

    /// <summary>A recorded answer.</summary>
    public static byte[] Recorded(string name) => File.ReadAllBytes(System.IO.Path.Combine(Repository.Root, "tests/vectors/frr", name + ".vty"));

    /// <summary>Its text alone.</summary>
    public static string Text(string name) => Encoding.UTF8.GetString(Recorded(name)[..^4]);

    public static byte[] Status(byte status, string text = "") => [.. Encoding.UTF8.GetBytes(text), 0, 0, 0, status];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
        Directory.Delete(directory, true);
    }

    async Task AcceptAsync(Func<FrrConnection, Task>[] sessions)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(stop.Token);
                running.Add(RunAsync(sessions[Math.Min(Connections++, sessions.Length - 1)], socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(running);
    }

    async Task RunAsync(Func<FrrConnection, Task> session, Socket socket)
    {
        using (socket)
        {
            try
            {
                await session(new FrrConnection(socket, stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }
        }
    }
}
