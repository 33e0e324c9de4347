using Oops.Core;
using Oops.Sources.Verify;
using Oops.Zones;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Sources.Verify;

public sealed class HeldVersionsTests
{
    readonly VerifyCounts counts = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    long Held => counts.All().Single(static c => c.Name == "held_bytes").Value;

    [Fact]
    public async Task What_does_not_fit_beside_another_waits_until_that_one_has_gone()
    {
        var held = new HeldVersions(100, counts);
        using var first = await held.ComeAsync(60, Stop);
        using var second = await held.ComeAsync(30, Stop);
        var third = held.ComeAsync(30, Stop);
        await Task.Delay(50, Stop);
        Assert.False(third.IsCompleted);
        Assert.Equal(90, Held);
        first.Dispose();
        using var came = await third.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(60, Held);

        // It turned out to be smaller.
        var fourth = held.ComeAsync(70, Stop);
        Assert.False(fourth.IsCompleted);
        second.Is(10);
        came.Is(20);
        using var last = await fourth.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(100, Held);
    }

    [Fact]
    public async Task A_small_one_does_not_pass_a_large_one_that_waits()
    {
        var held = new HeldVersions(100, counts);
        var first = await held.ComeAsync(60, Stop);
        var (large, small) = (held.ComeAsync(80, Stop), held.ComeAsync(10, Stop));
        Assert.False(large.IsCompleted || small.IsCompleted);
        first.Dispose();
        using var second = await large.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        using var third = await small.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(90, Held);
    }

    [Fact]
    public async Task What_is_larger_than_all_that_is_allowed_comes_alone()
    {
        var held = new HeldVersions(100, counts);
        using (await held.ComeAsync(500, Stop))
        {
            Assert.Equal(500, Held);
            using var late = new CancellationTokenSource(50);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held.ComeAsync(1, late.Token));
        }

        Assert.Equal(0, Held);
    }

    [Fact]
    public void Of_numbers_that_changed_only_the_last_counts_and_the_others_do_not_pile_up()
    {
        var order = new ZoneOrder(static z => z.NextLook.Ticks);
        var desk = new ZoneDesk(new VerifyTarget { Server = "ns1", From = [new Primary(new(0, 53))], Options = new VerifyOptions { Now = 0 }, Folder = "/nonexistent" }, TimeProvider.System);
        var zones = Enumerable.Range(0, 100).Select(i => new ZoneCase($"z{i}", desk)).ToList();
        for (var round = 0; round < 1000; round++)
        {
            foreach (var zone in zones)
            {
                zone.NextLook = new At((round * 1000) + int.Parse(zone.Name[1..], System.Globalization.CultureInfo.InvariantCulture));
                order.Put(zone);
            }
        }

        Assert.InRange(order.Count, 100, 2000);
        Assert.Same(zones[0], order.First);
        zones[0].NextLook = At.Never;
        Assert.Same(zones[1], order.First);
        foreach (var zone in zones)
            zone.NextLook = At.Never;
        Assert.Null(order.First);
    }
}
