using Oops.Core;
using Oops.Native;
using Oops.Servers;
using Oops.Sources.Nsd;
using Oops.Tests.Engine;
using Oops.Wire.Nsd;
using Xunit;

namespace Oops.Tests.Sources.Nsd;

/// <summary>Refreshes that failed, and when the last one succeeded, of a server that tells neither.</summary>
public sealed class NsdZonesTests
{
    readonly FakeTime time = new();
    readonly NsdZones zones;

    public NsdZonesTests() => zones = new(time, TimeSpan.FromSeconds(60));

    [Fact]
    public void A_primary_has_no_serial_here_and_is_asked_for_it_over_DNS() =>
        Assert.Equal(new ZoneFacts { Zone = "a.test", Loaded = true }, Take(new("a.test") { State = NsdZoneState.Primary }));

    [Fact]
    public void A_zone_that_says_ok_is_served_with_its_serial_and_its_age()
    {
        var facts = Take(Ok(secondsAgo: 20));
        Assert.True(facts is { Loaded: true, Serial: 7, Failures: 0, Watch: false, Confirm: true });
        Assert.InRange(facts.Age!.Value.TotalSeconds, 20, 21);
    }

    [Theory]
    [InlineData(null, 7u)]
    [InlineData(7u, null)]
    public void Without_a_serial_served_and_committed_it_is_not_loaded(uint? served, uint? committed) =>
        Assert.True(Take(Ok() with { Served = served, Committed = committed }) is { Loaded: false, Serial: null, Expired: false });

    [Fact]
    public void An_expired_zone_has_no_serial_though_one_is_shown() =>
        Assert.True(Take(Ok() with { State = NsdZoneState.Expired }) is { Loaded: false, Serial: null, Expired: true, Failures: 1, Watch: true, Detail: "expired" });

    [Fact]
    public void A_refresh_that_has_just_begun_has_not_failed_and_one_that_goes_on_has()
    {
        Take(Ok());
        Assert.Equal(0, Take(Refreshing(wait: 2)).Failures);
        time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(1, Take(Refreshing(wait: 2)).Failures);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Take(Refreshing(wait: 2)).Failures);
        time.Advance(TimeSpan.FromSeconds(1));
        // NSD doubles what it waits with each attempt.
        Assert.Equal(2, Take(Refreshing(wait: 4)).Failures);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(3, Take(Refreshing(wait: 4)).Failures);
        Assert.Equal(0, Take(Ok()).Failures);
    }

    [Fact]
    public void An_attempt_under_way_has_not_failed()
    {
        Take(Ok());
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(0, Take(Refreshing(wait: null) with { Transferring = true }).Failures);
            time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public void The_state_in_which_a_process_begins_is_no_failure()
    {
        Take(Refreshing(wait: 100));
        zones.Restarted();
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, Take(Refreshing(wait: 100)).Failures);
    }

    [Fact]
    public void A_refresh_that_comes_while_we_watch_is_timed_by_our_own_clock()
    {
        // NSD in another time zone: what it says is of no use until it moves.
        var there = TimeSpan.FromHours(-5);
        Assert.Null(Take(Ok(wait: 10) with { Since = Local(-5 - there.TotalSeconds) }).Age);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.InRange(Take(Ok(wait: 10) with { Since = Local(-5 - there.TotalSeconds + 7) }).Age!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.InRange(Take(Ok(wait: 10) with { Since = Local(-5 - there.TotalSeconds + 7 - 10) }).Age!.Value, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_time_to_come_is_not_believed() => Assert.Null(Take(Ok(secondsAgo: -3600)).Age);

    [Fact]
    public void A_time_that_is_too_far_back_for_a_zone_that_is_well_is_not_believed() => Assert.Null(Take(Ok(secondsAgo: 3600, wait: 30)).Age);

    [Fact]
    public void The_more_zones_are_in_trouble_the_more_seldom_each_is_looked_at()
    {
        zones.BeginList();
        for (var i = 0; i < 200; i++) zones.Facts(Refreshing(wait: 2) with { Zone = $"z{i}.test" }, Now);
        zones.EndList(200);
        Assert.Equal(TimeSpan.FromSeconds(20), zones.Pace);
        zones.BeginList();
        zones.Facts(Ok(), Now);
        zones.EndList(1);
        Assert.Equal(TimeSpan.FromSeconds(1), zones.Pace);
    }

    [Fact]
    public void What_is_named_in_lists_that_are_none_is_not_kept_for_ever()
    {
        zones.BeginList();
        zones.Facts(Ok(), Now);
        zones.EndList(1);
        for (var i = 0; i < 10; i++)
        {
            zones.BeginList();
            for (var zone = 0; zone < 5_000; zone++) zones.Facts(Ok() with { Zone = $"z{i}-{zone}.test" }, Now);
        }

        Assert.InRange(zones.Kept, 5_000, 20_000);
    }

    At Now => BootTime.Now(time).At;

    ZoneFacts Take(NsdZoneStatus status) => zones.Facts(status, Now);

    DateTime Local(double seconds)
    {
        var at = TimeZoneInfo.ConvertTimeFromUtc(time.GetUtcNow().UtcDateTime.AddSeconds(seconds), time.LocalTimeZone);
        return new DateTime(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Unspecified);
    }

    NsdZoneStatus Ok(double secondsAgo = 0, uint? wait = 3600) => new("a.test") { State = NsdZoneState.Ok, Served = 7, Committed = 7, Since = Local(-secondsAgo), Wait = wait };

    NsdZoneStatus Refreshing(uint? wait) => new("a.test") { State = NsdZoneState.Refreshing, Served = 7, Committed = 7, Since = new(2026, 1, 1), Wait = wait };
}
