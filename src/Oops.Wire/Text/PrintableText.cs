namespace Oops.Wire.Text;

/// <summary>What a peer says, as it may stand in reasons and logs.</summary>
public static class PrintableText
{
    /// <summary>Octets that are kept.</summary>
    const int Longest = 200;

    /// <summary>One line of printable ASCII, of bounded length; any other octet is a question mark.</summary>
    public static string Of(ReadOnlySpan<byte> text)
    {
        if (text.Length > Longest) text = text[..Longest];
        return string.Create(text.Length, text, static (chars, bytes) =>
        {
            for (var i = 0; i < chars.Length; i++) chars[i] = bytes[i] is >= 0x20 and < 0x7f ? (char)bytes[i] : '?';
        });
    }
}
