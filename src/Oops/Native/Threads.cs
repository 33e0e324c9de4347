namespace Oops.Native;

/// <summary>
/// Threads that are there before they are needed. Where the limit of threads is reached (RLIMIT_NPROC, the unit's TasksMax=), pthread_create(3) fails with EAGAIN and the runtime throws: also
/// where it wanted a thread for its own pool, and there nobody catches it, so the daemon would end.
/// </summary>
internal static class Threads
{
    /// <summary>How many the pool has, never fewer and never more: see Oops.csproj. They wait for descriptors and answers, so this does not grow with the machine; what takes long or may hang takes at most one of them.</summary>
    public const int OfPool = 8;

    /// <summary>Makes all threads of the pool: each waits until the last is there.</summary>
    public static async Task FillPoolAsync()
    {
        using var all = new CountdownEvent(OfPool);
        await Task.WhenAll(Enumerable.Range(0, OfPool).Select(_ => Task.Run(() =>
        {
            all.Signal();
            all.Wait();
        }))).ConfigureAwait(false);
    }

    /// <summary>Starts a background thread that never ends. False: there is none to be had now.</summary>
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
