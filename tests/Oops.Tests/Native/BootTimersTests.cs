using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class BootTimersTests
{
    static readonly TimeProvider Time = BootTime.Instance;

    [Fact]
    public async Task A_callback_runs_on_the_pool_unless_it_is_wanted_on_the_spot()
    {
        var (pool, spot) = (New(), New());
        static TaskCompletionSource<bool> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var one = Time.CreateTimer(_ => pool.SetResult(Thread.CurrentThread.IsThreadPoolThread), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await using var other = BootTime.OnTheSpot(Time).CreateTimer(_ => spot.SetResult(Thread.CurrentThread.Name == "oops-timer"), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.True(await pool.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(await spot.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Same(TimeProvider.System, BootTime.OnTheSpot(TimeProvider.System));
    }

    [Fact]
    public async Task Timers_fire_in_the_order_of_their_time()
    {
        var fired = new List<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var time = BootTime.OnTheSpot(Time);
        void Fire(object? number)
        {
            fired.Add((int)number!); // no lock: one thread
            if (fired.Count == 3) done.SetResult();
        }

        await using var late = time.CreateTimer(Fire, 3, TimeSpan.FromMilliseconds(60), Timeout.InfiniteTimeSpan);
        await using var soon = time.CreateTimer(Fire, 1, TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);
        await using var between = time.CreateTimer(Fire, 2, TimeSpan.FromMilliseconds(40), Timeout.InfiniteTimeSpan);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 2, 3], fired);
    }

    [Fact]
    public async Task A_timer_never_fires_early()
    {
        var time = BootTime.OnTheSpot(Time);
        for (var i = 1; i <= 20; i++)
        {
            var wait = TimeSpan.FromMicroseconds(i * 150);
            var begun = Time.GetTimestamp();
            var took = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var timer = time.CreateTimer(_ => took.SetResult(Time.GetElapsedTime(begun)), null, wait, Timeout.InfiniteTimeSpan);
            Assert.True(await took.Task.WaitAsync(TimeSpan.FromSeconds(10)) >= wait);
        }
    }

    [Fact]
    public async Task A_timer_that_is_set_again_fires_at_the_new_time_alone()
    {
        var fired = 0;
        var done = new TaskCompletionSource();
        await using var timer = Time.CreateTimer(_ => Interlocked.Increment(ref fired), null, TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan));
        await using var after = Time.CreateTimer(_ => done.SetResult(), null, TimeSpan.FromMilliseconds(50), Timeout.InfiniteTimeSpan);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, fired);
    }

    [Fact]
    public async Task A_period_repeats_until_the_timer_is_disposed()
    {
        using var count = new SemaphoreSlim(0);
        var timer = Time.CreateTimer(_ => count.Release(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 4; i++) Assert.True(await count.WaitAsync(TimeSpan.FromSeconds(10)));
        await timer.DisposeAsync();
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
        while (count.CurrentCount > 0) await count.WaitAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(30), Time);
        Assert.Equal(0, count.CurrentCount);
    }

    [Fact]
    public async Task Disposal_waits_for_the_callback_that_runs()
    {
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var timer = Time.CreateTimer(_ =>
        {
            inside.Set();
            leave.Wait();
        }, null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.True(inside.Wait(TimeSpan.FromSeconds(10)));
        var disposal = timer.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        leave.Set();
        await disposal.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_timeout_that_is_not_needed_leaves_nothing_behind()
    {
        for (var i = 0; i < 100_000; i++)
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromHours(1), Time);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(1), Time); // the thread is still there
    }
}
