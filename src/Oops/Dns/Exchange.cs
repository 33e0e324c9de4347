using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>What came of one <see cref="PlainQuery"/>.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Answer">Null unless <see cref="AskOutcome.Answered"/>.</param>
/// <param name="Why">Terminal-safe; null for an answer.</param>
internal sealed record Exchanged(AskOutcome Outcome, PlainAnswer? Answer, string? Why);

/// <summary>Asks one question of any kind on one transport and takes the whole answer: for the verbs that a person types. <see cref="DnsAsker"/> is for the daemon, many zones, and their SOA.</summary>
internal static class Exchange
{
    /// <summary>Datagrams sent before the silence is the server's.</summary>
    const int Tries = 2;

    /// <summary>Ends within <paramref name="timeout"/>, over UDP within twice that.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static async Task<Exchanged> RunAsync(IPEndPoint server, Transport over, PlainQuery query, TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        for (var i = 1; ; i++)
        {
            var came = await TryAsync(server, over, query, timeout, time, stop).ConfigureAwait(false);
            if (over != Transport.Udp || came.Outcome != AskOutcome.Timeout || i == Tries) return came;
        }
    }

    /// <summary>Over UDP, and over TCP what is truncated: as who wants all of an answer asks. Ends within three times <paramref name="timeout"/>.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static async Task<Exchanged> WholeAsync(IPEndPoint server, PlainQuery query, TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        var came = await RunAsync(server, Transport.Udp, query, timeout, time, stop).ConfigureAwait(false);
        if (came.Answer is not { Truncated: true }) return came;
        came = await RunAsync(server, Transport.Tcp, query, timeout, time, stop).ConfigureAwait(false);
        // It has answered, over UDP: that the rest could not be had is neither a refusal nor a silence of the server's.
        return came.Answer is { Truncated: false } ? came : new Exchanged(AskOutcome.Broken, null, $"truncated over UDP, and {came.Why ?? "truncated over TCP"}");
    }

    static async Task<Exchanged> TryAsync(IPEndPoint server, Transport over, PlainQuery query, TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var stopping = stop.UnsafeRegister(static d => ((CancellationTokenSource)d!).Cancel(), deadline);
        var id = Unpredictable.UInt16();
        var buffer = new byte[2 + PlainQuery.MostSize];
        var length = query.Write(buffer.AsSpan(2), id);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        try
        {
            using var socket = new Socket(server.AddressFamily, over == Transport.Udp ? SocketType.Dgram : SocketType.Stream, over == Transport.Udp ? ProtocolType.Udp : ProtocolType.Tcp);
            await socket.ConnectAsync(server, deadline.Token).ConfigureAwait(false);
            if (over == Transport.Udp) return await DatagramAsync(socket, buffer.AsMemory(2, length), id, query, deadline.Token, stop).ConfigureAwait(false);
            await using var stream = await OpenAsync(socket, over, deadline.Token).ConfigureAwait(false);
            return await StreamAsync(stream, buffer.AsMemory(0, 2 + length), id, query, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return new Exchanged(AskOutcome.Timeout, null, $"no answer over {Word(over)}");
        }
        catch (SocketException e)
        {
            return Failed(e);
        }
        catch (IOException e)
        {
            return e.InnerException is SocketException inner ? Failed(inner) : new Exchanged(AskOutcome.Broken, null, "connection closed");
        }
        catch (AuthenticationException)
        {
            return new Exchanged(AskOutcome.Broken, null, "no TLS there");
        }

        Exchanged Failed(SocketException e)
        {
            var (outcome, why) = DnsAsker.Explain(e.SocketErrorCode);
            return new Exchanged(outcome, null, $"{why} over {Word(over)}");
        }
    }

    /// <summary>`UDP`, `TCP`, `TLS`.</summary>
    public static string Word(Transport over) => over switch { Transport.Udp => "UDP", Transport.Tcp => "TCP", _ => "TLS" };

    /// <summary>What cannot be used is remembered and otherwise ignored: it may be forged, and the real answer may still come (RFC 5452).</summary>
    static async Task<Exchanged> DatagramAsync(Socket socket, ReadOnlyMemory<byte> query, ushort id, PlainQuery asked, CancellationToken deadline, CancellationToken stop)
    {
        await socket.SendAsync(query, deadline).ConfigureAwait(false);
        var buffer = new byte[ushort.MaxValue];
        Exchanged? broken = null;
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, deadline).ConfigureAwait(false);
                if (Judge(buffer.AsSpan(0, length), id, asked) is not { } came) continue;
                if (came.Outcome == AskOutcome.Answered) return came;
                broken = came;
            }
        }
        catch (OperationCanceledException) when (broken is not null && !stop.IsCancellationRequested)
        {
            return broken;
        }
    }

    static async Task<Stream> OpenAsync(Socket socket, Transport over, CancellationToken stop)
    {
        socket.NoDelay = true;
        var plain = new NetworkStream(socket, ownsSocket: false);
        if (over == Transport.Tcp) return plain;
        // Opportunistic (RFC 7858, 4.1): a certificate of whatever name will do for who tries an agent out.
        var tls = new SslStream(plain, leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "" }, stop).ConfigureAwait(false);
        return tls;
    }

    static async Task<Exchanged> StreamAsync(Stream stream, ReadOnlyMemory<byte> query, ushort id, PlainQuery asked, CancellationToken stop)
    {
        await stream.WriteAsync(query, stop).ConfigureAwait(false);
        await stream.FlushAsync(stop).ConfigureAwait(false);
        var size = new byte[2];
        await stream.ReadExactlyAsync(size, stop).ConfigureAwait(false);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(size)];
        await stream.ReadExactlyAsync(message, stop).ConfigureAwait(false);
        return Judge(message, id, asked) ?? new Exchanged(AskOutcome.Broken, null, "answer to another question");
    }

    static Exchanged? Judge(ReadOnlySpan<byte> message, ushort id, PlainQuery asked) => PlainAnswer.Read(message, id, asked, out var answer) switch
    {
        AnswerReading.NotOurs => null,
        AnswerReading.Malformed => new Exchanged(AskOutcome.Broken, null, "malformed answer"),
        _ => new Exchanged(AskOutcome.Answered, answer, null),
    };
}
