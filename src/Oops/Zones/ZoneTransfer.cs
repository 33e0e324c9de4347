using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Oops.Config;
using Oops.Dns;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Zones;

/// <summary>
/// Transfers a zone over TCP: IXFR (RFC 1995) where a version is had, with AXFR (RFC 5936) where that fails, AXFR else. Each call has connections of its own and no state stays; the records go to a sink
/// while they come, and count only if the result says so.
/// </summary>
internal sealed class ZoneTransfer(TimeProvider time)
{
    const int MaxMessage = ushort.MaxValue;

    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<TransferResult> RunAsync(TransferRequest request, ITransferSink sink, CancellationToken stop)
    {
        var result = await OnceAsync(request, sink, stop).ConfigureAwait(false);
        if (request.Have is null || !MayHaveAll(result.Outcome))
            return result;
        var all = await OnceAsync(request with { Have = null }, sink, stop).ConfigureAwait(false);
        // The server's serial may have gone backwards between the two, and whoever has a version wants no older one.
        if (all.Outcome == TransferOutcome.Full && all.Soa is { } soa && soa.Serial != request.Have && !Serial.IsNewer(soa.Serial, request.Have.Value))
            all = all with { Outcome = TransferOutcome.Older, Why = $"serial {soa.Serial} at the server is older than {request.Have}, which is had" };
        return all with { Fallback = result.Why };
    }

    /// <summary>Servers refuse IXFR in many ways (RFC 1995, 2 and 5): FORMERR, NOTIMP, REFUSED, a closed connection, a wrong answer. What is wrong with our key or with a size is wrong with AXFR too.</summary>
    static bool MayHaveAll(TransferOutcome outcome) => outcome is TransferOutcome.Refused or TransferOutcome.Cut or TransferOutcome.TimedOut or TransferOutcome.Broken;

    async Task<TransferResult> OnceAsync(TransferRequest request, ITransferSink sink, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var began = time.GetTimestamp();
        var id = Unpredictable.UInt16();
        var reader = new TransferReader(request.Zone, id, request.Have, request.Limits.Records, sink);
        using var quiet = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var stopping = stop.UnsafeRegister(static q => ((CancellationTokenSource)q!).Cancel(), quiet);
        var buffer = ArrayPool<byte>.Shared.Rent(2 + MaxMessage);
        var run = new Run(request, reader, quiet, buffer, began);
        try
        {
            using var socket = new Socket(request.Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var (outcome, why) = await ConverseAsync(socket, id, run).ConfigureAwait(false);
            return Result(outcome, why);
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return run.TotalEndsFirst
                ? Result(TransferOutcome.TimedOut, $"not over after {Duration.Format(request.Limits.Total)}; {reader.Records} records had come")
                : Result(run.Connected ? TransferOutcome.TimedOut : TransferOutcome.Unreachable,
                    run.Connected ? $"silent for {Duration.Format(request.Limits.Idle)} after {reader.Records} records" : $"no connection within {Duration.Format(request.Limits.Idle)}");
        }
        catch (SocketException e)
        {
            var (_, why) = DnsAsker.Explain(e.SocketErrorCode);
            return run.Connected ? Result(TransferOutcome.Cut, $"{why} after {reader.Records} records") : Result(TransferOutcome.Unreachable, e.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : why);
        }
        finally
        {
            run.Signatures?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }

        TransferResult Result(TransferOutcome outcome, string? why) => new(outcome, reader.Soa, reader.Records, run.Bytes, time.GetElapsedTime(began), why);
    }

    async Task<(TransferOutcome, string?)> ConverseAsync(Socket socket, ushort id, Run run)
    {
        Patience(run);
        await socket.ConnectAsync(run.Request.Server, run.Quiet.Token).ConfigureAwait(false);
        run.Connected = true;
        for (var query = run.Buffer.AsMemory(0, WriteQuery(id, run)); !query.IsEmpty;)
            query = query[await socket.SendAsync(query, SocketFlags.None, run.Quiet.Token).ConfigureAwait(false)..];
        while (true)
        {
            Patience(run);
            if (!await TcpAsk.ReceiveAsync(socket, run.Buffer.AsMemory(0, 2), run.Quiet.Token).ConfigureAwait(false))
                return (TransferOutcome.Cut, $"connection closed after {run.Reader.Records} records");
            var size = BinaryPrimitives.ReadUInt16BigEndian(run.Buffer);
            run.Bytes += 2 + size;
            if (run.Bytes > run.Request.Limits.Bytes)
                return (TransferOutcome.TooLarge, $"more than {run.Request.Limits.Bytes} octets");
            if (!await TcpAsk.ReceiveAsync(socket, run.Buffer.AsMemory(0, size), run.Quiet.Token).ConfigureAwait(false))
                return (TransferOutcome.Cut, $"connection closed in the middle of a message, after {run.Reader.Records} records");
            if (Take(run.Buffer.AsSpan(0, size), run) is { } ended)
                return ended;
        }
    }

    /// <summary>Null: it goes on.</summary>
    (TransferOutcome, string?)? Take(ReadOnlySpan<byte> message, Run run)
    {
        // What is not signed as it must be is not even looked at.
        if (run.Signatures is { } signatures && Signature.Complaint(signatures, message, time) is { } wrong)
        {
            // PowerDNS refuses a bad signature without a TSIG record, others a zone or an address that is not allowed: anyone can say that, and it ends only this.
            return (TransferOutcome.Unsigned, DnsHeader.TryRead(message, out var header) && header is { RcodeBits: not 0, Answers: 0, Additionals: 0 }
                ? $"{DnsWords.Of((DnsRcode)header.RcodeBits)}, not signed: the server may not have the key, or another secret"
                : $"{wrong}, after {run.Reader.Records} records");
        }

        var reading = run.Reader.Read(message);
        if (reading is TransferReading.Done or TransferReading.UpToDate && run.Signatures is { Unsigned: > 0 })
            return (TransferOutcome.Unsigned, "TSIG: the last message is not signed");
        return reading switch
        {
            TransferReading.More => null,
            TransferReading.Done => (run.Reader.Form == TransferForm.Full ? TransferOutcome.Full : TransferOutcome.Differences, null),
            TransferReading.UpToDate => (TransferOutcome.UpToDate, null),
            TransferReading.Refused => (TransferOutcome.Refused, run.Reader.Why),
            TransferReading.Older => (TransferOutcome.Older, run.Reader.Why),
            TransferReading.TooMany => (TransferOutcome.TooLarge, run.Reader.Why),
            _ => (TransferOutcome.Broken, run.Reader.Why),
        };
    }

    int WriteQuery(ushort id, Run run)
    {
        var message = run.Buffer.AsSpan(2);
        var length = TransferQuery.Write(message, id, run.Request.Zone, run.Request.Have);
        if (run.Request.Key is { } key)
        {
            Tsig.TrySignRequest(message, ref length, key, time.GetUtcNow().ToUnixTimeSeconds(), out var signed);
            run.Signatures = new TsigStream(signed);
        }

        BinaryPrimitives.WriteUInt16BigEndian(run.Buffer, (ushort)length);
        return 2 + length;
    }

    /// <summary>The clock of silence is set back by a whole message only, and never beyond the end of all.</summary>
    void Patience(Run run)
    {
        var left = run.Request.Limits.Total - time.GetElapsedTime(run.Began);
        var wait = left < run.Request.Limits.Idle ? left : run.Request.Limits.Idle;
        run.TotalEndsFirst = left <= run.Request.Limits.Idle;
        run.Quiet.CancelAfter(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    /// <summary>One connection's state.</summary>
    sealed class Run(TransferRequest request, TransferReader reader, CancellationTokenSource quiet, byte[] buffer, long began)
    {
        public TransferRequest Request => request;

        public TransferReader Reader => reader;

        public CancellationTokenSource Quiet => quiet;

        public byte[] Buffer => buffer;

        public long Began => began;

        public bool Connected { get; set; }

        /// <summary>What ends the wait under way is the bound on all, not that on silence.</summary>
        public bool TotalEndsFirst { get; set; }

        public long Bytes { get; set; }

        /// <summary>Null: the query was not signed.</summary>
        public TsigStream? Signatures { get; set; }
    }
}
