using System.Net.Sockets;
using System.Text;
using Oops.Control;
using Oops.Native;

namespace Oops.Reports;

/// <summary>
/// The socket of plain lines that users of Drink's reporting agent know: `report` is answered by `REPORT state: foobar.example, 9 funny.example, 9;2`. What it says is what the store has of the last day, so it is right after a restart, and some seconds behind.
/// </summary>
internal sealed class ReportSocket
{
    /// <summary>Of connections at once; who comes too much is told so and let go.</summary>
    public const int MostConnections = 16;

    /// <summary>A request is `report ZONE` at the longest, and a name has 1016 characters.</summary>
    public const int LongestLine = 1200;

    static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    readonly string path;
    readonly string? group;
    readonly ReportLines lines;
    readonly TimeProvider time;
    int connections;

    /// <param name="path">Where it listens.</param>
    /// <param name="group">Who may connect, besides root and oops itself (mode 0660); null: oops's own group.</param>
    /// <param name="database">The store's file.</param>
    /// <param name="time">The clock.</param>
    public ReportSocket(string path, string? group, string database, TimeProvider time)
    {
        this.path = path;
        this.group = group;
        this.time = time;
        lines = new(new ReportReads(database, time), time);
    }

    /// <summary>A client that says nothing, or does not read what it asked for, for so long is let go.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Serves until <paramref name="stop"/>. Where it cannot listen it is tried again now and then.</summary>
    /// <param name="told">Why it does not listen; null: it does. Only when that changes.</param>
    /// <param name="stop">Ends it; what it made is removed.</param>
    public async Task RunAsync(Action<string?> told, CancellationToken stop)
    {
        var last = "";
        try
        {
            while (true)
            {
                var (socket, why) = await UnixListener.BindAsync(path, UnixListener.ForGroup, group, stop).ConfigureAwait(false);
                if (socket is not null) why = await ServeAsync(socket, () => Tell(null), stop).ConfigureAwait(false);
                Tell($"{path}: {why}");
                await Task.Delay(Again, time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }

        void Tell(string? now)
        {
            if (now == last) return;
            told(last = now);
        }
    }

    /// <summary>Returns why it cannot go on.</summary>
    async Task<string> ServeAsync(Socket socket, Action listens, CancellationToken stop)
    {
        using var _ = socket;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        HashSet<Task> serving = [];
        try
        {
            socket.Listen(MostConnections);
            listens();
            while (true)
            {
                var client = await socket.AcceptAsync(stop).ConfigureAwait(false);
                serving.RemoveWhere(t => t.IsCompleted);
                serving.Add(ClientAsync(client, ending.Token));
            }
        }
        catch (SocketException e)
        {
            return Reason.Of(e);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(serving).ConfigureAwait(false);
        }
    }

    async Task ClientAsync(Socket client, CancellationToken stop)
    {
        using var _ = client;
        var many = Interlocked.Increment(ref connections);
        try
        {
            await using var stream = new NetworkStream(client);
            if (many > MostConnections) await SendAsync(stream, "ERROR too many connections\n", stop).ConfigureAwait(false);
            else
                while (await RequestAsync(client, stream, stop).ConfigureAwait(false))
                {
                }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // It went away, or is let go.
        }
        finally
        {
            Interlocked.Decrement(ref connections);
        }
    }

    /// <summary>Answers one line. False: there is no more.</summary>
    async Task<bool> RequestAsync(Socket client, NetworkStream stream, CancellationToken stop)
    {
        var line = new byte[LongestLine];
        var length = 0;
        using (var patience = new CancellationTokenSource(Patience, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop))
        {
            while (true)
            {
                // No more than the line is taken: what follows is the next request.
                var seen = await client.ReceiveAsync(line.AsMemory(length), SocketFlags.Peek, both.Token).ConfigureAwait(false);
                var end = line.AsSpan(length, seen).IndexOf((byte)'\n');
                var taken = end < 0 ? seen : end + 1;
                if (taken > 0) await stream.ReadExactlyAsync(line.AsMemory(length, taken), both.Token).ConfigureAwait(false);
                length += taken;
                // The last line may end with the stream.
                if (end >= 0 || (seen == 0 && length > 0)) break;
                if (seen == 0) return false;
                if (length < line.Length) continue;
                await SendAsync(stream, "ERROR the line is too long\n", stop).ConfigureAwait(false);
                return false;
            }
        }
        await SendAsync(stream, await lines.AnswerAsync(Encoding.Latin1.GetString(line.AsSpan(0, length)).Trim(), stop).ConfigureAwait(false), stop).ConfigureAwait(false);
        return true;
    }

    async Task SendAsync(NetworkStream stream, string text, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), both.Token).ConfigureAwait(false);
    }
}
