using Oops.Observed;
using Xunit;

namespace Oops.Tests.Observed;

/// <summary>The times in which a server was bad, and no withdraw followed: each with its reason.</summary>
public sealed class MissTests : IDisposable
{
    const string Server = """
        mode observe
        server ns1 zones nl example
        source process ns1
        source knot ns1

        """;

    const string Healthy = """
        at 0s    router edge has anycast4 withdrawn
        at 0s    healthy ns1 pid 100
        at 60s   expect anycast4 announced

        """;

    readonly Weeks weeks = new();

    public void Dispose() => weeks.Dispose();

    MissAnswer Only(string story)
    {
        var seen = weeks.Live(story).Observed();
        Assert.Empty(seen.Withdraws.Newest);
        Assert.Equal(1, seen.Routes.Sum(r => r.Misses));
        return Assert.Single(seen.Misses.Newest);
    }

    [Fact]
    public void A_hold_keeps_it()
    {
        var miss = Only(Server + "route anycast4 192.0.2.0/24 rise 10s fall 1s\nannounce-when anycast4 server-running\n" + Healthy + """
            at 90s  hold anycast4 for 1h
            at 100s process ns1 gone "signal 9"
            at 200s healthy ns1 pid 101
            at 300s expect anycast4 announced
            """);
        Assert.Equal(("held", "ns1/server-down", 100, 200), (miss.Why, miss.What, weeks.Seconds(miss.At), weeks.Seconds(miss.Until!.Value)));
        Assert.Contains("signal 9", miss.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void A_withdraw_that_a_hold_delayed_is_a_miss_for_as_long_as_it_did()
    {
        var seen = weeks.Live(Server + "route anycast4 192.0.2.0/24 rise 10s fall 1s\nannounce-when anycast4 server-running\n" + Healthy + """
            at 90s  hold anycast4 for 1h
            at 100s process ns1 gone "signal 9"
            at 120s unhold anycast4
            at 121s expect anycast4 withdrawn
            at 200s healthy ns1 pid 101
            at 300s expect anycast4 announced
            """).Observed();
        Assert.Single(seen.Withdraws.Newest);
        var miss = Assert.Single(seen.Misses.Newest);
        Assert.Equal(("held", "ns1/server-down", 100, 120), (miss.Why, miss.What, weeks.Seconds(miss.At), weeks.Seconds(miss.Until!.Value)));
        Assert.EndsWith("; withdrawn when the hold was over", miss.Because, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(seen.Routes).Misses);
    }

    [Fact]
    public void A_last_resort_is_degraded_instead()
    {
        var miss = Only(Server + "route anycast4 192.0.2.0/24 rise 10s fall 1s last-resort\nannounce-when anycast4 server-running\n" + Healthy + """
            at 100s process ns1 gone "signal 9"
            at 102s expect anycast4 degraded
            at 150s read knot/ns1/control
            """);
        Assert.Equal(("last-resort", 100, null), (miss.Why, weeks.Seconds(miss.At), miss.Until));
        Assert.Equal(50, miss.Lasted.TotalSeconds);
    }

    [Fact]
    public void Another_server_covers_it()
    {
        var miss = Only("""
            mode observe
            server ns1 zones nl
            server ns2 zones nl
            source process ns1
            source knot ns1
            source process ns2
            source knot ns2
            route anycast4 192.0.2.0/24 servers ns1 ns2 need 1 rise 10s fall 1s
            announce-when anycast4 server-running

            """ + Healthy + """
            at 60s  healthy ns2 pid 200
            at 100s process ns1 gone "signal 9"
            at 160s healthy ns1 pid 101
            at 300s expect anycast4 announced
            """);
        Assert.Equal(("covered", "ns1/server-down", 60), (miss.Why, miss.What, miss.Lasted.TotalSeconds));
        Assert.Contains("1 of 2 servers must be left", miss.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_list_does_not_name_is_told()
    {
        var seen = weeks.Live(Server + "route anycast4 192.0.2.0/24 rise 10s fall 1s\nannounce-when anycast4 server-running\n" + Healthy + """
            at 100s process ns1 gone "signal 9"
            at 200s healthy ns1 pid 101
            at 300s expect anycast4 announced
            """, policy => policy with { Routes = [policy.Routes[0] with { WithdrawWhen = [new("server-shutting-down")] }] }).Observed();
        var miss = Assert.Single(seen.Misses.Newest);
        Assert.Equal(("not-listed", "ns1/server-down", 100), (miss.Why, miss.What, miss.Lasted.TotalSeconds));
    }

    [Fact]
    public void A_suspicion_withdraws_nothing_and_is_told()
    {
        var miss = Only(Server + "condition ill external polarity bad class local\nroute anycast4 192.0.2.0/24 rise 10s fall 1s\nannounce-when anycast4 server-running\nannounce-when anycast4 not ill\nwithdraw-when anycast4 ill\n" + Healthy.Replace("at 60s ", "at 0s claim check/1 ill ns1 not-met valid 1h\nat 60s ", StringComparison.Ordinal) + """
            at 100s claim check/1 ill ns1 met valid 1h suspicion
            at 200s claim check/1 ill ns1 not-met valid 1h
            at 300s expect anycast4 announced
            """);
        // Not server-down: what is kept is told by what it is kept for.
        Assert.Equal(("kept", "ns1/not ill", 100), (miss.Why, miss.What, miss.Lasted.TotalSeconds));
    }

    [Fact]
    public void Where_the_reference_is_not_known_it_says_so()
    {
        var miss = Only("""
            mode observe
            server ns1 zones nl example
            source process ns1
            source knot ns1
            source primary ns1
            condition expired zone-expiring before 0s
            route anycast4 192.0.2.0/24 rise 10s fall 1s
            announce-when anycast4 server-running
            announce-when anycast4 all-zones-ready
            withdraw-when anycast4 expired share 50%

            """ + Healthy + """
            at 70s  lost primary/ns1 "no route to host"
            at 70s  signal knot/ns1/control zone nl expires-in 10s
            at 70s  signal knot/ns1/control zone example expires-in 10s
            at 81s  signal knot/ns1/control zone nl serial none
            at 81s  signal knot/ns1/control zone example serial none
            at 100s expect anycast4 kept
            """);
        Assert.Equal(("no-reference", 80), (miss.Why, weeks.Seconds(miss.At)));
        Assert.Contains("reference", miss.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_without_a_reason_to_withdraw_is_kept_and_told()
    {
        var miss = Only(Server + "route anycast4 192.0.2.0/24 rise 10s fall 1s\nannounce-when anycast4 server-running\nannounce-when anycast4 all-zones-ready\n" + Healthy + """
            at 100s signal knot/ns1/control zone nl serial none
            at 170s signal knot/ns1/control zone nl serial 7
            at 300s expect anycast4 announced
            """);
        Assert.Equal(("kept", "ns1/all-zones-ready", 100, 70), (miss.Why, miss.What, weeks.Seconds(miss.At), miss.Lasted.TotalSeconds));
        Assert.Contains("nl", miss.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_withdrawn_drained_or_over_within_fall_is_no_miss()
    {
        var seen = weeks.Live(Server + "route anycast4 192.0.2.0/24 rise 10s fall 5s\nannounce-when anycast4 server-running\n" + Healthy + """
            at 100s process ns1 gone "signal 9"
            at 103s healthy ns1 pid 101
            at 200s drain anycast4 for 1h
            at 300s process ns1 gone "signal 9"
            at 400s healthy ns1 pid 102
            at 500s undrain anycast4
            at 600s expect anycast4 announced
            """).Observed();
        Assert.Empty(seen.Misses.Newest);
        Assert.Empty(seen.Withdraws.Newest);
        Assert.Equal(2, seen.Causes.Single(c => c.Entry == "server-down").Seen);
    }

    [Fact]
    public void A_persons_override_exercises_nothing()
    {
        var seen = weeks.Live(Server + "route anycast4 192.0.2.0/24 rise 10s fall 1s\nannounce-when anycast4 server-running\n" + Healthy + """
            at 100s override server-down ns1 met for 60s
            at 102s expect anycast4 withdrawn
            at 300s read knot/ns1/control
            """).Observed();
        Assert.Equal(1, seen.Withdraws.Count);
        var down = seen.Causes.Single(c => c.Entry == "server-down");
        Assert.Equal((0, 1), (down.Seen, down.Overridden));
        Assert.NotNull(down.Provoke);
    }
}
