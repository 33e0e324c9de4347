using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Threading.Channels;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>One client of an <see cref="ExabgpRelay"/>: until it goes, is silent too long, does not read what it asked for, or the next one comes.</summary>
/// <param name="pass">Takes whole lines to ExaBGP.</param>
/// <param name="limit">Bytes that wait for it.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "cancelled in the end, which frees its timer; others may come to cancel it later")]
internal sealed class ExabgpRelayClient(Socket socket, Func<ReadOnlyMemory<byte>, CancellationToken, Task> pass, long limit, TimeProvider time)
{
    /// <summary>A client that says nothing, and gets nothing, for so long has left the door open.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    public const int LongestLine = 64 * 1024;

    // Not disposed of, since others come to cancel it at any time. It is cancelled in the end, which frees its timer.
    readonly CancellationTokenSource over = new(Idle, time);
    readonly Channel<byte[]> inbox = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    long waiting;
    volatile string? fault;

    /// <summary>Closes it soon: what it has said and was not read is not passed on. Waits for nothing.</summary>
    public void End() => _ = over.CancelAsync();

    /// <summary>Some of what ExaBGP answers. Waits for nothing: beyond the limit the client is closed.</summary>
    public void Take(ReadOnlySpan<byte> some)
    {
        if (over.IsCancellationRequested) return;
        if (Interlocked.Add(ref waiting, some.Length) > limit)
        {
            fault = $"a client does not read, and more than {limit} bytes wait for it";
            End();
            return;
        }

        inbox.Writer.TryWrite(some.ToArray());
    }

    /// <summary>Until it is over, by whatever. Null, or what is worth telling of its end.</summary>
    public async Task<string?> RunAsync()
    {
        List<Task> both = [ForthAsync(), BackAsync()];
        await Task.WhenAny(both);
        await over.CancelAsync();
        // At once, also where ExaBGP has not yet taken what is being passed to it.
        socket.Dispose();
        try
        {
            await Task.WhenAll(both);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It has gone, or had to.
        }
        catch (Exception e)
        {
            fault ??= Reason.Of(e);
        }

        return fault;
    }

    /// <summary>Whole lines only: a client that dies in the middle of a command must not leave half of it for the next one.</summary>
    async Task ForthAsync()
    {
        var buffer = new byte[LongestLine];
        var held = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(held), over.Token) is > 0 and var count)
        {
            over.CancelAfter(Idle);
            held += count;
            var whole = buffer.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
            if (whole == 0 && held == buffer.Length)
            {
                fault = $"a command of more than {LongestLine} bytes";
                return;
            }

            if (whole > 0) await pass(buffer.AsMemory(0, whole), over.Token);
            buffer.AsSpan(whole, held - whole).CopyTo(buffer);
            held -= whole;
        }
    }

    async Task BackAsync()
    {
        await foreach (var some in inbox.Reader.ReadAllAsync(over.Token))
        {
            for (var rest = some.AsMemory(); rest.Length > 0;)
            {
                rest = rest[await socket.SendAsync(rest, over.Token)..];
                over.CancelAfter(Idle);
            }

            Interlocked.Add(ref waiting, -some.Length);
        }
    }
}
