namespace Oops.Wire.Dns;

/// <summary>What the COOKIE option of a response is to the client that asked (RFC 7873, 5.3).</summary>
public enum CookieAnswer
{
    /// <summary>The response has none.</summary>
    None,

    /// <summary>Not 16 to 40 octets.</summary>
    Malformed,

    /// <summary>Not with the client cookie that was sent: the response is to be discarded.</summary>
    Foreign,

    /// <summary>Our client cookie, and a server cookie to send from now on.</summary>
    Server,
}

/// <summary>The client's side of DNS cookies.</summary>
public static class ClientCookie
{
    /// <summary>Octets of the longest option: client cookie and server cookie.</summary>
    public const int MostSize = ServerCookie.ClientSize + 32;

    const int LeastSize = ServerCookie.ClientSize + 8;

    /// <summary>Reads the option of a response.</summary>
    /// <param name="option">Its data; null: there is none.</param>
    /// <param name="sent">The option of the query; its first eight octets are the client cookie.</param>
    public static CookieAnswer Read(byte[]? option, ReadOnlySpan<byte> sent)
    {
        if (option is null) return CookieAnswer.None;
        if (option.Length is < LeastSize or > MostSize) return CookieAnswer.Malformed;
        return option.AsSpan().StartsWith(sent[..ServerCookie.ClientSize]) ? CookieAnswer.Server : CookieAnswer.Foreign;
    }
}
