using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Oops.Tests.Actions.Bird;

/// <summary>What a fake BIRD does on one connection: greet, answer, hang, reset.</summary>
internal delegate Task FakeSession(FakeConnection connection);

/// <summary>One connection to a fake BIRD.</summary>
internal sealed class FakeConnection(Socket socket, CancellationToken stop)
{
    readonly StringBuilder received = new();

    public async Task SendAsync(string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text), stop);

    public async Task<string?> CommandAsync()
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            string have = received.ToString();
            if (have.IndexOf('\n', StringComparison.Ordinal) is var end && end >= 0)
            {
                received.Remove(0, end + 1);
                return have[..end];
            }
            int count = await socket.ReceiveAsync(buffer, stop);
            if (count == 0)
                return null;
            received.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    /// <summary>Ends the connection with what is unread still in it.</summary>
    public void Reset() => socket.Dispose();

    public Task HangAsync() => Task.Delay(Timeout.Infinite, stop);
}

/// <summary>A control socket that behaves, or misbehaves, as told: the sessions are used in turn, the last one for all that follow.</summary>
internal sealed class FakeBird : IAsyncDisposable
{
    public const string Greeting = "0001 BIRD 2.0.12 ready.\n";

    readonly CancellationTokenSource stop = new();
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string directory = Directory.CreateTempSubdirectory("fakebird").FullName;
    readonly Task accepting;

    public FakeBird(params FakeSession[] sessions)
    {
        SocketPath = Path.Combine(directory, "bird.ctl");
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        accepting = AcceptAsync(sessions);
    }

    public string SocketPath { get; }

    /// <summary>The commands received, over all connections.</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    /// <summary>How many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>A session that greets and answers each command by the function, for ever.</summary>
    public static FakeSession Answering(Func<string, string> reply) => async connection =>
    {
        await connection.SendAsync(Greeting);
        while (await connection.CommandAsync() is { } command)
            await connection.SendAsync(reply(command));
    };

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
        Directory.Delete(directory, true);
    }

    async Task AcceptAsync(FakeSession[] sessions)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(stop.Token);
                FakeSession session = sessions[Math.Min(Connections, sessions.Length - 1)];
                Connections++;
                running.Add(RunAsync(session, socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
        await Task.WhenAll(running);
    }

    async Task RunAsync(FakeSession session, Socket socket)
    {
        using (socket)
        {
            try
            {
                await session(new FakeConnection(socket, stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }
        }
    }
}
