using System.Net.Sockets;
using System.Threading.Channels;
using Oops.Control;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>
/// A program that ExaBGP runs (`process`): what a client says at its socket goes to ExaBGP by the standard output, and ExaBGP's answers come back by the standard input, to this program alone. One client at a time; the next waits. It ends
/// when ExaBGP does, and by nothing else: ExaBGP starts a program again only five times in a minute, and then ends itself.
/// </summary>
internal sealed class ExabgpRelay(string path, Stream answers, Stream commands, Action<string> log, TimeProvider time)
{
    /// <summary>A client that says nothing, and gets nothing, for so long has left the door open.</summary>
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    /// <summary>What ExaBGP answers waits for the client that far; more is not taken from ExaBGP meanwhile.</summary>
    const int Waiting = 64;

    const int LongestLine = 64 * 1024;

    readonly Channel<byte[]> inbox = Channel.CreateBounded<byte[]>(Waiting);
    volatile bool hasClient;

    /// <summary>Until ExaBGP has ended, or <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // A read of the standard input cannot be cancelled: it has a thread, and ends with ExaBGP or with us.
        var reader = new Thread(() => Listen(ended)) { IsBackground = true, Name = "answers" };
        reader.Start();
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(ended.Token);
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                log($"{path}: {Reason.Of(e)}; tried again");
                await PauseAsync(ended.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task PauseAsync(CancellationToken stop) => await Task.Delay(Again, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    void Listen(CancellationTokenSource ended)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (answers.Read(buffer) is > 0 and var count)
            {
                // Nobody waits for it: the answers to a client that has gone.
                if (hasClient) inbox.Writer.WriteAsync(buffer[..count], ended.Token).AsTask().Wait(ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (IOException e)
        {
            log($"ExaBGP's answers: {Reason.Of(e)}");
        }

        ended.Cancel();
    }

    async Task ServeAsync(CancellationToken stop)
    {
        if ((await SocketLife.LookAsync(path, stop)).Life == Life.Running)
        {
            log($"{path}: another program listens there; tried again");
            await PauseAsync(stop);
            return;
        }

        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            // Before anybody can connect.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            listener.Listen(8);
            while (true)
            {
                using var client = await listener.AcceptAsync(stop);
                await RelayAsync(client, stop);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    async Task RelayAsync(Socket client, CancellationToken stop)
    {
        Forget();
        hasClient = true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var idle = time.CreateTimer(_ => over.Cancel(), null, Idle, Timeout.InfiniteTimeSpan);
        try
        {
            var forth = ForthAsync(client, idle, over);
            var back = BackAsync(client, idle, over);
            await Task.WhenAll(forth, back);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
        }
        finally
        {
            // In this order: who waits for room is let go, and sees that nobody is there.
            hasClient = false;
            Forget();
        }
    }

    void Forget()
    {
        while (inbox.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Whole lines only: a client that dies in the middle of a command must not leave half of it for the next one.</summary>
    async Task ForthAsync(Socket client, ITimer idle, CancellationTokenSource over)
    {
        var buffer = new byte[LongestLine];
        var held = 0;
        try
        {
            while (await client.ReceiveAsync(buffer.AsMemory(held), over.Token) is > 0 and var count)
            {
                idle.Change(Idle, Timeout.InfiniteTimeSpan);
                held += count;
                var whole = buffer.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
                if (whole == 0 && held == buffer.Length)
                {
                    log($"a command of more than {LongestLine} bytes: the connection is closed");
                    return;
                }

                await commands.WriteAsync(buffer.AsMemory(0, whole), over.Token);
                await commands.FlushAsync(over.Token);
                buffer.AsSpan(whole, held - whole).CopyTo(buffer);
                held -= whole;
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    async Task BackAsync(Socket client, ITimer idle, CancellationTokenSource over)
    {
        try
        {
            await foreach (var some in inbox.Reader.ReadAllAsync(over.Token))
            {
                idle.Change(Idle, Timeout.InfiniteTimeSpan);
                for (var rest = some.AsMemory(); rest.Length > 0;) rest = rest[await client.SendAsync(rest, over.Token)..];
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }
}
