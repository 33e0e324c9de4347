namespace Oops.Servers;

/// <summary>How an answer on a control socket was none.</summary>
internal enum LineFault
{
    /// <summary>Nobody listens, or the way there is barred.</summary>
    Unreached,

    /// <summary>Nothing came in time.</summary>
    Silent,

    /// <summary>It ended before its end.</summary>
    Cut,

    /// <summary>It is not in the format that the command has.</summary>
    Garbled,

    /// <summary>It is longer than any answer to the command.</summary>
    TooLong,

    /// <summary>The server says that it is in error.</summary>
    Error,

    /// <summary>The certificates do not fit, or it does not speak TLS.</summary>
    Tls,
    Last = Tls,
}
