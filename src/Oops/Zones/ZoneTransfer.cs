using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Config;
using Oops.Dns;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Zones;

/// <summary>
/// Transfers a zone over TCP or TLS (RFC 9103): IXFR (RFC 1995) where a version is had, with AXFR (RFC 5936) where that fails, AXFR else. Each call has connections of its own and no state stays; the records go to a sink
/// while they come, and count only if the result says so.
/// </summary>
internal sealed class ZoneTransfer(TimeProvider time)
{
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<TransferResult> RunAsync(TransferRequest request, ITransferSink sink, CancellationToken stop)
    {
        request = request with { Since = request.Since ?? time.GetTimestamp() };
        var result = request.Whole ? null : await OnceAsync(request, request.Have, sink, stop).ConfigureAwait(false);
        if (result is not null && (request.Have is null || !MayHaveAll(result.Outcome) || result.TookAll || Left(request) <= TimeSpan.Zero))
            return result;
        var all = await OnceAsync(request, null, sink, stop).ConfigureAwait(false);
        // The server's serial may have gone backwards between the two, and whoever has a version wants no older one.
        if (all.Outcome == TransferOutcome.Full && all.Soa is { } soa && request.Have is { } have && soa.Serial != have && !Serial.IsNewer(soa.Serial, have))
            all = all with { Outcome = TransferOutcome.Older, Why = string.Create(CultureInfo.InvariantCulture, $"serial {soa.Serial} at the server is older than {have}, which is had") };
        return all with { Fallback = result?.Why };
    }

    /// <summary>Servers refuse IXFR in many ways (RFC 1995, 2 and 5): FORMERR, NOTIMP, REFUSED, a closed connection, a wrong answer. What is wrong with our key or with a size is wrong with AXFR too.</summary>
    static bool MayHaveAll(TransferOutcome outcome) => outcome is TransferOutcome.Refused or TransferOutcome.Cut or TransferOutcome.TimedOut or TransferOutcome.Broken;

    async Task<TransferResult> OnceAsync(TransferRequest request, uint? have, ITransferSink sink, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var began = time.GetTimestamp();
        var id = Unpredictable.UInt16();
        var reader = new TransferReader(request.Zone, id, have, request.Limits.Records, sink);
        using var quiet = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var stopping = stop.UnsafeRegister(static q => ((CancellationTokenSource)q!).Cancel(), quiet);
        using var connection = new MessageStream();
        var run = new Run(request, reader, sink, quiet, connection);
        try
        {
            var (outcome, why) = await ConverseAsync(id, have, run).ConfigureAwait(false);
            return Result(outcome, why);
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return run.TotalEndsFirst
                ? Result(TransferOutcome.TimedOut, $"not over after {Duration.Format(request.Limits.Total)}; {reader.Records} records had come") with { TookAll = true }
                : Result(run.Stage == Stage.Open ? TransferOutcome.TimedOut : TransferOutcome.Unreachable, $"{run.Stage switch
                {
                    Stage.Connecting => "no connection within ",
                    Stage.Greeting => "TLS: no end of the handshake within ",
                    _ => "silent for ",
                }}{Duration.Format(request.Limits.Idle)}{(run.Stage == Stage.Open ? $" after {reader.Records} records" : "")}");
        }
        catch (Exception e) when (e is SocketException or { InnerException: SocketException })
        {
            var error = (e as SocketException ?? (SocketException)e.InnerException!).SocketErrorCode;
            var (_, why) = DnsAsker.Explain(error);
            return run.Stage switch
            {
                Stage.Connecting => Result(TransferOutcome.Unreachable, error == SocketError.ConnectionRefused ? "connection refused" : why),
                Stage.Greeting => Result(TransferOutcome.Unreachable, $"TLS: {why}"),
                _ => Result(TransferOutcome.Cut, $"{why} after {reader.Records} records"),
            };
        }
        catch (Exception e) when (run.Stage == Stage.Greeting)
        {
            return Result(run.Judge!.Complaint is null ? TransferOutcome.Unreachable : TransferOutcome.Untrusted, run.Judge.Words(e));
        }
        catch (Exception e) when (run.Judge is not null && e is IOException or AuthenticationException)
        {
            return Result(TransferOutcome.Cut, $"{run.Judge!.Words(e)}, after {reader.Records} records");
        }
        finally
        {
            run.Signatures?.Dispose();
        }

        TransferResult Result(TransferOutcome outcome, string? why) => new(outcome, reader.Soa, reader.Records, run.Bytes, time.GetElapsedTime(began), why);
    }

    async Task<(TransferOutcome, string?)> ConverseAsync(ushort id, uint? have, Run run)
    {
        Patience(run);
        await run.Connection.ConnectAsync(run.Request.Server, run.Quiet.Token).ConfigureAwait(false);
        if (run.Request.Tls is { } proof && await GreetAsync(proof, run).ConfigureAwait(false) is { } unusable)
            return (TransferOutcome.Untrusted, unusable);
        run.Stage = Stage.Open;
        await run.Connection.SendAsync(Query(id, have, run), run.Quiet.Token).ConfigureAwait(false);
        while (true)
        {
            Patience(run);
            do
            {
                if (!await run.Connection.FillAsync(run.Quiet.Token).ConfigureAwait(false))
                    return (TransferOutcome.Cut, $"connection closed {(run.Connection.IsWithinMessage ? "in the middle of a message, " : "")}after {run.Reader.Records} records");
            }
            while (!run.Connection.HasMessage);
            if (TakeAll(run) is { } ended)
                return ended;
        }
    }

    /// <summary>Begins TLS; what is wrong with our own files is returned, and what is wrong with the peer throws.</summary>
    Task<string?> GreetAsync(TlsProof proof, Run run)
    {
        run.Stage = Stage.Greeting;
        Patience(run);
        return run.Connection.SecureAsync(run.Judge = new TlsJudge(proof), time, run.Quiet.Token);
    }

    /// <summary>All messages that have come. Null: it goes on.</summary>
    (TransferOutcome, string?)? TakeAll(Run run)
    {
        while (run.Connection.TryNext(out var message))
        {
            run.Bytes += 2 + message.Length;
            if (run.Bytes > run.Request.Limits.Bytes)
                return (TransferOutcome.TooLarge, $"more than {run.Request.Limits.Bytes} octets");
            if (Take(message, run) is { } ended)
                return ended;
            if (run.Sink.IsFull)
                return (TransferOutcome.TooLarge, "written out, it needs more memory than a zone may have");
        }

        return null;
    }

    /// <summary>Null: it goes on.</summary>
    (TransferOutcome, string?)? Take(ReadOnlySpan<byte> message, Run run)
    {
        // What is not signed as it must be is not even looked at.
        if (run.Signatures is { } signatures && Signature.Complaint(signatures, message, time) is { } wrong)
        {
            // PowerDNS refuses a bad signature without a TSIG record, others a zone or an address that is not allowed: anyone can say that, and it ends only this.
            return (TransferOutcome.Unsigned, DnsHeader.TryRead(message, out var header) && header is { RcodeBits: not 0, Answers: 0, Additionals: 0 }
                ? $"{DnsWords.Of((DnsRcode)header.RcodeBits)}, not signed: the server may not have the zone or the key, or another secret"
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

    ReadOnlyMemory<byte> Query(ushort id, uint? have, Run run)
    {
        var query = new byte[2 + TransferQuery.MaxSize + Tsig.MaxSize];
        var message = query.AsSpan(2);
        var length = TransferQuery.Write(message, id, run.Request.Zone, have);
        if (run.Request.Key is { } key)
        {
            Tsig.TrySignRequest(message, ref length, key, time.GetUtcNow().ToUnixTimeSeconds(), out var signed);
            run.Signatures = new TsigStream(signed);
        }

        BinaryPrimitives.WriteUInt16BigEndian(query, (ushort)length);
        return query.AsMemory(0, 2 + length);
    }

    TimeSpan Left(TransferRequest request) => request.Limits.Total - time.GetElapsedTime(request.Since!.Value);

    /// <summary>The clock of silence is set back by a whole message only, and never beyond the end of all.</summary>
    void Patience(Run run)
    {
        var left = Left(run.Request);
        var wait = left < run.Request.Limits.Idle ? left : run.Request.Limits.Idle;
        run.TotalEndsFirst = left <= run.Request.Limits.Idle;
        run.Quiet.CancelAfter(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    enum Stage
    {
        Connecting,
        Greeting,
        Open,
    }

    /// <summary>One connection's state.</summary>
    sealed class Run(TransferRequest request, TransferReader reader, ITransferSink sink, CancellationTokenSource quiet, MessageStream connection)
    {
        public TransferRequest Request => request;

        public ITransferSink Sink => sink;

        public TransferReader Reader => reader;

        public CancellationTokenSource Quiet => quiet;

        public MessageStream Connection => connection;

        public Stage Stage { get; set; }

        /// <summary>Null: not over TLS.</summary>
        public TlsJudge? Judge { get; set; }

        /// <summary>What ends the wait under way is the bound on all, not that on silence.</summary>
        public bool TotalEndsFirst { get; set; }

        public long Bytes { get; set; }

        /// <summary>Null: the query was not signed.</summary>
        public TsigStream? Signatures { get; set; }
    }
}
