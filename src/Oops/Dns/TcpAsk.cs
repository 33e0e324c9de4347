using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>One question over one TCP connection (RFC 7766).</summary>
internal static class TcpAsk
{
    const int MaxAnswer = ushort.MaxValue;

    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static async Task<AskResult> RunAsync(TimeProvider time, IPEndPoint server, DnsName zone, AskOptions options, CancellationToken stop)
    {
        var sent = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var stopping = stop.UnsafeRegister(static d => ((CancellationTokenSource)d!).Cancel(), deadline);
        var buffer = ArrayPool<byte>.Shared.Rent(2 + MaxAnswer);
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server, deadline.Token).ConfigureAwait(false);
            var id = Unpredictable.UInt16();
            var length = Write(buffer, id, zone, options, time, out var signed);
            if (!await SendAsync(socket, buffer.AsMemory(0, length), deadline.Token).ConfigureAwait(false)
                || !await ReceiveAsync(socket, buffer.AsMemory(0, 2), deadline.Token).ConfigureAwait(false))
                return Broken("connection closed");
            var size = BinaryPrimitives.ReadUInt16BigEndian(buffer);
            if (!await ReceiveAsync(socket, buffer.AsMemory(0, size), deadline.Token).ConfigureAwait(false))
                return Broken("connection closed");
            return Judge(buffer.AsSpan(0, size), id, zone, options, signed, time) is { } why
                ? Broken(why)
                : new AskResult(AskOutcome.Answered, Answer(buffer.AsSpan(0, size), id, zone), time.GetElapsedTime(sent));
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            var took = time.GetElapsedTime(sent);
            return new AskResult(AskOutcome.Timeout, default, took, took > options.Timeout ? took - options.Timeout : default, "no answer over TCP");
        }
        catch (SocketException e)
        {
            var (outcome, why) = DnsAsker.Explain(e.SocketErrorCode);
            return new AskResult(outcome, default, time.GetElapsedTime(sent), default, why);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        AskResult Broken(string why) => new(AskOutcome.Broken, default, time.GetElapsedTime(sent), default, why);
    }

    static int Write(byte[] buffer, ushort id, in DnsName zone, AskOptions options, TimeProvider time, out TsigContext signed)
    {
        signed = new TsigContext();
        var message = buffer.AsSpan(2);
        var length = SoaQuery.Write(message, id, zone, options.Query);
        if (options.Key is not null)
            Tsig.TrySignRequest(message, ref length, options.Key, time.GetUtcNow().ToUnixTimeSeconds(), out signed);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        return 2 + length;
    }

    static string? Judge(ReadOnlySpan<byte> message, ushort id, in DnsName zone, AskOptions options, in TsigContext signed, TimeProvider time) =>
        SoaAnswer.TryRead(message, id, zone, out var answer) switch
        {
            AnswerReading.NotOurs => "answer to another question",
            AnswerReading.Malformed => "malformed answer",
            _ when answer.Truncated => "truncated over TCP",
            _ => options.Key is null ? null : Signature.Complaint(message, signed, time),
        };

    static SoaAnswer Answer(ReadOnlySpan<byte> message, ushort id, in DnsName zone)
    {
        SoaAnswer.TryRead(message, id, zone, out var answer);
        return answer;
    }

    static async ValueTask<bool> SendAsync(Socket socket, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        while (!data.IsEmpty)
        {
            var n = await socket.SendAsync(data, SocketFlags.None, stop).ConfigureAwait(false);
            if (n == 0)
                return false;
            data = data[n..];
        }

        return true;
    }

    /// <summary>Fills <paramref name="data"/>; false if the peer closed before.</summary>
    internal static async ValueTask<bool> ReceiveAsync(Socket socket, Memory<byte> data, CancellationToken stop)
    {
        while (!data.IsEmpty)
        {
            var n = await socket.ReceiveAsync(data, SocketFlags.None, stop).ConfigureAwait(false);
            if (n == 0)
                return false;
            data = data[n..];
        }

        return true;
    }
}
