using System.Buffers.Binary;
using Oops.Dns;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Actions.Update;

/// <summary>What came of asking the server.</summary>
/// <param name="Message">The answer; null: see why.</param>
/// <param name="Why">In words; terminal-safe.</param>
internal readonly record struct Answered(byte[]? Message, string Why = "");

/// <summary>A connection to the server that takes updates: one message after the other, each signed if there is a key, and then each answer must be, too.</summary>
internal sealed class UpdateLink(Primary server, TsigKey? key, TimeSpan patience, TimeProvider time) : IDisposable
{
    readonly MessageStream connection = new();

    /// <summary>Null: it is connected. Else why not.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<string?> OpenAsync(CancellationToken stop)
    {
        var judge = server.Tls is { } proof ? new TlsJudge(proof) : null;
        return await GuardAsync(judge, async deadline =>
        {
            await connection.ConnectAsync(server.Address, deadline).ConfigureAwait(false);
            return judge is null ? null : await connection.SecureAsync(judge, time, deadline).ConfigureAwait(false);
        }, stop).ConfigureAwait(false);
    }

    /// <summary>Sends a message and waits for its answer.</summary>
    /// <param name="write">Writes it, with that number; how many octets it has, 0 if there is not the room.</param>
    /// <param name="id">Told back by the answer.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<Answered> AskAsync(WriteMessage write, ushort id, CancellationToken stop)
    {
        var buffer = new byte[sizeof(ushort) + ushort.MaxValue];
        var length = write(buffer.AsSpan(sizeof(ushort), ushort.MaxValue - Tsig.MaxSize), id);
        if (length == 0)
            return new(null, "a record is too large for an UPDATE");
        var signed = new TsigContext();
        if (key is not null)
            Tsig.TrySignRequest(buffer.AsSpan(sizeof(ushort)), ref length, key, time.GetUtcNow().ToUnixTimeSeconds(), out signed);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        byte[]? answer = null;
        var why = await GuardAsync(null, async deadline =>
        {
            await connection.SendAsync(buffer.AsMemory(0, sizeof(ushort) + length), deadline).ConfigureAwait(false);
            while (answer is null)
            {
                while (!connection.HasMessage)
                {
                    if (!await connection.FillAsync(deadline).ConfigureAwait(false))
                        return "the connection was closed before the answer";
                }

                answer = Next(id);
            }

            return key is null ? null : Signature.Complaint(answer, signed, time);
        }, stop).ConfigureAwait(false);
        if (why is null)
            return new(answer);
        // Who refuses a key that it does not know may do so without a signature.
        return new(null, answer is not null && DnsHeader.TryRead(answer, out var header) && header.RcodeBits != 0 ? $"{DnsWords.Of((DnsRcode)header.RcodeBits)}, not signed ({why})" : why);
    }

    public void Dispose() => connection.Dispose();

    /// <summary>The next message, if it is the answer; what else came is passed over.</summary>
    byte[]? Next(ushort id) => connection.TryNext(out var message) && DnsHeader.TryRead(message, out var header) && header.IsResponse && header.Id == id ? message.ToArray() : null;

    Task<string?> GuardAsync(TlsJudge? judge, Func<CancellationToken, Task<string?>> run, CancellationToken stop) => Bounded.RunAsync(patience, time, judge, run, stop);
}

/// <summary>Writes a message with that number; how many octets it has.</summary>
internal delegate int WriteMessage(Span<byte> buffer, ushort id);
