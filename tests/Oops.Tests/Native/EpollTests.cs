using System.Diagnostics;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class EpollTests
{
    readonly EpollReady[] ready = new EpollReady[8];

    [Fact]
    public void The_timeout_ends_a_wait_with_nothing()
    {
        using var epoll = new Epoll();
        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(0, epoll.Wait(ready, TimeSpan.FromMilliseconds(20)));
        Assert.True(Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(19));
    }

    [Fact]
    public void A_wake_up_ends_one_wait()
    {
        using var epoll = new Epoll();
        epoll.Wake();
        epoll.Wake();
        Assert.Equal(0, epoll.Wait(ready, TimeSpan.FromSeconds(10)));
        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(0, epoll.Wait(ready, TimeSpan.FromMilliseconds(20)));
        Assert.True(Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(19));
    }

    [Fact]
    public void A_wake_up_after_the_end_is_harmless()
    {
        var epoll = new Epoll();
        epoll.Dispose();
        epoll.Wake();
    }

    [Fact]
    public void An_exit_is_reported_with_its_token_and_a_removed_one_is_not()
    {
        using var epoll = new Epoll();
        using var kept = ChildProcess.Sleep();
        using var removed = ChildProcess.Sleep();
        epoll.Add(kept.Pidfd.Handle, EpollEvents.In, 42);
        epoll.Add(removed.Pidfd.Handle, EpollEvents.In, 43);
        epoll.Remove(removed.Pidfd.Handle);
        removed.Kill();
        removed.WaitUntilDead();
        kept.Kill();
        Assert.Equal(1, epoll.Wait(ready, TimeSpan.FromSeconds(5)));
        Assert.Equal(42, ready[0].Token);
        Assert.True(ready[0].Events.HasFlag(EpollEvents.In));
    }
}
