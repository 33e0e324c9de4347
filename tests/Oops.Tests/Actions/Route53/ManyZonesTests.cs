using Xunit;

namespace Oops.Tests.Actions.Route53;

/// <summary>More zones at once than the account has room for.</summary>
public sealed class Route53ManyZonesTests
{
    [Theory]
    [InlineData(1000, 100, 100)]
    // Here there is no room for the records either: of 1,200 that change 1,000 go at once, and then one each second.
    [InlineData(300, 30, 1)]
    public async Task Zones_that_change_at_once_are_never_more_than_the_account_allows_and_each_gets_to_its_last_state_in_its_turn(int zones, int again, double changes)
    {
        const int AtOnce = 64;
        await using var many = new ManyZones(zones, again, changes, TimeSpan.FromSeconds(20), AtOnce);
        var figures = await many.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (figures.Throttled, string.Join("; ", figures.Wrong.Take(5))));
        // Nobody overtakes more than those who are carried at the same time, and of these none waits for another.
        Assert.InRange(figures.Displaced, 0, 2 * AtOnce);
        Assert.InRange(figures.Longest, TimeSpan.Zero, 3 * figures.Median);
        // The last one's sync comes on top.
        Assert.InRange(figures.Elapsed, figures.Least, (1.05 * figures.Least) + figures.Median);
    }
}
