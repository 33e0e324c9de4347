using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Oops.Tests.Servers;

/// <summary>What a control socket answers: its pieces, as they are sent, and then the end, or silence for as long as the client stays.</summary>
internal sealed record LineReply(IEnumerable<byte[]> Pieces, bool Silent = false)
{
    public static LineReply Of(string text) => new([Encoding.Latin1.GetBytes(text)]);

    public static LineReply Hang { get; } = new([], Silent: true);
}

/// <summary>A control socket of the NSD family that answers as the test says, also as no server would. One command per connection. The process that listens is the test's own.</summary>
internal sealed class FakeLines : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-fake-lines-").FullName;
    readonly ConcurrentBag<Task> serving = [];
    Socket? listener;
    CancellationTokenSource stop = new();
    Task accepting = Task.CompletedTask;

    public FakeLines() => Begin();

    public string Path => System.IO.Path.Combine(folder, "control.sock");

    /// <summary>The answer to a command, without its magic.</summary>
    public Func<string, LineReply> Answer { get; set; } = _ => LineReply.Of("error unknown command\n");

    /// <summary>What was asked, with its magic.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public void Begin()
    {
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(64);
        stop = new();
        accepting = AcceptAsync(listener, stop.Token);
    }

    /// <summary>Its connections end in mid-word, and its socket is gone.</summary>
    public async Task VanishAsync()
    {
        await stop.CancelAsync();
        listener!.Dispose();
        await accepting;
        await Task.WhenAll(serving);
        serving.Clear();
        stop.Dispose();
        File.Delete(Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path)) await VanishAsync();
        Directory.Delete(folder, recursive: true);
    }

    async Task AcceptAsync(Socket from, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                serving.Add(ServeAsync(await from.AcceptAsync(ending), ending));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task ServeAsync(Socket client, CancellationToken ending)
    {
        using (client)
        {
            try
            {
                var bytes = new byte[8192];
                var got = 0;
                do
                {
                    var n = await client.ReceiveAsync(bytes.AsMemory(got), SocketFlags.None, ending);
                    if (n == 0) return;
                    got += n;
                }
                while (bytes[got - 1] != (byte)'\n');
                var asked = Encoding.ASCII.GetString(bytes, 0, got - 1);
                Asked.Enqueue(asked);
                var reply = Answer(asked[(asked.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                foreach (var piece in reply.Pieces)
                    for (var sent = 0; sent < piece.Length;) sent += await client.SendAsync(piece.AsMemory(sent), SocketFlags.None, ending);
                if (reply.Silent) await client.ReceiveAsync(bytes, SocketFlags.None, ending);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The client left, or the test is over.
            }
        }
    }
}
