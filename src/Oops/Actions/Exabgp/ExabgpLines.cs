using System.Text;

namespace Oops.Actions.Exabgp;

/// <summary>Cuts ExaBGP's bytes into lines, which arrive in any pieces and are bounded.</summary>
internal sealed class ExabgpLines
{
    public const int LineLimit = 16 * 1024;
    public const int AnswerLimit = 32 * 1024 * 1024;

    readonly byte[] buffer = new byte[LineLimit + 1];
    int start;
    int end;
    int total;

    /// <summary>What was wrong with the bytes.</summary>
    public string? Error { get; private set; }

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Free()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        return buffer.AsMemory(end);
    }

    public void Filled(int count)
    {
        end += count;
        total += count;
    }

    /// <summary>The next whole line, or null: more bytes are needed, or <see cref="Error"/>.</summary>
    public string? Next()
    {
        var rest = buffer.AsSpan(start, end - start);
        var length = rest.IndexOf((byte)'\n');
        if (total > AnswerLimit) Error = "an answer of more than 32 MiB";
        else if (length < 0 && rest.Length > LineLimit) Error = "a line of more than 16 KiB";
        if (length < 0 || Error is not null) return null;
        start += length + 1;
        return Text(rest[..length]);
    }

    public static ExabgpWord WordOf(string line) => line switch
    {
        "done" => ExabgpWord.Done,
        "error" => ExabgpWord.Error,
        _ => line.StartsWith("Peer ", StringComparison.Ordinal) ? ExabgpWord.Heading : ExabgpWord.Text,
    };

    /// <summary>Texts go into reasons and logs: no control characters.</summary>
    static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 ? text : string.Concat(text.Select(c => c < ' ' ? ' ' : c));
    }
}
