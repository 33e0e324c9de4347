namespace Oops.Native;

/// <summary>
/// Threads that are there before they are needed. Where the limit of threads is reached (RLIMIT_NPROC, the unit's TasksMax=), pthread_create(3) fails with EAGAIN and the runtime throws: also
/// where it wanted a thread for its own pool, and there nobody catches it, so the daemon would end.
/// </summary>
internal static class Threads
{
    /// <summary>Makes all threads of the pool, as many as Oops.csproj says: each waits until the last is there.</summary>
    public static async Task FillPoolAsync()
    {
        ThreadPool.GetMinThreads(out var many, out _);
        using var all = new CountdownEvent(many);
        await Task.WhenAll(Enumerable.Range(0, many).Select(_ => Task.Run(() =>
        {
            all.Signal();
            all.Wait();
        }))).ConfigureAwait(false);
    }

    /// <summary>Starts a background thread. False: there is none to be had now.</summary>
    public static bool TryStart(ThreadStart loop, string name)
    {
        try
        {
            new Thread(loop) { Name = name, IsBackground = true }.Start();
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }
}
