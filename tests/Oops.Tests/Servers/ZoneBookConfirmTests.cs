using Oops.Core;
using Oops.Servers;
using Oops.Tests.Sources;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Servers;

/// <summary>What an answer over DNS does to what a server's control says.</summary>
public sealed class ZoneBookConfirmTests
{
    readonly List<string> said = [];
    readonly ZoneBook zones;
    At now = new(TimeSpan.FromHours(5).Ticks);

    public ZoneBookConfirmTests() => zones = new("control", TimeSpan.FromSeconds(60), s => said.Add(SpokenEngine.Words(s)["control ".Length..]), _ => { });

    [Fact]
    public void A_zone_that_is_said_to_be_served_and_is_not_is_not_ready_until_it_answers()
    {
        Read(Secondary());
        Assert.Equal(["a.test"], zones.ToConfirm);
        Said();
        zones.Answer("a.test", Signal.Absent, "SERVFAIL, EDE 14", null, now);
        Assert.Equal(["a.test Serial absent (SERVFAIL, EDE 14, though its control says that it is served)"], Said());
        Read(Secondary());
        Assert.Empty(Said());
        zones.Answer("a.test", 7, null, new Soa(7, 3600, 600, 1000, 5), now);
        Assert.Contains("a.test Serial 7", Said());
    }

    [Fact]
    public void A_live_answer_for_a_zone_that_is_said_not_to_be_loaded_makes_it_be_looked_at()
    {
        Read(Secondary() with { Loaded = false, Serial = null, Expired = true, Age = null });
        Said();
        Assert.True(zones.Answer("a.test", Signal.Absent, "SERVFAIL, EDE 24", null, now));
        Assert.False(zones.Answer("a.test", 7, null, new Soa(7, 3600, 600, 1000, 5), now));
        Assert.Empty(Said());
        Read(Secondary());
        var words = Said();
        Assert.Contains("a.test Serial 7", words);
        // What that answer told is not forgotten.
        Assert.Contains("a.test Expiry 1001 (computed: refreshed 0 s ago, SOA expire 1000 s)", words);
    }

    [Fact]
    public void Another_serial_over_DNS_is_not_said()
    {
        Read(Secondary());
        Said();
        zones.Answer("a.test", 6, null, null, now);
        Assert.Empty(Said());
    }

    [Fact]
    public void The_expiry_follows_from_the_last_refresh_once_the_expire_is_known()
    {
        Read(Secondary(age: 100));
        Assert.DoesNotContain(Said(), s => s.Contains("Expiry", StringComparison.Ordinal));
        now += TimeSpan.FromSeconds(20);
        zones.Answer("a.test", 7, null, new Soa(7, 3600, 600, 1000, 5), now);
        Assert.Equal(["a.test Expiry 881 (computed: refreshed 120 s ago, SOA expire 1000 s)"], Said());
        Read(Secondary(age: 120));
        Assert.Empty(Said());
        Read(Secondary(age: 1));
        Assert.Equal(["a.test Expiry 1000 (computed: refreshed 1 s ago, SOA expire 1000 s)"], Said());
    }

    [Fact]
    public void A_computed_expiry_does_not_run_out_before_the_server_says_that_the_zone_has_expired()
    {
        Read(Secondary(age: 990));
        zones.Answer("a.test", 7, null, new Soa(7, 3600, 600, 1000, 5), now);
        Said();
        // Its own least expiry may be longer than the SOA's.
        for (var age = 992; age < 1100; age += 2)
        {
            now += TimeSpan.FromSeconds(2);
            Read(Secondary(age: age));
            Assert.DoesNotContain(Said(), s => s.Contains("Expiry 0", StringComparison.Ordinal) || s.Contains("Expiry 1 ", StringComparison.Ordinal));
        }

        Read(Secondary() with { Loaded = false, Serial = null, Expired = true, Age = null, Detail = "expired" });
        Assert.Contains("a.test Expiry 0 (expired)", Said());
        Read(Secondary(age: 0));
        Assert.Contains("a.test Expiry 1001 (computed: refreshed 0 s ago, SOA expire 1000 s)", Said());
    }

    [Fact]
    public void A_zone_that_recovers_is_no_longer_expired_though_until_when_is_not_known()
    {
        Read(Secondary() with { Loaded = false, Serial = null, Expired = true, Age = null });
        Said();
        Read(Secondary());
        Assert.Contains("a.test Expiry absent (no longer expired; until when is not known yet)", Said());
    }

    [Fact]
    public void A_zone_in_trouble_is_looked_at_however_late_it_expires()
    {
        Read(Secondary(age: 1) with { Watch = true, Refresh = Plan.In(TimeSpan.FromSeconds(1)) });
        zones.Answer("a.test", 7, null, new Soa(7, 3600, 600, 1_000_000, 5), now);
        Read(Secondary(age: 1) with { Watch = true, Refresh = Plan.In(TimeSpan.FromSeconds(1)) });
        Assert.Empty(zones.Due(now + TimeSpan.FromSeconds(1), 10));
        Assert.Equal(["a.test"], zones.Due(now + TimeSpan.FromSeconds(4), 10));
    }

    [Fact]
    public void A_contradiction_that_nobody_confirms_any_more_does_not_stand_and_one_that_stands_outlives_what_is_said_again()
    {
        var told = new ZoneFacts { Zone = "a.test", Secondary = true, Loaded = true, Serial = 7, Confirm = true };
        zones.BeginRead();
        zones.Take(told, failed: false, now);
        zones.Answer("a.test", Signal.Absent, "SERVFAIL", null, now);
        Said();
        zones.Forget(restarted: false);
        zones.Take(told, failed: false, now);
        Assert.Contains(Said(), s => s.StartsWith("a.test Serial absent", StringComparison.Ordinal));
        zones.Unanswered("a.test");
        Assert.Equal(["a.test Serial 7"], Said());
    }

    [Fact]
    public void A_zone_that_may_be_there_is_not_claimed_to_be_missing()
    {
        zones.BeginRead();
        zones.Take(new ZoneFacts { Zone = "a.test", Unclear = true, Loaded = true }, failed: false, now);
        zones.EndRead(["a.test", "b.test"], now);
        Assert.Equal(["b.test Serial absent (not in the server's list)"], Said());
    }

    [Fact]
    public void Those_that_were_there_and_are_not_in_the_list_are_missing()
    {
        Read(Secondary(), Secondary() with { Zone = "b.test" });
        zones.BeginRead();
        zones.Take(Secondary(), failed: false, now);
        Assert.Equal(["b.test", "c.test"], zones.Missing(["a.test", "c.test"], 10));
    }

    void Read(params ZoneFacts[] all)
    {
        zones.BeginRead();
        foreach (var facts in all) zones.Take(facts, failed: false, now);
        zones.EndRead([], now);
    }

    List<string> Said()
    {
        var taken = said.ToList();
        said.Clear();
        return taken;
    }

    static ZoneFacts Secondary(int age = 0) => new() { Zone = "a.test", Secondary = true, Loaded = true, Serial = 7, Failures = 0, Confirm = true, Age = TimeSpan.FromSeconds(age), Refresh = Plan.In(TimeSpan.FromSeconds(100)) };
}
