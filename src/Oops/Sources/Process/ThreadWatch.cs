using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>
/// A few threads of the held process, not its first one. They end within some 0.1 ms of a kill, while the process as a whole has ended only when the last thread has freed the memory: 3.5 to 5 ms for named and
/// pdns_server (Linux 6.18). A thread may also end by itself; so its end only says when to look. Where the kernel cannot hold threads (before 6.9), none are held.
/// </summary>
internal sealed class ThreadWatch(Epoll epoll, long firstToken) : IDisposable
{
    // One could end by itself, and one be the last.
    const int Most = 3;

    readonly (int Tid, Descriptor? Handle)[] held = new (int, Descriptor?)[Most];

    /// <summary>Holds others in the place of those that have ended: the oldest, which servers keep.</summary>
    public void Hold(int pid)
    {
        var free = Array.FindIndex(held, h => h.Handle is null);
        if (free < 0) return;
        foreach (var tid in Proc.ReadThreads(pid))
        {
            if (tid == pid || Array.Exists(held, h => h.Handle is not null && h.Tid == tid)) continue;
            if (Pidfd.TryOpenThread(tid) is not { } handle) return;
            held[free] = (tid, handle);
            epoll.Add(handle, EpollEvents.In, firstToken + free);
            free = Array.FindIndex(held, h => h.Handle is null);
            if (free < 0) return;
        }
    }

    /// <summary>Whether this token is that of a held thread, which then is held no more.</summary>
    public bool Ended(long token)
    {
        if (token < firstToken || token >= firstToken + Most || held[token - firstToken].Handle is null) return false;
        Drop((int)(token - firstToken));
        return true;
    }

    /// <summary>Another process, or none.</summary>
    public void Release()
    {
        for (var i = 0; i < Most; i++) Drop(i);
    }

    public void Dispose() => Release();

    void Drop(int place)
    {
        if (held[place].Handle is not { } handle) return;
        epoll.Remove(handle);
        handle.Dispose();
        held[place] = default;
    }
}
