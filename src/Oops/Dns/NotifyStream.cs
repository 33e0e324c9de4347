using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>NOTIFYs to one server over TCP: many are under way at a time, and answered in any order (RFC 7766, 6.2.1.1). When the server ends the connection after some of them, another one goes on.</summary>
internal sealed class NotifyStream(IPEndPoint to, TsigKey? key, DnsType type, TimeSpan timeout, TimeProvider time)
{
    /// <summary>NOTIFYs without an answer yet at most.</summary>
    const int Window = 64;

    /// <summary>Connections in a row that give nothing before it is given up.</summary>
    const int MostFruitless = 3;

    const string Silent = "silent";

    // What one connection may have under way: a server that ends it early resets it, and what it answered is lost with what it did not read.
    int window = Window;

    /// <param name="zones">What has changed; as texts, for there may be a million.</param>
    /// <param name="told">What came of each, by its place.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task RunAsync(IReadOnlyList<string> zones, Action<int, NotifyAnswer> told, CancellationToken stop)
    {
        var left = new Queue<int>(Enumerable.Range(0, zones.Count));
        var (why, fruitless) = ("", 0);
        while (left.Count > 0 && fruitless < MostFruitless)
        {
            var before = left.Count;
            var unanswered = new Dictionary<ushort, (int Zone, TsigContext Signed)>();
            why = await ConverseAsync(zones, left, unanswered, told, stop).ConfigureAwait(false);
            foreach (var (zone, _) in unanswered.Values)
                left.Enqueue(zone);
            window = Math.Max(1, window / 2);
            fruitless = left.Count < before ? 0 : why == Silent ? MostFruitless : fruitless + 1;
        }

        foreach (var zone in left)
            told(zone, new(null, $"no answer over TCP ({to.Address}: {why})"));
    }

    /// <summary>One connection, to its end; why it ended.</summary>
    async Task<string> ConverseAsync(IReadOnlyList<string> zones, Queue<int> left, Dictionary<ushort, (int Zone, TsigContext Signed)> unanswered, Action<int, NotifyAnswer> told, CancellationToken stop)
    {
        using var quiet = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, quiet.Token);
        using var connection = new MessageStream();
        var buffer = new byte[sizeof(ushort) + NotifyQuery.MostSize + Tsig.MaxSize];
        var next = Unpredictable.UInt16();
        try
        {
            await connection.ConnectAsync(to, either.Token).ConfigureAwait(false);
            while (left.Count > 0 || unanswered.Count > 0)
            {
                while (left.Count > 0 && unanswered.Count < window)
                {
                    var zone = left.Dequeue();
                    // So that it is among the unanswered if it cannot be sent.
                    unanswered[++next] = (zone, default);
                    var length = Write(buffer, next, NameOf(zones[zone]), out var signed);
                    unanswered[next] = (zone, signed);
                    await connection.SendAsync(buffer.AsMemory(0, length), either.Token).ConfigureAwait(false);
                }

                quiet.CancelAfter(timeout);
                if (!await connection.FillAsync(either.Token).ConfigureAwait(false))
                    return "the connection was closed";
                while (connection.TryNext(out var message))
                    Take(message, zones, unanswered, told);
            }

            return "";
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return Silent;
        }
        catch (SocketException e)
        {
            return DnsAsker.Explain(e.SocketErrorCode).Why;
        }
    }

    int Write(byte[] buffer, ushort id, in DnsName zone, out TsigContext signed)
    {
        var message = buffer.AsSpan(sizeof(ushort));
        var length = NotifyQuery.Write(message, id, zone, type);
        signed = default;
        if (key is not null)
            Tsig.TrySignRequest(message, ref length, key, time.GetUtcNow().ToUnixTimeSeconds(), out signed);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        return sizeof(ushort) + length;
    }

    void Take(ReadOnlySpan<byte> message, IReadOnlyList<string> zones, Dictionary<ushort, (int Zone, TsigContext Signed)> unanswered, Action<int, NotifyAnswer> told)
    {
        if (!DnsHeader.TryRead(message, out var header) || !unanswered.TryGetValue(header.Id, out var asked) || NotifyQuery.Read(message, header.Id, NameOf(zones[asked.Zone]), type) is not { } rcode)
            return;
        unanswered.Remove(header.Id);
        var complaint = key is null ? null : Signature.Complaint(message, asked.Signed, time);
        told(asked.Zone, complaint is null ? new(rcode, $"{to.Address} answered {DnsWords.Of(rcode)}") : new(null, $"{to.Address} answered {DnsWords.Of(rcode)}, not signed ({complaint})"));
    }

    /// <summary>What a text of a zone names; it has been looked at before.</summary>
    internal static DnsName NameOf(string zone) => DnsName.TryParse(zone, out var name) ? name : throw new ArgumentException($"no domain name: {zone}");
}
