using Oops.Core;
using Oops.Servers;
using Oops.Tests.Sources;
using Xunit;

namespace Oops.Tests.Servers;

public sealed class ZoneBookTests
{
    readonly List<string> said = [];
    readonly List<string> refreshed = [];
    readonly ZoneBook zones;
    At now = new(TimeSpan.FromHours(5).Ticks);

    public ZoneBookTests() => zones = new("control", TimeSpan.FromSeconds(60), s => said.Add(SpokenEngine.Words(s)["control ".Length..]), refreshed.Add);

    [Fact]
    public void A_primary_has_a_serial_and_never_expires()
    {
        Read(Primary("a.test.", 7));
        Assert.Equal(["a.test Serial 7", "a.test Expiry absent", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void What_was_said_is_not_said_again_until_it_is_forgotten()
    {
        Read(Primary("a.test.", 7));
        Said();
        Read(Primary("A.test", 7));
        Assert.Empty(Said());
        Read(Primary("a.test.", 8));
        Assert.Equal(["a.test Serial 8"], Said());
        zones.Forget(restarted: false);
        Read(Primary("a.test.", 8));
        Assert.Equal(["a.test Serial 8", "a.test Expiry absent", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void That_a_zone_is_not_there_is_over_when_it_is_listed_again_also_where_nobody_tells_its_serial()
    {
        Read(new ZoneFacts { Zone = "a.test.", Loaded = true });
        Said();
        Read();
        Assert.Contains("a.test Serial absent (not in the server's list)", Said());
        Read(new ZoneFacts { Zone = "a.test.", Loaded = true });
        Assert.Equal(["a.test Serial unsaid"], Said());
        // What is answered over DNS meanwhile stands, whatever the control goes on saying.
        zones.Answer("a.test", Signal.Absent, "SERVFAIL", null, now);
        Read(new ZoneFacts { Zone = "a.test.", Loaded = true });
        Assert.Equal(["a.test Serial absent (SERVFAIL)"], Said());
    }

    [Fact]
    public void A_secondarys_expiry_is_rounded_up_and_said_again_when_it_moves()
    {
        Read(Secondary("a.test.", 7, refresh: 100, expires: 1000));
        Assert.Equal(["a.test Serial 7", "a.test Expiry 1001", "a.test RefreshFailures 0"], Said());
        now += TimeSpan.FromSeconds(60.4);
        Read(Secondary("a.test.", 7, refresh: 39, expires: 939));
        Assert.Empty(Said());
        now += TimeSpan.FromSeconds(60);
        Read(Secondary("a.test.", 7, refresh: 100, expires: 1000));
        Assert.Equal(["a.test Expiry 1001"], Said());
        Assert.Equal(["a.test"], refreshed);
    }

    [Fact]
    public void A_refresh_whose_time_moved_on_without_the_expiry_has_failed()
    {
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000));
        Said();
        now += TimeSpan.FromSeconds(20);
        Read(Secondary("a.test.", 7, refresh: 5, expires: 980));
        Assert.Equal(["a.test RefreshFailures 1"], Said());
        now += TimeSpan.FromSeconds(3);
        Read(Secondary("a.test.", 7, refresh: 2, expires: 977));
        Assert.Empty(Said());
        now += TimeSpan.FromSeconds(20);
        Read(Secondary("a.test.", 7, refresh: 30, expires: 957));
        Assert.Equal(["a.test RefreshFailures 2"], Said());
        now += TimeSpan.FromSeconds(40);
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000));
        Assert.Equal(["a.test Expiry 1001", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void An_attempt_under_way_is_not_yet_a_failure()
    {
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000));
        Said();
        now += TimeSpan.FromSeconds(11);
        Read(Secondary("a.test.", 7, refresh: null, expires: 989));
        Assert.Empty(Said());
        now += TimeSpan.FromSeconds(5);
        Read(Secondary("a.test.", 7, refresh: 10, expires: 984));
        Assert.Equal(["a.test RefreshFailures 1"], Said());
    }

    [Fact]
    public void What_the_server_says_it_could_not_update_has_failed_though_its_time_had_not_come()
    {
        Read(Secondary("a.test.", 7, refresh: 100, expires: 1000));
        Said();
        now += TimeSpan.FromSeconds(1);
        zones.Take(Secondary("a.test.", 7, refresh: 20, expires: 999), failed: true, now);
        Assert.Equal(["a.test RefreshFailures 1"], Said());
    }

    [Fact]
    public void An_expired_zone_has_no_serial_and_no_time_left()
    {
        Read(Secondary("a.test.", 7, refresh: 2, expires: 5));
        Said();
        now += TimeSpan.FromSeconds(7);
        Read(Empty("a.test.", refresh: 9));
        Assert.Equal(["a.test Serial absent (not loaded)", "a.test Expiry 0", "a.test RefreshFailures 1"], Said());
        now += TimeSpan.FromSeconds(9);
        Read(Secondary("a.test.", 8, refresh: 3, expires: 8));
        Assert.Equal(["a.test Serial 8", "a.test Expiry 9", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void After_a_restart_an_old_file_is_loaded_and_that_is_no_refresh()
    {
        Read(Secondary("a.test.", 7, refresh: 2, expires: 5));
        now += TimeSpan.FromSeconds(7);
        Read(Empty("a.test.", refresh: 9));
        Said();
        zones.Forget(restarted: true);
        now += TimeSpan.FromSeconds(1);
        // As 3.2.6 answers then: a serial, and no expiry.
        Read(Secondary("a.test.", 7, refresh: 2, expires: null));
        Assert.Equal(["a.test Serial 7", "a.test Expiry 0 (expired, and served again from its old file)", "a.test RefreshFailures 1"], Said());
        Assert.Empty(refreshed);
        now += TimeSpan.FromSeconds(3);
        Read(Secondary("a.test.", 7, refresh: 2, expires: 8));
        Assert.Equal(["a.test Expiry 9", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void An_expiry_is_a_failed_refresh_even_when_none_was_seen_to_fail()
    {
        Read(Secondary("a.test.", 7, refresh: 2, expires: 3));
        Said();
        now += TimeSpan.FromSeconds(4);
        Read(Empty("a.test.", refresh: null));
        Assert.Equal(["a.test Serial absent (not loaded)", "a.test Expiry 0", "a.test RefreshFailures 1"], Said());
    }

    [Fact]
    public void A_secondary_that_was_never_loaded_has_not_expired()
    {
        Read(Empty("a.test.", refresh: null));
        Assert.Equal(["a.test Serial absent (not loaded)", "a.test RefreshFailures 0"], Said());
        now += TimeSpan.FromSeconds(1);
        Read(Empty("b.test.", refresh: 15));
        Assert.Contains("b.test RefreshFailures 1", Said());
    }

    [Fact]
    public void A_secondary_loaded_from_a_file_that_was_never_refreshed_has_no_known_expiry()
    {
        Read(Secondary("a.test.", 7, refresh: 2, expires: null));
        Assert.Equal(["a.test Serial 7", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void A_zone_that_left_the_list_or_was_never_in_it_has_no_serial()
    {
        Read(Primary("a.test.", 7), Primary("b.test.", 7));
        Said();
        ReadWith(["b.test", "wanted.test"], Primary("a.test.", 7));
        Assert.Equal(["b.test Serial absent (not in the server's list)", "wanted.test Serial absent (not in the server's list)"], Said());
        ReadWith(["b.test", "wanted.test"], Primary("a.test.", 7));
        Assert.Empty(Said());
        Assert.Equal(3, zones.Count);
        Read(Primary("a.test.", 7));
        Assert.Equal(1, zones.Count);
    }

    [Fact]
    public void A_zone_that_the_server_does_not_know_has_no_serial()
    {
        zones.Take(new ZoneFacts { Zone = "nope.test", Denied = "no such zone found" }, failed: false, now);
        Assert.Equal(["nope.test Serial absent (no such zone found)"], Said());
    }

    [Fact]
    public void A_zone_that_could_expire_before_the_next_complete_reads_is_looked_at_when_its_refresh_is_due()
    {
        Read(Secondary("long.test.", 7, refresh: 3, expires: 10_000), Secondary("short.test.", 7, refresh: 3, expires: 8));
        Assert.Equal(["short.test"], LooksWithin(5));
        Assert.Empty(LooksWithin(50));
    }

    [Fact]
    public void An_expiry_is_looked_at_when_it_is_due()
    {
        Read(Secondary("a.test.", 7, refresh: 30, expires: 8));
        Assert.Empty(LooksWithin(8));
        Assert.Equal(["a.test"], LooksWithin(2));
    }

    [Fact]
    public void Looks_do_not_pile_up()
    {
        for (var i = 0; i < 1000; i++) zones.Take(Secondary("a.test.", 7, refresh: 3, expires: 8), failed: false, now);
        Assert.Equal(["a.test"], LooksWithin(60));
    }

    [Fact]
    public void A_loaded_zone_whose_serial_is_not_told_is_asked_for_over_the_dns()
    {
        Read(Primary("a.test.", 0) with { Serial = null }, Primary("b.test.", 7));
        Assert.Equal(["a.test Expiry absent", "a.test RefreshFailures 0", "b.test Serial 7", "b.test Expiry absent", "b.test RefreshFailures 0"], Said());
        Assert.Equal(["a.test"], zones.Unserialed);
        zones.Answer("a.test", 5, null, null, now);
        zones.Answer("b.test", 9, null, null, now);
        Assert.Equal(["a.test Serial 5"], Said());
        Read(Primary("a.test.", 0) with { Serial = null });
        Assert.Equal(["b.test Serial absent (not in the server's list)"], Said());
        zones.Answer("a.test", Signal.Absent, "SERVFAIL, EDE 14", null, now);
        Assert.Equal(["a.test Serial absent (SERVFAIL, EDE 14)"], Said());
        Read();
        Assert.Empty(zones.Unserialed);
    }

    [Fact]
    public void Failures_that_the_server_tells_are_taken_as_they_are()
    {
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000) with { Failures = 2 });
        Assert.Contains("a.test RefreshFailures 2", Said());
        now += TimeSpan.FromSeconds(20);
        Read(Secondary("a.test.", 7, refresh: 10, expires: 980) with { Failures = 2 });
        Assert.Empty(Said());
        Read(Secondary("a.test.", 7, refresh: 10, expires: 980) with { Failures = 0 });
        Assert.Equal(["a.test RefreshFailures 0"], Said());
        Assert.Equal(["a.test"], refreshed);
    }

    [Fact]
    public void A_zone_that_the_server_calls_expired_has_no_time_left_though_it_was_never_seen_loaded()
    {
        Read(Empty("a.test.", refresh: null) with { Expired = true, Failures = 1, Detail = "expired" });
        Assert.Equal(["a.test Serial absent (expired)", "a.test Expiry 0 (expired)", "a.test RefreshFailures 1"], Said());
    }

    [Fact]
    public void Plans_of_before_a_restart_are_no_plans_of_this_one()
    {
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000));
        Said();
        zones.Forget(restarted: true);
        now += TimeSpan.FromSeconds(20);
        Read(Secondary("a.test.", 7, refresh: 50, expires: 980));
        Assert.Contains("a.test RefreshFailures 0", Said());
    }

    [Fact]
    public void Where_a_plan_moves_when_an_attempt_begins_that_attempt_has_failed_when_the_plan_moves_again()
    {
        var book = Planning();
        Take(book, Secondary("a.test.", 7, refresh: 10, expires: 1000));
        Said();
        now += TimeSpan.FromSeconds(11);
        Take(book, Secondary("a.test.", 7, refresh: 50, expires: 989));
        // It may be under way.
        Assert.Empty(Said());
        now += TimeSpan.FromSeconds(51);
        Take(book, Secondary("a.test.", 7, refresh: 50, expires: 938));
        Assert.Equal(["a.test RefreshFailures 1"], Said());
        now += TimeSpan.FromSeconds(51);
        Take(book, Secondary("a.test.", 7, refresh: 100, expires: 1000));
        Assert.Equal(["a.test Expiry 1001", "a.test RefreshFailures 0"], Said());
    }

    [Fact]
    public void An_attempt_that_has_not_succeeded_for_long_has_failed()
    {
        var book = Planning();
        Take(book, Secondary("a.test.", 7, refresh: 10, expires: 10_000));
        now += TimeSpan.FromSeconds(11);
        Take(book, Secondary("a.test.", 7, refresh: 900, expires: 9989));
        Said();
        now += TimeSpan.FromSeconds(290);
        Take(book, Secondary("a.test.", 7, refresh: 610, expires: 9699));
        Assert.Empty(Said());
        now += TimeSpan.FromSeconds(20);
        Take(book, Secondary("a.test.", 7, refresh: 590, expires: 9679));
        Assert.Equal(["a.test RefreshFailures 1"], Said());
        now += TimeSpan.FromSeconds(400);
        Take(book, Secondary("a.test.", 7, refresh: 190, expires: 9279));
        Assert.Empty(Said());
    }

    [Fact]
    public void The_first_transfer_of_an_empty_zone_may_be_under_way()
    {
        var book = Planning();
        Take(book, Empty("a.test.", refresh: 47));
        Assert.Equal(["a.test Serial absent (not loaded)", "a.test RefreshFailures 0"], Said());
        now += TimeSpan.FromSeconds(48);
        Take(book, Empty("a.test.", refresh: 60));
        Assert.Equal(["a.test RefreshFailures 1"], Said());
    }

    [Fact]
    public void What_does_not_say_whose_zone_it_is_tells_of_it_what_was_known()
    {
        var unsaid = new ZoneFacts { Zone = "a.test.", RoleUnsaid = true, Loaded = true, Serial = 7, Expiry = In(500) };
        Read(unsaid);
        Assert.Equal(["a.test Serial 7"], Said());
        Read(Secondary("a.test.", 7, refresh: 10, expires: 400));
        Said();
        Read(unsaid);
        Assert.Equal(["a.test Expiry 501"], Said());
        Read(Primary("a.test.", 7));
        Said();
        Read(unsaid);
        Assert.Empty(Said());
    }

    [Fact]
    public void An_empty_zone_that_cannot_have_expired_is_not_said_to_have()
    {
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000));
        Said();
        Read(Empty("a.test.", refresh: null) with { Unexpired = true });
        Assert.Equal(["a.test Serial absent (not loaded)", "a.test RefreshFailures 1"], Said());
    }

    [Fact]
    public void A_zone_that_has_left_has_no_expiry_and_no_failures_and_is_new_when_it_comes_back()
    {
        Read(Secondary("a.test.", 7, refresh: 10, expires: 1000) with { Failures = 3 });
        Said();
        ReadWith(["a.test"]);
        Assert.Equal(["a.test Serial absent (not in the server's list)", "a.test Expiry absent (not in the server's list)", "a.test RefreshFailures 0"], Said());
        now += TimeSpan.FromSeconds(5);
        ReadWith(["a.test"], Empty("a.test.", refresh: null) with { Failures = 0 });
        Assert.DoesNotContain(Said(), s => s.Contains("Expiry 0", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_of_zones_that_are_gone_are_not_kept_for_ever_and_the_others_are_known_as_before()
    {
        Read([.. Enumerable.Range(0, 20_000).Select(i => Primary($"z{i}.test", 1)), Secondary("a.test.", 7, refresh: 10, expires: 100)]);
        now += TimeSpan.FromSeconds(20);
        Read(Secondary("a.test.", 7, refresh: 5, expires: 80));
        Assert.Equal((20_001, 0), (zones.Count, zones.Spare));
        Assert.Contains("a.test RefreshFailures 1", Said());
        Read(Secondary("a.test.", 7, refresh: 5, expires: 80));
        Assert.Equal((1, 0), (zones.Count, zones.Spare));
        Assert.Empty(Said());
        Assert.Equal(["a.test"], LooksWithin(10));
        Read(Secondary("a.test.", 7, refresh: 10, expires: 69.9));
        Assert.Equal(["a.test RefreshFailures 2"], Said());
    }

    [Fact]
    public void What_is_cleared_is_as_if_it_had_never_been()
    {
        Read(Secondary("a.test.", 7, refresh: 3, expires: 8), Primary("b.test.", 7));
        Said();
        zones.Clear();
        Assert.Equal((0, 0, 0), (zones.Count, zones.Spare, zones.Read));
        Assert.Empty(LooksWithin(5));
        Read(Primary("b.test.", 7));
        Assert.Equal(["b.test Serial 7", "b.test Expiry absent", "b.test RefreshFailures 0"], Said());
        Assert.Equal(1, zones.Count);
    }

    [Fact]
    public void A_name_that_is_none_is_passed_over() => Assert.False(zones.Take(Primary("a..b", 1), failed: false, now));

    List<string> LooksWithin(double seconds)
    {
        List<string> looked = [];
        var end = now + TimeSpan.FromSeconds(seconds);
        for (; now <= end; now += TimeSpan.FromMilliseconds(100)) looked.AddRange(zones.Due(now, 1000));
        return looked;
    }

    // Of a server that plans the next attempt when one begins.
    ZoneBook Planning() => new("control", TimeSpan.FromSeconds(60), s => said.Add(SpokenEngine.Words(s)["control ".Length..]), refreshed.Add, TimeSpan.FromMinutes(5));

    void Take(ZoneBook book, in ZoneFacts facts) => book.Take(facts, failed: false, now);

    void Read(params ZoneFacts[] all) => ReadWith([], all);

    void ReadWith(string[] expected, params ZoneFacts[] all)
    {
        zones.BeginRead();
        foreach (var facts in all) zones.Take(facts, failed: false, now);
        zones.EndRead([.. expected], now);
    }

    List<string> Said()
    {
        var taken = said.ToList();
        said.Clear();
        return taken;
    }

    static ZoneFacts Primary(string zone, uint serial) => new() { Zone = zone, Loaded = true, Serial = serial };

    static ZoneFacts Secondary(string zone, uint serial, int? refresh, double? expires) =>
        new() { Zone = zone, Secondary = true, Loaded = true, Serial = serial, Refresh = In(refresh), Expiry = expires is null ? Plan.None : In(expires) };

    static ZoneFacts Empty(string zone, int? refresh) => new() { Zone = zone, Secondary = true, Refresh = In(refresh), Expiry = Plan.None };

    static Plan In(double? seconds) => seconds is { } s ? Plan.In(TimeSpan.FromSeconds(s)) : default;
}
