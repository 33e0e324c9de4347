using Oops.Native;

namespace Oops.Sources.SdNotify;

/// <summary>
/// Sends datagrams on, in their order and as from their senders. It never blocks: what the other side does not take waits here, so many and so long, and is then lost and counted.
/// Descriptors are closed as soon as they are sent or lost: who waits for that (BARRIER=1) waits no longer than that.
/// </summary>
internal sealed class SdNotifyForward(string to, SdNotifyCounts counts) : IDisposable
{
    /// <summary>Datagrams that wait.</summary>
    public const int MostWaiting = 64;

    /// <summary>The longest that one waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    const int NotPermitted = 1;

    readonly DatagramSocket socket = new();
    readonly Queue<Waiting> waiting = [];

    readonly record struct Waiting(byte[] Bytes, int Pid, Descriptor[] Files, long Until);

    public bool IsWaiting => waiting.Count > 0;

    /// <summary>Why nothing can be sent in another process's name, or null.</summary>
    public static string? Hindrance()
    {
        using var here = new DatagramSocket();
        using var there = new DatagramSocket();
        var name = $"@oops-{Environment.ProcessId}-{Unpredictable.UInt16()}";
        // Process 1 is always there, and is never us in earnest.
        if (there.Bind(name) is { } unbound) return unbound;
        var errno = here.Send("\n"u8, name, pid: 1, []);
        return errno == NotPermitted ? "it may not send as from another process: CAP_SYS_ADMIN is missing" : errno == 0 ? null : Errno.Say("it cannot send as from another process", errno);
    }

    /// <summary>Sends it, or keeps it for <see cref="Again"/>.</summary>
    public void Send(ReadOnlySpan<byte> bytes, in Datagram datagram, long now)
    {
        // Those before it go first.
        var errno = waiting.Count > 0 ? Errno.Again : socket.Send(bytes, to, datagram.Pid, datagram.Files);
        if (errno == Errno.Again && waiting.Count < MostWaiting)
        {
            waiting.Enqueue(new(bytes.ToArray(), datagram.Pid, datagram.Files, now + (long)Patience.TotalMilliseconds));
            return;
        }

        Done(errno, datagram.Files);
    }

    /// <summary>Tries those that wait.</summary>
    public void Again(long now)
    {
        while (waiting.TryPeek(out var first))
        {
            var errno = socket.Send(first.Bytes, to, first.Pid, first.Files);
            if (errno == Errno.Again && now < first.Until) return;
            waiting.Dequeue();
            Done(errno, first.Files);
        }
    }

    public void Dispose()
    {
        while (waiting.TryDequeue(out var left)) Done(Errno.Again, left.Files);
        socket.Dispose();
    }

    void Done(int errno, Descriptor[] files)
    {
        Close(files);
        if (errno == 0) counts.Forwarded();
        else counts.Lost();
    }

    public static void Close(Descriptor[] files)
    {
        foreach (var file in files) file.Dispose();
    }
}
