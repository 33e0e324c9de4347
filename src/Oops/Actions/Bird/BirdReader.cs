using System.Text;

namespace Oops.Actions.Bird;

/// <summary>
/// Cuts BIRD's bytes into replies. `NNNN-text` is followed by more, `NNNN text` is the last line, ` text` continues with the code
/// before it, `+text` is an asynchronous log line. Bytes arrive in any pieces; a reply that exceeds the bounds, or is no reply at all, is an error.
/// </summary>
internal sealed class BirdReader
{
    public const int LineLimit = 64 * 1024;
    public const int ReplyLimit = 8 * 1024 * 1024;

    readonly List<BirdLine> lines = [];
    byte[] buffer = new byte[4096];
    int start;
    int end;
    int total;

    /// <summary>What was wrong with the bytes; the connection is of no use any more.</summary>
    public string? Error { get; private set; }

    /// <summary>Something of the next reply is already here.</summary>
    public bool HasPartial => total > 0 || end > start;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Free()
    {
        if (start == end)
            start = end = 0;
        if (end == buffer.Length && start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        if (end == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);
        return buffer.AsMemory(end);
    }

    public void Filled(int count) => end += count;

    /// <summary>The next complete reply, or null: more bytes are needed, or <see cref="Error"/>.</summary>
    public BirdReply? Next()
    {
        while (Error is null)
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(start, end - start);
            int length = rest.IndexOf((byte)'\n');
            if (length > LineLimit || (length < 0 && rest.Length > LineLimit))
                return Fail("a line of more than 64 KiB");
            if (length < 0)
                return null;
            start += length + 1;
            total += length + 1;
            if (total > ReplyLimit)
                return Fail("a reply of more than 8 MiB");
            if (Take(rest[..length]) is { } reply)
                return reply;
        }
        return null;
    }

    BirdReply? Take(ReadOnlySpan<byte> line)
    {
        if (line.Length > 0 && line[0] == '+')
            return null;
        if (line.Length > 0 && line[0] == ' ' && lines.Count > 0)
        {
            lines.Add(new BirdLine(lines[^1].Code, Text(line[1..])));
            return null;
        }
        if (line.Length < 5 || !Code(line, out int code) || line[4] is not ((byte)' ' or (byte)'-'))
            return Fail("something that is not BIRD's protocol");
        lines.Add(new BirdLine(code, Text(line[5..])));
        if (line[4] == '-')
            return null;
        var reply = new BirdReply(code, lines[^1].Text, [.. lines]);
        lines.Clear();
        total = 0;
        return reply;
    }

    BirdReply? Fail(string error)
    {
        Error = error;
        return null;
    }

    static bool Code(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        for (int i = 0; i < 4; i++)
        {
            if (line[i] is < (byte)'0' or > (byte)'9')
                return false;
            code = code * 10 + (line[i] - '0');
        }
        return true;
    }

    /// <summary>Texts go into reasons and logs: no control characters.</summary>
    static string Text(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 ? text : string.Concat(text.Select(c => c < ' ' ? ' ' : c));
    }
}
