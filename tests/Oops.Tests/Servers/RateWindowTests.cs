using Oops.Core;
using Oops.Servers;
using Xunit;

namespace Oops.Tests.Servers;

public sealed class RateWindowTests
{
    readonly RateWindow rate = new(TimeSpan.FromSeconds(10));

    [Fact]
    public void One_look_gives_no_rate_and_two_give_no_slope()
    {
        Look(0, 100);
        Assert.Null(rate.PerSecond);
        Look(10, 600);
        Assert.Equal(50, rate.PerSecond);
        Assert.Null(rate.Slope);
    }

    [Fact]
    public void A_rate_that_rises_steadily_has_its_slope()
    {
        // 3 queries/s more each second: the count is 1.5 t².
        for (var t = 0; t <= 60; t += 10) Look(t, (long)(1.5 * t * t));
        Assert.Equal(3, rate.Slope!.Value, 6);
    }

    [Fact]
    public void A_steady_rate_has_none()
    {
        for (var t = 0; t <= 60; t += 10) Look(t, 100 * t);
        Assert.Equal(0, rate.Slope!.Value, 9);
        Assert.Equal(100, rate.PerSecond);
    }

    [Fact]
    public void A_counter_that_went_back_is_another_one()
    {
        Look(0, 5000);
        Look(10, 6000);
        Look(20, 3);
        Assert.Null(rate.PerSecond);
        Look(30, 13);
        Assert.Equal(1, rate.PerSecond);
    }

    [Fact]
    public void After_a_long_gap_all_begins_anew()
    {
        Look(0, 0);
        Look(10, 10);
        Look(100, 1_000_000);
        Assert.Null(rate.PerSecond);
    }

    void Look(double seconds, long count) => rate.Add(new At(TimeSpan.FromSeconds(1000 + seconds).Ticks), count);
}
