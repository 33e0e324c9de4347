using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>
/// One round of questions over one connected UDP socket: send all, then read until each has its answer or the time is over. What waits in the socket is read before
/// any question is judged timed out, so a pause of our own does not become a silence of the server's.
/// </summary>
internal sealed class UdpRound(TimeProvider time, ReadOnlyMemory<DnsName> zones, AskOptions options, AskResult[] results, Action<int, AskResult>? answered)
{
    /// <summary>More than any answer to an offer of 1232.</summary>
    const int MostOctets = 4096;

    /// <summary>So many datagrams that are no answer are read while we wait on the spot.</summary>
    const int Strays = 10;

    static readonly TimeSpan Together = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(3);

    readonly Question[] questions = new Question[zones.Length];
    int open = zones.Length;
    long sent;

    /// <summary>Fills the results; when <paramref name="stop"/> is cancelled it returns early, with what there is.</summary>
    public async Task RunAsync(IPEndPoint server, CancellationToken stop)
    {
        sent = time.GetTimestamp();
        Socket? socket = null;
        try
        {
            socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server);
            SendAll(socket);
            TakeSoon(socket);
            if (open > 0)
                await TakeRestAsync(socket, stop).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            EndAll(e.SocketErrorCode);
        }
        finally
        {
            socket?.Dispose();
        }

        var took = time.GetElapsedTime(sent);
        for (var i = 0; i < questions.Length; i++)
        {
            if (!questions[i].Done)
                results[i] = questions[i].Broken is { } why ? new AskResult(AskOutcome.Broken, default, took, default, why) : Silent(took);
        }
    }

    AskResult Silent(TimeSpan took) => new(AskOutcome.Timeout, default, took, took > options.Timeout ? took - options.Timeout : default, "no answer");

    void SendAll(Socket socket)
    {
        Span<byte> buffer = stackalloc byte[SoaQuery.MaxSize + Tsig.MaxSize];
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        for (var i = 0; i < questions.Length; i++)
        {
            ref var question = ref questions[i];
            question.Id = NewId(i);
            var length = SoaQuery.Write(buffer, question.Id, zones.Span[i], options.Query);
            if (options.Key is not null)
                Tsig.TrySignRequest(buffer, ref length, options.Key, now, out question.Signed);
            socket.Send(buffer[..length]);
        }
    }

    /// <summary>
    /// Takes what comes at once. A server on this host answers within some hundred microseconds: to wait for that here is one wake-up of one thread instead of several of several; and where
    /// several answers are awaited, not one for each.
    /// </summary>
    void TakeSoon(Socket socket)
    {
        if (questions.Length > 1)
            socket.Poll(Together, SelectMode.SelectError); // sleeps through data, not through a refusal
        socket.Blocking = false;
        for (var i = questions.Length + Strays; i > 0 && open > 0 && time.GetElapsedTime(sent) < Soon && socket.Poll(Soon, SelectMode.SelectRead); i--)
            i -= TakeThere(socket, i);
    }

    /// <summary>Takes what is in the socket, at most so many datagrams; how many there were.</summary>
    int TakeThere(Socket socket, int most)
    {
        Span<byte> buffer = stackalloc byte[MostOctets];
        for (var i = 0; i < most && open > 0; i++)
        {
            var length = socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return i;
            if (error != SocketError.Success) throw new SocketException((int)error);
            Take(buffer[..length]);
        }

        return most;
    }

    async Task TakeRestAsync(Socket socket, CancellationToken stop)
    {
        var left = options.Timeout - time.GetElapsedTime(sent);
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var stopping = stop.UnsafeRegister(static d => ((CancellationTokenSource)d!).Cancel(), deadline);
        try
        {
            var buffer = GC.AllocateUninitializedArray<byte>(MostOctets);
            while (open > 0)
                Take(buffer.AsSpan(0, await socket.ReceiveAsync(buffer, SocketFlags.None, deadline.Token).ConfigureAwait(false)));
        }
        catch (OperationCanceledException)
        {
            if (!stop.IsCancellationRequested)
                Drain(socket);
        }
    }

    /// <summary>Unpredictable, and different from the others of this round.</summary>
    ushort NewId(int count)
    {
        while (true)
        {
            var id = Unpredictable.UInt16();
            if (Find(id, count) < 0)
                return id;
        }
    }

    int Find(ushort id, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (questions[i].Id == id)
                return i;
        }

        return -1;
    }

    /// <summary>
    /// What cannot be used is remembered and otherwise ignored: it may be forged, and the real answer may still come (RFC 5452; RFC 8945, 5.3).
    /// </summary>
    void Take(ReadOnlySpan<byte> message)
    {
        var i = message.Length < DnsHeader.Size ? -1 : Find(BinaryPrimitives.ReadUInt16BigEndian(message), questions.Length);
        if (i < 0 || questions[i].Done)
            return;
        ref var question = ref questions[i];
        switch (SoaAnswer.TryRead(message, question.Id, zones.Span[i], out var answer))
        {
            case AnswerReading.NotOurs:
                return;
            case AnswerReading.Malformed:
                question.Broken = "malformed answer";
                return;
            default:
                break;
        }

        if (options.Key is not null && Signature.Complaint(message, question.Signed, time) is { } why)
        {
            question.Broken = why;
            return;
        }

        question.Done = true;
        open--;
        results[i] = new AskResult(AskOutcome.Answered, answer, time.GetElapsedTime(sent));
        if (!answer.Truncated)
            answered?.Invoke(i, results[i]);
    }

    void Drain(Socket socket)
    {
        try
        {
            TakeThere(socket, int.MaxValue);
        }
        catch (SocketException e)
        {
            EndAll(e.SocketErrorCode);
        }
    }

    /// <summary>An ICMP error speaks of the socket, so of every question that is still open on it.</summary>
    void EndAll(SocketError error)
    {
        var (outcome, why) = DnsAsker.Explain(error);
        for (var i = 0; i < questions.Length; i++)
        {
            if (questions[i].Done)
                continue;
            questions[i].Done = true;
            results[i] = new AskResult(outcome, default, time.GetElapsedTime(sent), default, why);
        }

        open = 0;
    }

    struct Question
    {
        public ushort Id;
        public bool Done;
        public string? Broken;
        public TsigContext Signed;
    }
}
