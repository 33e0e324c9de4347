using Oops.Core;
using Oops.Servers;
using Oops.Tests.Sources;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Servers;

/// <summary>Zones of a server that tells when it last refreshed them, and nothing more.</summary>
public sealed class ZoneBookDatesTests
{
    static readonly TimeSpan Cycle = TimeSpan.FromSeconds(60);

    readonly List<string> said = [];
    readonly ZoneBook zones;
    long clock = 1_800_000_000;
    At now = new(TimeSpan.FromHours(5).Ticks);

    public ZoneBookDatesTests() => zones = new("control", TimeSpan.FromSeconds(60), s => said.Add(SpokenEngine.Words(s)["control ".Length..]), _ => { });

    [Fact]
    public void The_expiry_is_the_last_good_refresh_and_the_SOAs_expire_value()
    {
        Read(clock - 100);
        Assert.Empty(Said());
        Answer();
        Assert.Equal(["a.test Serial 7", "a.test RefreshFailures 0", "a.test Expiry 86301"], Said());
    }

    [Fact]
    public void A_refresh_that_is_overdue_by_a_whole_retry_interval_has_failed()
    {
        Read(clock);
        Answer();
        Said();
        var checkedAt = clock;
        // Refresh 3600, the server's cycle 60, retry 600.
        Pass(3600 + 60 + 599);
        Read(checkedAt);
        Assert.Empty(Said());
        Pass(1);
        Read(checkedAt);
        Assert.Equal(["a.test RefreshFailures 1"], Said());
        Pass(600);
        Read(checkedAt);
        Assert.Equal(["a.test RefreshFailures 2"], Said());
        Pass(10);
        Read(clock - 5);
        Assert.Equal(["a.test RefreshFailures 0", "a.test Expiry 86396"], Said());
    }

    [Fact]
    public void A_zone_expires_by_computation_while_it_is_served_and_recovers_with_the_same_serial()
    {
        Read(clock);
        Answer();
        Said();
        var checkedAt = clock;
        Pass(86400);
        Read(checkedAt);
        Assert.Contains("a.test Expiry 0 (not refreshed for more than its SOA's expire value of 86400 s; the server serves it all the same)", Said());
        Answer();
        Assert.Empty(Said());
        Pass(30);
        Read(clock - 1);
        Assert.Equal(["a.test RefreshFailures 0", "a.test Expiry 86400"], Said());
    }

    [Fact]
    public void A_first_date_counts_only_if_our_clock_is_to_be_believed_and_one_that_moved_counts_always()
    {
        Read(clock - 90_000, trusted: false);
        Answer();
        Assert.Equal(["a.test Serial 7"], Said());
        Pass(60);
        // The server's clock is an hour behind ours; but between two looks it was.
        Read(clock - 3600, trusted: false);
        Assert.Equal(["a.test RefreshFailures 0", "a.test Expiry 86401"], Said());
    }

    [Fact]
    public void A_step_of_the_wall_clock_moves_nothing_that_was_known()
    {
        Read(clock);
        Answer();
        Said();
        var checkedAt = clock;
        Pass(60);
        clock += 1_000_000;
        Read(checkedAt);
        Assert.Empty(Said());
    }

    [Fact]
    public void A_date_that_lies_ahead_of_us_is_no_date()
    {
        Read(clock + 100_000);
        Answer();
        Assert.Equal(["a.test Serial 7"], Said());
    }

    [Fact]
    public void A_zone_that_was_never_refreshed_has_no_expiry_and_nothing_failed()
    {
        Read(0);
        Answer();
        Assert.Equal(["a.test Serial 7"], Said());
        Assert.Equal(At.Never, zones.NextLook);
    }

    [Fact]
    public void A_reset_of_the_date_is_no_refresh_and_what_follows_it_is_one()
    {
        Read(clock);
        Answer();
        Said();
        Pass(60);
        Read(0);
        Assert.Empty(Said());
        Pass(60);
        Read(clock - 10, trusted: false);
        Assert.Equal(["a.test Expiry 86391"], Said());
    }

    [Fact]
    public void A_date_that_was_reset_by_a_failed_check_does_not_stop_the_countdown()
    {
        Read(clock);
        Answer();
        Said();
        Pass(60);
        Read(0);
        Pass(86340);
        Read(0);
        Assert.Contains(Said(), s => s.StartsWith("a.test Expiry 0", StringComparison.Ordinal));
        Pass(60);
        Read(clock - 1, trusted: false);
        Assert.Equal(["a.test RefreshFailures 0", "a.test Expiry 86400"], Said());
    }

    [Fact]
    public void A_zone_that_is_served_no_more_keeps_its_expiry()
    {
        Read(clock);
        Answer();
        Said();
        zones.Answer("a.test", Signal.Absent, "SERVFAIL", null, now);
        Assert.Equal(["a.test Serial absent (SERVFAIL)"], Said());
        var checkedAt = clock;
        Pass(86400);
        Read(checkedAt);
        Assert.Contains(Said(), s => s.StartsWith("a.test Expiry 0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_zone_that_could_expire_before_the_next_read_is_looked_at_when_its_refresh_should_be_seen()
    {
        Read(clock, cycle: TimeSpan.FromSeconds(1));
        Answer(new Soa(7, 6, 3, 20, 5));
        Assert.InRange((zones.NextLook - now).TotalSeconds, 7, 8.6);
    }

    [Fact]
    public void A_zone_whose_refresh_is_overdue_is_looked_at_before_it_expires_and_once_it_has()
    {
        Read(clock);
        Answer();
        var (checkedAt, expires) = (clock, now + TimeSpan.FromSeconds(86400));
        Pass(86400 - 40);
        Read(checkedAt);
        Assert.InRange((expires - zones.NextLook).TotalSeconds, 1, 3);
        Pass(39);
        Assert.Equal(["a.test"], zones.Due(now, 10));
        Read(checkedAt);
        Assert.InRange((zones.NextLook - expires).TotalSeconds, 0.1, 2);
    }

    [Fact]
    public void What_became_a_primary_never_expires()
    {
        Read(clock);
        Answer();
        Said();
        zones.BeginRead();
        zones.Take(new() { Zone = "a.test.", Loaded = true, Edition = 1 }, false, now);
        zones.EndRead([], now);
        Assert.Equal(["a.test Expiry absent"], Said());
        Answer();
        Assert.Empty(Said());
    }

    [Fact]
    public void A_zone_whose_edition_changed_is_told_once()
    {
        Read(clock);
        Assert.Empty(zones.TakeChanged());
        Read(clock, edition: 2);
        Assert.Equal(["a.test"], zones.TakeChanged());
        Read(clock, edition: 2);
        Assert.Empty(zones.TakeChanged());
    }

    [Fact]
    public void What_is_known_of_a_zone_stays_when_names_of_many_others_are_let_go()
    {
        for (var i = 0; i < 20_000; i++) zones.Take(new() { Zone = $"z{i}.test", Loaded = true, Serial = 1 }, false, now);
        Read(clock);
        Answer();
        var checkedAt = clock;
        Read(checkedAt);
        Said();
        Assert.Equal((1, 0), (zones.Count, zones.Spare));
        Pass(3600 + 60 + 600);
        Read(checkedAt);
        Assert.Equal(["a.test RefreshFailures 1"], Said());
        Assert.Empty(zones.TakeChanged());
        Read(checkedAt, edition: 2);
        Assert.Equal(["a.test"], zones.TakeChanged());
    }

    void Read(long checkedAt, bool trusted = true, long edition = 1, TimeSpan? cycle = null)
    {
        zones.BeginRead();
        zones.Take(new() { Zone = "a.test.", Secondary = true, Loaded = true, Edition = edition, Refreshed = new LastRefresh(checkedAt, TimeSpan.FromSeconds(clock - checkedAt), trusted, cycle ?? Cycle) }, false, now);
        zones.EndRead([], now);
    }

    void Answer(Soa? soa = null) => zones.Answer("a.test", 7, null, soa ?? new Soa(7, 3600, 600, 86400, 5), now);

    void Pass(int seconds)
    {
        now += TimeSpan.FromSeconds(seconds);
        clock += seconds;
    }

    List<string> Said()
    {
        var taken = said.ToList();
        said.Clear();
        return taken;
    }
}
