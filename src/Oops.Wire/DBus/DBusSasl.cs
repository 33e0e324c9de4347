namespace Oops.Wire.DBus;

/// <summary>What a server's line says during authentication.</summary>
public enum DBusSaslKind : byte
{
    /// <summary>Not a line of the protocol.</summary>
    Other,

    /// <summary>Authenticated; the argument is the server's GUID.</summary>
    Ok,

    /// <summary>Not with this mechanism; the argument lists those that are possible.</summary>
    Rejected,

    /// <summary>A challenge.</summary>
    Data,

    Error,
}

/// <summary>The lines before the first message, mechanism EXTERNAL: the kernel tells the server who we are. D-Bus specification, "Authentication Protocol".</summary>
public static class DBusSasl
{
    /// <summary>Longest line of a server that is read, in bytes without its end.</summary>
    public const int MaxLine = 1024;

    /// <summary>
    /// The first bytes of a client: the NUL byte, and no claim who we are. The server takes the socket's credentials, so that a user whom
    /// only our side of a container knows is not refused for a number.
    /// </summary>
    public static ReadOnlySpan<byte> External => "\0AUTH EXTERNAL\r\n"u8;

    /// <summary>The empty answer to the challenge that follows: "as the socket says".</summary>
    public static ReadOnlySpan<byte> AsTheSocketSays => "DATA\r\n"u8;

    /// <summary>Sent after OK; messages follow.</summary>
    public static ReadOnlySpan<byte> Begin => "BEGIN\r\n"u8;

    /// <summary>Sent to end a failed authentication.</summary>
    public static ReadOnlySpan<byte> Cancel => "CANCEL\r\n"u8;

    /// <summary>Finds the first line. True: it is complete. False: more bytes are needed, or, when <paramref name="tooLong"/>, will not help.</summary>
    /// <param name="bytes">What was received so far.</param>
    /// <param name="line">The line without its CR LF.</param>
    /// <param name="consumed">Bytes of the line with its end.</param>
    /// <param name="tooLong">No end of line within <see cref="MaxLine"/>.</param>
    public static bool TryLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line, out int consumed, out bool tooLong)
    {
        var end = bytes.IndexOf("\r\n"u8);
        tooLong = end < 0 ? bytes.Length > MaxLine + 1 : end > MaxLine;
        var found = end >= 0 && !tooLong;
        line = found ? bytes[..end] : default;
        consumed = found ? end + 2 : 0;
        return found;
    }

    public static DBusSaslKind Parse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> argument)
    {
        var space = line.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        argument = space < 0 ? default : line[(space + 1)..];
        if (word.SequenceEqual("OK"u8)) return argument.Length == 32 && IsHex(argument) ? DBusSaslKind.Ok : DBusSaslKind.Other;
        if (word.SequenceEqual("REJECTED"u8)) return DBusSaslKind.Rejected;
        if (word.SequenceEqual("DATA"u8)) return DBusSaslKind.Data;
        return word.SequenceEqual("ERROR"u8) ? DBusSaslKind.Error : DBusSaslKind.Other;
    }

    static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
            if (!char.IsAsciiHexDigit((char)b)) return false;
        return true;
    }
}
