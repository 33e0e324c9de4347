namespace Oops.Wire.SdNotify;

/// <summary>What a datagram to NOTIFY_SOCKET says of a service's state (sd_notify(3)); of several words the one that is worst for its users.</summary>
public enum SdNotifyState : byte
{
    /// <summary>Nothing: a status text, a watchdog's keep-alive, a barrier, or no such datagram at all.</summary>
    None,

    /// <summary>READY=1: started, or a reload is over, well or not.</summary>
    Ready,

    /// <summary>RELOADING=1.</summary>
    Reloading,

    /// <summary>STOPPING=1: the shutdown begins.</summary>
    Stopping,
}

/// <summary>Reads such datagrams: lines of NAME=VALUE.</summary>
public static class SdNotifyCodec
{
    /// <summary>The longest that systemd reads (NOTIFY_BUFFER_MAX, a PIPE_BUF); it passes over longer ones.</summary>
    public const int LongestRead = 4096;

    public static SdNotifyState Read(ReadOnlySpan<byte> datagram)
    {
        // systemd allows one NUL at the end, and takes nothing that has one inside.
        if (datagram.EndsWith((byte)0)) datagram = datagram[..^1];
        if (datagram.Contains((byte)0)) return SdNotifyState.None;
        var state = SdNotifyState.None;
        while (!datagram.IsEmpty)
        {
            var end = datagram.IndexOf((byte)'\n');
            var word = Word(end < 0 ? datagram : datagram[..end]);
            if (word > state) state = word;
            datagram = end < 0 ? default : datagram[(end + 1)..];
        }

        return state;
    }

    static SdNotifyState Word(ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual("STOPPING=1"u8)) return SdNotifyState.Stopping;
        if (line.SequenceEqual("RELOADING=1"u8)) return SdNotifyState.Reloading;
        return line.SequenceEqual("READY=1"u8) ? SdNotifyState.Ready : SdNotifyState.None;
    }
}
