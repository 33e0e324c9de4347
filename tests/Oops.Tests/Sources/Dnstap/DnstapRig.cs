using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Sources.Dnstap;
using Oops.Wire.Dnstap;

namespace Oops.Tests.Sources.Dnstap;

/// <summary>A source that listens on a socket of its own, and servers that dial in.</summary>
internal sealed class DnstapRig : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly string folder = Directory.CreateTempSubdirectory("oops-dnstap-").FullName;
    Task running = Task.CompletedTask;

    public RecordingEngine Engine { get; private set; } = new();

    public DnstapSource Source { get; private set; } = null!;

    public string Path => System.IO.Path.Combine(folder, "tap");

    public string File(string name) => System.IO.Path.Combine(folder, name);

    public DnstapTarget Target => new() { Server = "ns1", Path = Path, Window = TimeSpan.FromSeconds(1), SlopeWindow = TimeSpan.FromSeconds(1), Again = TimeSpan.FromMilliseconds(50) };

    public void Start(DnstapTarget? target = null)
    {
        Source = new(target ?? Target);
        running = Source.RunAsync(Engine, stop.Token);
    }

    public async Task<DnstapRig> ListeningAsync(DnstapTarget? target = null)
    {
        Start(target);
        await UntilAsync("it listens", () => Source.Listening is not null);
        return this;
    }

    /// <summary>Ends the source; the folder stays for another one.</summary>
    public async Task EndAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public async Task UntilAsync(string what, Func<bool> condition)
    {
        if (running.IsFaulted) await running;
        for (var i = 0; i < 3000 && !condition(); i++) await Task.Delay(10);
        if (!condition()) throw new TimeoutException($"not so: {what}; {string.Join("; ", Source.Counted.Where(c => c.Value != 0).Select(c => $"{c.Name} {c.Value}"))}; {string.Join("; ", Engine.All.Select(a => a.Input).TakeLast(5))}");
    }

    public async Task<Socket> DialAsync()
    {
        EndPoint where = Source.Listening is IPEndPoint tcp ? tcp : new UnixDomainSocketEndPoint(Path);
        var socket = new Socket(where.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        // A Unix socket whose backlog is full answers EAGAIN, and servers call again.
        for (var left = 1000; ; left--)
        {
            try
            {
                await socket.ConnectAsync(where);
                return socket;
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock && left > 0)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>Dials in and shakes hands.</summary>
    public async Task<Socket> ServerAsync()
    {
        var socket = await DialAsync();
        await ShakeAsync(new NetworkStream(socket));
        return socket;
    }

    public static async Task ShakeAsync(Stream stream)
    {
        await stream.WriteAsync(Frames.Control(ControlType.Ready, withDnstap: true));
        var accept = Frames.Control(ControlType.Accept, withDnstap: true);
        var answer = new byte[accept.Length];
        await stream.ReadExactlyAsync(answer);
        Xunit.Assert.Equal(accept, answer);
        await stream.WriteAsync(Frames.Control(ControlType.Start, withDnstap: true));
    }

    /// <summary>What comes until the other end closes.</summary>
    public static async Task<byte[]> RestAsync(Socket socket)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var all = new List<byte>();
        var buffer = new byte[1000];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, late.Token) is > 0 and var n) all.AddRange(buffer[..n]);
        }
        catch (SocketException)
        {
            // Closed with something of ours unread.
        }

        return [.. all];
    }
}
