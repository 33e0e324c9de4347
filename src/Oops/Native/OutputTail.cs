using System.Globalization;
using System.Text;

namespace Oops.Native;

/// <summary>
/// The last lines of a command's output, bounded however much it writes, and safe to show: control and formatting characters, which could move the cursor, retitle
/// the terminal or reverse the text, become \xNN or \uNNNN.
/// </summary>
internal sealed class OutputTail(int lines = 10, int lineLength = 512)
{
    readonly Queue<string> complete = new();
    readonly byte[] line = new byte[lineLength];
    int length;
    bool cut;

    /// <summary>Bytes seen, kept or not.</summary>
    public long Bytes { get; private set; }

    /// <summary>The last complete lines, the oldest first, and the unfinished one. Empty lines are left out; a line longer than the limit is cut, with "..." at its end.</summary>
    public string[] Lines
    {
        get
        {
            string[] kept = length > 0 ? [.. complete, Text()] : [.. complete];
            return kept.Length > lines ? kept[^lines..] : kept;
        }
    }

    /// <summary>The last line, or empty.</summary>
    public string Last => length > 0 ? Text() : complete.LastOrDefault() ?? "";

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            var fits = Math.Min(part.Length, line.Length - length);
            part[..fits].CopyTo(line.AsSpan(length));
            length += fits;
            cut |= fits < part.Length;
            if (end < 0) return;
            bytes = bytes[(end + 1)..];
            EndLine();
        }
    }

    /// <summary>Makes any text safe for a terminal and a log line.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(IsUnsafe)) return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (var c in text)
            if (!IsUnsafe(c)) safe.Append(c);
            else safe.Append(CultureInfo.InvariantCulture, $"{(c < 0x100 ? "\\x" : "\\u")}{(c < 0x100 ? ((int)c).ToString("x2", CultureInfo.InvariantCulture) : ((int)c).ToString("x4", CultureInfo.InvariantCulture))}");
        return safe.ToString();
    }

    void EndLine()
    {
        if (length > 0)
        {
            complete.Enqueue(Text());
            if (complete.Count > lines) complete.Dequeue();
        }

        length = 0;
        cut = false;
    }

    string Text() => Printable(Encoding.UTF8.GetString(line, 0, length).TrimEnd('\r')) + (cut ? "..." : "");

    // Tab is kept. Format covers the bidirectional overrides; surrogates of valid pairs pass, and GetString has made U+FFFD of the invalid.
    static bool IsUnsafe(char c) =>
        c != '\t' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
