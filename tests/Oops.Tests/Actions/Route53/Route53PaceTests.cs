using Oops.Actions.Route53;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Actions.Route53;

public sealed class Route53PaceTests
{
    readonly FakeTime time = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    Route53Pace Pace(double rate = 10, int burst = 50, double changes = 100, int changesBurst = 1000) => new(new Route53Config { Name = "a", Rate = rate, Burst = burst, Changes = changes, ChangesBurst = changesBurst }, time);

    [Fact]
    public void So_many_go_at_once_and_the_rest_in_their_order_as_the_bucket_fills()
    {
        var pace = Pace();
        var all = Enumerable.Range(0, 80).Select(_ => pace.TakeAsync(0, Stop)).ToList();
        // Two stay in the bucket: what is sent later may arrive earlier.
        Assert.Equal(48, all.Count(t => t.IsCompletedSuccessfully));
        for (var i = 49; i <= 80; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal(Enumerable.Range(0, 80).Select(n => n < i), all.Select(t => t.IsCompletedSuccessfully));
        }
    }

    [Fact]
    public void After_a_pause_the_bucket_is_full_and_no_fuller()
    {
        var pace = Pace(burst: 7);
        foreach (var wait in new[] { 0, 3600 })
        {
            time.Advance(TimeSpan.FromSeconds(wait));
            Assert.Equal(5, Enumerable.Range(0, 5).Select(_ => pace.TakeAsync(0, Stop)).Count(t => t.IsCompletedSuccessfully));
            Assert.False(pace.TakeAsync(0, Stop).IsCompleted);
        }
    }

    [Fact]
    public void A_bucket_that_others_have_emptied_is_empty_here_too_also_for_who_waits_already()
    {
        var pace = Pace(burst: 3);
        Assert.True(pace.TakeAsync(0, Stop).IsCompletedSuccessfully);
        var next = pace.TakeAsync(0, Stop);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(60));
        pace.Empty(ofChanges: false);
        time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.True(next.IsCompletedSuccessfully);
        Assert.False(pace.TakeAsync(0, Stop).IsCompleted);
    }

    [Fact]
    public async Task Who_stops_waiting_is_gone_and_has_taken_nothing()
    {
        var pace = Pace(1, 1);
        await pace.TakeAsync(0, Stop);
        using var own = new CancellationTokenSource();
        var (waiting, next) = (pace.TakeAsync(0, own.Token), pace.TakeAsync(0, Stop));
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1, pace.Waiting);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(next.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Records_that_change_have_a_bucket_of_their_own_and_who_waits_for_it_keeps_no_request_from_others()
    {
        var pace = Pace();
        await pace.TakeAsync(900, Stop);
        var waiting = pace.TakeAsync(500, Stop);
        // 80 are left of 980, and 420 come in 4.2 s.
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(waiting.IsCompleted);
        Assert.Equal(48, Enumerable.Range(0, 48).Select(_ => pace.TakeAsync(0, Stop)).Count(t => t.IsCompletedSuccessfully));
        time.Advance(TimeSpan.FromSeconds(0.3));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Stop);
    }

    [Fact]
    public async Task A_request_of_as_many_records_as_are_allowed_goes_when_the_bucket_is_full()
    {
        var pace = Pace();
        await pace.TakeAsync(1000, Stop);
        var next = pace.TakeAsync(1000, Stop);
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await next.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Stop);
    }

    [Fact]
    public void A_change_that_is_throttled_empties_the_bucket_of_changes_only()
    {
        var pace = Pace();
        pace.Empty(ofChanges: true);
        Assert.True(pace.TakeAsync(0, Stop).IsCompletedSuccessfully);
        Assert.False(pace.TakeAsync(1, Stop).IsCompleted);
    }
}
