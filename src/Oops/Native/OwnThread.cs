namespace Oops.Native;

/// <summary>Work that may block, as on a disk that hangs, on a thread that is made for it: the few of the pool are everything else's.</summary>
internal static class OwnThread
{
    /// <exception cref="IOException">There is no thread to be had now.</exception>
    public static Task<T> RunAsync<T>(Func<T> work, string name)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Threads.TryStart(Run, name) ? done.Task : Task.FromException<T>(new IOException("no thread is to be had now"));

        void Run()
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }
}
