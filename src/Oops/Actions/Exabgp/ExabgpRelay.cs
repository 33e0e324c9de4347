using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Oops.Control;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>
/// A program that ExaBGP runs (`process`): what a client says at its socket goes to ExaBGP by the standard output, and ExaBGP's answers come back by the standard input, to this program alone. The newest client is served, and the one before
/// is closed: one that hangs must not delay a withdraw. It ends when ExaBGP does, and by nothing else: ExaBGP starts a program again only five times in a minute, and then ends itself.
/// </summary>
/// <param name="limit">Bytes that wait for a client that does not read; beyond it is closed.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "a semaphore without a wait handle holds nothing")]
internal sealed class ExabgpRelay(string path, Stream answers, Stream commands, Action<string> log, TimeProvider time, long limit = 32 * 1024 * 1024)
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    readonly SemaphoreSlim writing = new(1);
    volatile ExabgpRelayClient? current;

    /// <summary>Until ExaBGP has ended, or <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // Not disposed of: the thread may come to cancel it at any time.
        var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // A read of the standard input cannot be cancelled: it has a thread, and ends with ExaBGP or with us.
        var reader = new Thread(() => Listen(ended)) { IsBackground = true, Name = "answers" };
        reader.Start();
        while (!ended.IsCancellationRequested)
        {
            try
            {
                if (await SocketLife.MakeRoomAsync(path, ended.Token) is { } taken) Say($"{path}: {taken}; tried again");
                else await ServeAsync(ended.Token);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Say($"{path}: {Reason.Of(e)}; tried again");
            }

            await Task.Delay(Again, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        current?.End();
    }

    /// <summary>ExaBGP stands still, with all its sessions, while an answer is not taken: this waits for nothing but the next one. What a client does is logged elsewhere.</summary>
    void Listen(CancellationTokenSource ended)
    {
        var buffer = new byte[16 * 1024];
        var told = false;
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var count = answers.Read(buffer);
                if (count == 0) break;
                told = false;
                current?.Take(buffer.AsSpan(0, count));
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            catch (Exception e)
            {
                if (!told) Say($"ExaBGP's answers: {Reason.Of(e)}; tried again");
                told = true;
                ended.Token.WaitHandle.WaitOne(Soon);
            }
        }

        _ = ended.CancelAsync();
    }

    // The runtime removes the file of a socket that it has bound when it closes it. By its name it may be another's by then, and is removed by nobody.
    async Task ServeAsync(CancellationToken stop)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        // Before anybody can connect.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        listener.Listen(8);
        while (true)
        {
            var client = new ExabgpRelayClient(await listener.AcceptAsync(stop), PassAsync, limit, time);
            var before = Interlocked.Exchange(ref current, client);
            before?.End();
            _ = RelayAsync(client);
        }
    }

    async Task RelayAsync(ExabgpRelayClient client)
    {
        if (await client.RunAsync() is { } why) Say($"{path}: {why}: the connection is closed");
        Interlocked.CompareExchange(ref current, null, client);
    }

    /// <summary>Whole lines of one client, to ExaBGP. Once begun it is not to be ended: the next client's words would come behind half a line.</summary>
    async Task PassAsync(ReadOnlyMemory<byte> lines, CancellationToken over)
    {
        await writing.WaitAsync(over);
        try
        {
            over.ThrowIfCancellationRequested();
            await commands.WriteAsync(lines, CancellationToken.None);
            await commands.FlushAsync(CancellationToken.None);
        }
        finally
        {
            writing.Release();
        }
    }

    void Say(string text)
    {
        try
        {
            log(text);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody takes what we say: no reason to end.
        }
    }
}
