using System.Net.Sockets;
using System.Threading.Channels;
using Oops.Wire.DBus;
using Oops.Wire.Text;

namespace Oops.DBus;

/// <summary>
/// A client's connection to a message bus. One task reads; signals go into a bounded queue that ends when the connection is lost. What goes
/// wrong is a value; only our own cancellation throws. It does not reconnect, and does not answer calls of others.
/// </summary>
internal sealed partial class DBusConnection : IAsyncDisposable
{
    readonly Socket socket;
    readonly DBusOptions options;
    readonly TimeProvider time;
    readonly Channel<DBusMessage> signals;
    readonly Lock gate = new();
    readonly Dictionary<uint, Pending> calls = [];
    readonly SemaphoreSlim writing = new(1, 1);
    readonly CancellationTokenSource closing = new();
    Task reading = Task.CompletedTask;
    uint serial;
    long dropped;
    string? lost;

    DBusConnection(Socket socket, DBusOptions options, TimeProvider time)
    {
        this.socket = socket;
        this.options = options;
        this.time = time;
        signals = Channel.CreateBounded<DBusMessage>(new BoundedChannelOptions(options.MaxSignals) { SingleReader = true, SingleWriter = true });
    }

    readonly record struct Pending(TaskCompletionSource<DBusReply> Done, string? Destination);

    /// <summary>Our unique name on the bus, ":1.42".</summary>
    public string UniqueName { get; private set; } = "";

    /// <summary>Signals in the order of the bus; completes when the connection is lost.</summary>
    public ChannelReader<DBusMessage> Signals => signals.Reader;

    /// <summary>Signals that found the queue full.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Why the connection is lost; null while it lives.</summary>
    public string? Lost => Volatile.Read(ref lost);

    /// <summary>Calls a method and waits for its answer, at most <see cref="DBusOptions.Timeout"/>.</summary>
    public async ValueTask<DBusReply> CallAsync(DBusMessage call, CancellationToken stop)
    {
        var done = new TaskCompletionSource<DBusReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        uint number;
        lock (gate)
        {
            if (lost is not null) return new(null, lost);
            number = ++serial;
            if (number == 0) number = ++serial;
            calls[number] = new(done, call.Destination);
        }

        try
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
            var why = await SendAsync(DBusCodec.Write(call with { Serial = number }), both.Token);
            return why is null ? await done.Task.WaitAsync(both.Token) : new(null, why);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, $"d-bus: no answer to {call.Member} within {options.Timeout.TotalSeconds:0.#} s");
        }
        finally
        {
            lock (gate) calls.Remove(number);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Lose("d-bus: closed by us");
        await closing.CancelAsync();
        socket.Dispose();
        await reading;
        closing.Dispose();
        writing.Dispose();
    }

    async ValueTask<string?> SendAsync(byte[] message, CancellationToken stop)
    {
        await writing.WaitAsync(stop);
        try
        {
            for (var sent = 0; sent < message.Length;)
                sent += await socket.SendAsync(message.AsMemory(sent), SocketFlags.None, stop);
            return null;
        }
        catch (OperationCanceledException)
        {
            // Part of the message may be out: the stream is of no use any more.
            Lose("d-bus: the bus does not read");
            socket.Dispose();
            throw;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Lose($"d-bus: {e.Message}");
        }
        finally
        {
            writing.Release();
        }
    }

    async Task ReadAsync(byte[] buffer, int filled)
    {
        try
        {
            while (true)
            {
                var used = TakeMessages(buffer.AsSpan(0, filled), out var needed);
                if (used < 0) break;
                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
                // Measure has bounded what is needed by MaxMessage.
                if (needed > buffer.Length) Array.Resize(ref buffer, needed);
                var got = await socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None, closing.Token);
                if (got == 0)
                {
                    Lose("d-bus: the bus closed the connection");
                    break;
                }

                filled += got;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Lose($"d-bus: {e.Message}");
        }

        socket.Dispose();
        signals.Writer.TryComplete();
    }

    // Takes whole messages off the front; negative when the stream is broken. `needed`: the buffer must hold this much for the next one.
    int TakeMessages(ReadOnlySpan<byte> bytes, out int needed)
    {
        needed = 0;
        for (var at = 0; ;)
        {
            var rest = bytes[at..];
            if (rest.Length < DBusCodec.FixedHeader) return at;
            var fault = DBusCodec.Measure(rest, options.MaxMessage, out needed);
            if (fault == DBusFault.None && rest.Length < needed) return at;
            DBusMessage? message = null;
            if (fault == DBusFault.None) fault = DBusCodec.Read(rest[..needed], out message);
            if (fault != DBusFault.None)
            {
                Lose($"d-bus: the bus sent a broken message ({fault})");
                return -1;
            }

            at += needed;
            Take(message!);
        }
    }

    void Take(DBusMessage message)
    {
        if (message.Type == DBusMessageType.Signal)
        {
            if (!signals.Writer.TryWrite(message)) Interlocked.Increment(ref dropped);
        }
        else if (message.Type is DBusMessageType.MethodReturn or DBusMessageType.Error)
        {
            Pending call;
            lock (gate)
            {
                if (!calls.TryGetValue(message.ReplySerial, out call) || !MayAnswer(message.Sender, call.Destination)) return;
                calls.Remove(message.ReplySerial);
            }

            var before = signals.Reader.Count;
            call.Done.TrySetResult(message.Type == DBusMessageType.MethodReturn ? new(message, Before: before) : new(null, ErrorText(message), message.ErrorName, before));
        }
    }

    // Whom we asked, or the bus in its stead. Behind a well-known name is a unique one: there the bus is trusted to let only it answer.
    static bool MayAnswer(string? sender, string? asked) =>
        sender == Bus || sender == asked || (asked != Bus && asked?.StartsWith(':') == false);

    static string ErrorText(DBusMessage message)
    {
        var body = message.Read();
        var text = message.Signature.StartsWith('s') && body.TryText(out var utf8) ? PrintableText.Of(utf8) : "";
        return text.Length > 0 ? $"d-bus: {message.ErrorName}: {text}" : $"d-bus: {message.ErrorName}";
    }

    // The first reason counts. All who wait hear it.
    string Lose(string why)
    {
        List<Pending> waiting;
        lock (gate)
        {
            if (lost is not null) return lost;
            lost = why;
            waiting = [.. calls.Values];
            calls.Clear();
        }

        foreach (var call in waiting) call.Done.TrySetResult(new(null, why));
        return why;
    }
}
