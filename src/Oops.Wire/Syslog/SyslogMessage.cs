using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Oops.Wire.Syslog;

/// <summary>How bad it is (RFC 5424, table 2).</summary>
public enum SyslogSeverity : byte { Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug }

/// <summary>Who says so (RFC 5424, table 1).</summary>
public enum SyslogFacility : byte { Kern, User, Mail, Daemon, Auth, Syslog, Lpr, News, Uucp, Cron, Authpriv, Ftp, Local0 = 16, Local1, Local2, Local3, Local4, Local5, Local6, Local7 }

/// <summary>One message to a syslog receiver (RFC 5424, 6).</summary>
public sealed record SyslogMessage
{
    /// <summary>What every receiver over TLS should take (RFC 5425, 4.3.1); and what one over UDP should (RFC 5426, 3.2).</summary>
    public const int LongestStream = 8192, LongestDatagram = 2048;

    /// <summary>All that can stand before the text but structured data.</summary>
    public const int LongestHead = 600;

    const int LongestHost = 255, LongestApp = 48, LongestProcess = 128, LongestId = 32, LongestName = 32;

    public required SyslogFacility Facility { get; init; }

    public required SyslogSeverity Severity { get; init; }

    /// <summary>Null: not known.</summary>
    public DateTimeOffset? Time { get; init; }

    public required string Host { get; init; }

    public required string App { get; init; }

    public required string Process { get; init; }

    /// <summary>Of which kind of message it is one.</summary>
    public required string Id { get; init; }

    /// <summary>What the parameters are of: `oops@32473`; empty: there are none.</summary>
    public string Element { get; init; } = "";

    public IReadOnlyList<(string Name, string Value)> Parameters { get; init; } = [];

    public required string Text { get; init; }

    /// <summary>The octets of it, <paramref name="longest"/> at most: the text is cut first, and then the parameters that do not fit any more are left out, the last ones first.</summary>
    public byte[] Write(int longest)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"<{((int)Facility * 8) + (int)Severity}>1 {Stamp()} {Word(Host, LongestHost)} {Word(App, LongestApp)} {Word(Process, LongestProcess)} {Word(Id, LongestId)} ");
        var element = Structured(longest - head.Length);
        var start = Encoding.UTF8.GetBytes(head.Append(element).ToString());
        // The mark says that it is UTF-8; without, no more than ASCII is promised, and no receiver shows it as three odd letters (6.4).
        byte[] mark = Ascii.IsValid(Text) ? " "u8.ToArray() : [0x20, 0xEF, 0xBB, 0xBF];
        var text = Cut(Text, longest - start.Length - mark.Length);
        return text.Length == 0 ? start : [.. start, .. mark, .. text];
    }

    /// <summary>With its length before it, as it goes over a connection (RFC 5425, 4.3; RFC 6587, 3.4.1).</summary>
    public static byte[] Framed(ReadOnlySpan<byte> message)
    {
        Span<byte> length = stackalloc byte[11];
        Utf8Formatter.TryFormat(message.Length, length, out var digits);
        length[digits++] = (byte)' ';
        return [.. length[..digits], .. message];
    }

    /// <summary>As many of the parameters as there is room for, in octets; "-" if there are none.</summary>
    string Structured(int room)
    {
        var text = new StringBuilder("[").Append(Name(Element));
        var octets = text.Length + 1;
        var any = false;
        foreach (var (name, value) in Element.Length > 0 ? Parameters : [])
        {
            var parameter = $" {Name(name)}=\"{Escaped(value)}\"";
            octets += Encoding.UTF8.GetByteCount(parameter);
            if (octets > room)
                break;
            text.Append(parameter);
            any = true;
        }

        return any ? text.Append(']').ToString() : "-";
    }

    string Stamp() => Time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>Printable ASCII without blanks; "-" if there is nothing.</summary>
    static string Word(string text, int longest) => text.Length == 0 ? "-" : string.Concat(text.Take(longest).Select(static c => c is > ' ' and <= '~' ? c : '?'));

    static string Name(string text) => string.Concat(text.Take(LongestName).Select(static c => c is > ' ' and <= '~' and not '=' and not ']' and not '"' ? c : '?'));

    /// <summary>RFC 5424, 6.3.3. Control characters are no text of ours: whoever tells them has written them out.</summary>
    static string Escaped(string value)
    {
        if (!value.AsSpan().ContainsAny('"', '\\', ']'))
            return value;
        var text = new StringBuilder(value.Length + 8);
        foreach (var c in value)
            _ = c is '"' or '\\' or ']' ? text.Append('\\').Append(c) : text.Append(c);
        return text.ToString();
    }

    /// <summary>As many whole characters as fit; what is cut off shows.</summary>
    static byte[] Cut(string text, int room)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        if (octets.Length <= room)
            return octets;
        const int Dots = 3;
        var end = room - Dots;
        if (end <= 0)
            return [];
        while (end > 0 && (octets[end] & 0xC0) == 0x80)
            end--;
        return [.. octets[..end], .. "..."u8];
    }
}
