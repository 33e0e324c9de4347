using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>What came of a question for records.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Answer">The answer; default unless <see cref="AskOutcome.Answered"/>.</param>
/// <param name="Took">From sending to the end.</param>
/// <param name="Why">Terminal-safe; null for an answer.</param>
internal readonly record struct RecordResult(AskOutcome Outcome, RecordAnswer Answer, TimeSpan Took, string? Why = null);

/// <summary>Asks an authoritative server for records of any type with their signatures: over UDP, twice, since a datagram may be lost, and over TCP what is truncated. For few questions: <see cref="DnsAsker"/> is for many.</summary>
internal sealed class RecordAsker(TimeProvider time)
{
    const int Tries = 2, MostOctets = 4096;

    /// <param name="server">Whom to ask.</param>
    /// <param name="name">What for.</param>
    /// <param name="type">RR type.</param>
    /// <param name="timeout">For one try on one transport.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<RecordResult> AskAsync(IPEndPoint server, DnsName name, DnsType type, TimeSpan timeout, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var result = await TryAsync(server, name, type, timeout, ProtocolType.Udp, stop).ConfigureAwait(false);
        for (var i = 1; i < Tries && result.Outcome == AskOutcome.Timeout; i++) result = await TryAsync(server, name, type, timeout, ProtocolType.Udp, stop).ConfigureAwait(false);
        if (result.Answer.Truncated)
        {
            result = await TryAsync(server, name, type, timeout, ProtocolType.Tcp, stop).ConfigureAwait(false);
            // It has answered, over UDP: that the rest could not be had is neither a refusal nor a silence of the server's.
            if (result.Outcome != AskOutcome.Answered) result = result with { Outcome = AskOutcome.Broken, Why = $"truncated, and over TCP: {result.Why}" };
        }

        return result with { Took = time.GetElapsedTime(began) };
    }

    async Task<RecordResult> TryAsync(IPEndPoint server, DnsName name, DnsType type, TimeSpan timeout, ProtocolType over, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            using var socket = new Socket(server.AddressFamily, over == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, over);
            await socket.ConnectAsync(server, ended.Token).ConfigureAwait(false);
            var id = Unpredictable.UInt16();
            return over == ProtocolType.Udp ? await DatagramAsync(socket, id, name, type, ended.Token).ConfigureAwait(false) : await StreamAsync(socket, id, name, type, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return new(AskOutcome.Timeout, default, timeout, "no answer");
        }
        catch (SocketException e)
        {
            var (outcome, why) = DnsAsker.Explain(e.SocketErrorCode);
            return new(outcome, default, default, why);
        }
    }

    static async Task<RecordResult> DatagramAsync(Socket socket, ushort id, DnsName name, DnsType type, CancellationToken stop)
    {
        var buffer = new byte[MostOctets];
        var length = RecordQuery.Write(buffer, id, name, type);
        await socket.SendAsync(buffer.AsMemory(0, length), SocketFlags.None, stop).ConfigureAwait(false);
        while (true)
        {
            length = await socket.ReceiveAsync(buffer, SocketFlags.None, stop).ConfigureAwait(false);
            // What cannot be used may be forged, and the real answer may still come.
            if (RecordAnswer.TryRead(buffer.AsSpan(0, length), id, name, type, out var answer) == SoaReading.Answer) return new(AskOutcome.Answered, answer, default);
        }
    }

    static async Task<RecordResult> StreamAsync(Socket socket, ushort id, DnsName name, DnsType type, CancellationToken stop)
    {
        var buffer = new byte[2 + ushort.MaxValue];
        var length = RecordQuery.Write(buffer.AsSpan(2), id, name, type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        await socket.SendAsync(buffer.AsMemory(0, 2 + length), SocketFlags.None, stop).ConfigureAwait(false);
        if (!await TcpAsk.ReceiveAsync(socket, buffer.AsMemory(0, 2), stop).ConfigureAwait(false)) return Broken("connection closed");
        var size = BinaryPrimitives.ReadUInt16BigEndian(buffer);
        if (!await TcpAsk.ReceiveAsync(socket, buffer.AsMemory(0, size), stop).ConfigureAwait(false)) return Broken("connection closed");
        return RecordAnswer.TryRead(buffer.AsSpan(0, size), id, name, type, out var answer) == SoaReading.Answer && !answer.Truncated
            ? new(AskOutcome.Answered, answer, default)
            : Broken("malformed answer");
    }

    static RecordResult Broken(string why) => new(AskOutcome.Broken, default, default, why);
}
