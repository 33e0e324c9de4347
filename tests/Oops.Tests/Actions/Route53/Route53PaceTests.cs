using Oops.Actions.Route53;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Actions.Route53;

public sealed class Route53PaceTests
{
    readonly FakeTime time = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void So_many_go_at_once_and_the_rest_in_their_order_as_the_bucket_fills()
    {
        var pace = new Route53Pace(10, 50, time);
        var all = Enumerable.Range(0, 80).Select(_ => pace.TakeAsync(Stop)).ToList();
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
        var pace = new Route53Pace(10, 7, time);
        foreach (var wait in new[] { 0, 3600 })
        {
            time.Advance(TimeSpan.FromSeconds(wait));
            Assert.Equal(5, Enumerable.Range(0, 9).Select(_ => pace.TakeAsync(Stop)).Count(t => t.IsCompletedSuccessfully));
        }
    }

    [Fact]
    public void A_bucket_that_others_have_emptied_is_empty_here_too()
    {
        var pace = new Route53Pace(10, 50, time);
        pace.Empty();
        var next = pace.TakeAsync(Stop);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(next.IsCompletedSuccessfully);
        Assert.False(pace.TakeAsync(Stop).IsCompleted);
    }

    [Fact]
    public async Task Who_stops_waiting_is_gone()
    {
        var pace = new Route53Pace(1, 1, time);
        await pace.TakeAsync(Stop);
        using var own = new CancellationTokenSource();
        var waiting = pace.TakeAsync(own.Token);
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
