using Oops.Native;
using Oops.Sources.Process;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Process;

public sealed class ThreadWatchTests
{
    [Fact]
    public void The_end_of_a_thread_is_told_by_the_kernel_where_it_can()
    {
        using var server = new ChildProcess("python3", "-c", "import threading, time\nfor i in range(2): threading.Thread(target=time.sleep, args=(60,)).start()");
        for (var i = 0; i < 1000 && Proc.ReadThreads(server.Pid).Count != 3; i++) Thread.Sleep(10);
        using var epoll = new Epoll();
        using var threads = new ThreadWatch(epoll, 7);
        threads.Hold(server.Pid);
        threads.Hold(server.Pid);
        server.Kill(9);
        server.WaitUntilDead();
        var ready = new EpollReady[8];
        var told = epoll.Wait(ready, TimeSpan.Zero);
        // PIDFD_THREAD came with Linux 6.9.
        Assert.Equal(Environment.OSVersion.Version >= new Version(6, 9) ? 2 : 0, told);
        Assert.All(ready[..told], r => Assert.True(threads.Ended(r.Token)));
        Assert.All(ready[..told], r => Assert.False(threads.Ended(r.Token)));
        Assert.False(threads.Ended(6));
        Assert.Equal(9, server.Pidfd.ReadExit().Signal);
    }
}
