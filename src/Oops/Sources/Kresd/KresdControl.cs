using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Oops.Servers;
using Oops.Wire.Text;

namespace Oops.Sources.Kresd;

/// <summary>What came of asking one kresd.</summary>
/// <param name="Version">"5.6.0"; null: there is no answer.</param>
/// <param name="Queries">Queries of clients since its start; null: it does not count them.</param>
/// <param name="Pid">The process that listens; null when it cannot be seen.</param>
/// <param name="Why">One line, when there is no answer.</param>
/// <param name="Nobody">Nobody listens there: a fact that the kernel states.</param>
internal readonly record struct KresdAnswer(string? Version, long? Queries, int? Pid, string Why = "", bool Nobody = false);

/// <summary>
/// Asks one kresd on its control socket, which takes any Lua: so all that is ever sent is one fixed expression, which reads and changes nothing. After the line `__binary` an answer is its length
/// (four octets, big endian) and a text; the first prompt, "> ", comes before it.
/// </summary>
internal static class KresdControl
{
    /// <summary>A longer answer is none.</summary>
    public const int LongestAnswer = 4096;

    const int LengthOctets = 4;

    // `stats` is a module, which can be absent; those of its counters that a version does not have are nil.
    static readonly byte[] Question =
        "__binary\npackage_version() .. ' ' .. tostring(stats and stats.get('request.total') and stats.get('request.total') - (stats.get('request.internal') or 0) or -1)\n"u8.ToArray();

    /// <summary>Asks once; bounded by the timeout as a whole.</summary>
    public static async ValueTask<KresdAnswer> AskAsync(string path, TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            var (connected, unreached, nobody) = await ControlSocket.ConnectAsync(path, "the group `knot-resolver`", both.Token);
            if (connected is null) return Fail(unreached, nobody);
            using var socket = connected;
            for (var sent = 0; sent < Question.Length;)
                sent += await socket.SendAsync(Question.AsMemory(sent), SocketFlags.None, both.Token);
            return await ReadAsync(socket, path, ControlSocket.PeerPid(socket), both.Token);
        }
        catch (SocketException e)
        {
            return Fail($"{e.Message} at {path}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Fail(string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.#} s at {path}"));
        }
    }

    /// <summary>Reads what has come so far. Null: it is not all. An answer without a version says why it is none.</summary>
    internal static KresdAnswer? Read(ReadOnlySpan<byte> come)
    {
        if (come is [(byte)'>', (byte)' ', .. var rest]) come = rest;
        else if (come is [] or [(byte)'>']) return null;
        if (come.Length < LengthOctets) return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(come);
        if (length > LongestAnswer) return Fail("not the answer of a control socket");
        var text = come[LengthOctets..];
        if (text.Length < length) return null;
        text = text[..(int)length].Trim((byte)'\'');
        var blank = text.IndexOf((byte)' ');
        // An error of its Lua is a text, too.
        if (blank <= 0 || text[0] is not (>= (byte)'0' and <= (byte)'9') || !long.TryParse(text[(blank + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var queries))
            return Fail($"an answer that is not understood: {PrintableText.Of(text)}");
        return new(PrintableText.Of(text[..blank]), queries < 0 ? null : queries, null);
    }

    static async ValueTask<KresdAnswer> ReadAsync(Socket socket, string path, int? pid, CancellationToken stop)
    {
        var chunk = new byte[LongestAnswer + 16];
        var come = 0;
        while (come < chunk.Length)
        {
            var got = await socket.ReceiveAsync(chunk.AsMemory(come), SocketFlags.None, stop);
            if (got == 0) return Fail($"the server closed the session within an answer at {path}");
            come += got;
            if (Read(chunk.AsSpan(0, come)) is { } answer) return answer.Version is null ? answer with { Why = $"{answer.Why}, at {path}" } : answer with { Pid = pid };
        }

        return Fail($"not the answer of a control socket, at {path}");
    }

    static KresdAnswer Fail(string why, bool nobody = false) => new(null, null, null, $"kresd: {why}", nobody);
}
