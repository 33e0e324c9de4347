using Oops.Core;
using Xunit;

namespace Oops.Tests.Observed;

/// <summary>What is told of weeks in observe, from journals that the real machine wrote.</summary>
public sealed class ObservingTests : IDisposable
{
    const string Header = """
        mode observe
        server ns1 zones nl example
        source process ns1
        source knot ns1
        source systemd ns1
        route anycast4 192.0.2.0/24 rise 10s fall 1s
        announce-when anycast4 server-running

        """;

    const string Healthy = """
        at 0s    router edge has anycast4 withdrawn
        at 0s    healthy ns1 pid 100
        at 11s   expect anycast4 announced

        """;

    readonly Weeks weeks = new();

    public void Dispose() => weeks.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_goes_via_a_speaker_is_out_while_oops_does_not_run_and_what_a_router_keeps_is_not(bool speaker)
    {
        using var weeks = new Weeks { Dying = new HashSet<string>(speaker ? ["anycast4"] : []) };
        var seen = weeks.Live(Header.Replace("mode observe\n", "", StringComparison.Ordinal) + Healthy + $"""
            at 98s   hold anycast4
            at 99s   unhold anycast4
            at 100s  read knot/ns1/control # dies
            at 130s  {(speaker ? "router edge forgets" : "open knot/ns1/control")}
            at 131s  restart
            at 132s  router edge read
            at 132s  healthy ns1 pid 100
            at 200s  expect anycast4 announced
            """).Observed();
        var totals = Assert.Single(seen.Routes);
        Assert.Equal(speaker ? 1 : 0, totals.Withdraws);
        if (!speaker) return;
        var withdraw = Assert.Single(seen.Withdraws.Newest);
        Assert.Equal((false, "oops did not run, at most for so long, and what goes via a speaker ends with it"), (withdraw.Observed, withdraw.Because));
        Assert.InRange(totals.OutFor.TotalSeconds, 31, 60);
        Assert.Equal(1, seen.Gaps.Count);
    }

    [Fact]
    public void A_crash_is_a_would_withdraw_seen_once_and_what_never_happened_is_never_exercised()
    {
        var seen = weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 101s  expect anycast4 withdrawn
            at 130s  healthy ns1 pid 101
            at 200s  expect anycast4 announced
            at 300s  expect told nothing
            """).Observed();
        var withdraw = Assert.Single(seen.Withdraws.Newest);
        Assert.True(withdraw.Observed);
        Assert.Equal((101, "announced", "anycast4"), (weeks.Seconds(withdraw.At), withdraw.Ended, withdraw.Route));
        // `rise` doubles with each withdraw, as if it had acted.
        Assert.Equal(150, weeks.Seconds(withdraw.Until!.Value));
        Assert.Equal(TimeSpan.FromSeconds(49), withdraw.OutFor);
        Assert.Equal("ns1/server-down", Assert.Single(withdraw.Causes));
        Assert.Contains("signal 9", withdraw.Because, StringComparison.Ordinal);
        var totals = Assert.Single(seen.Routes);
        Assert.Equal((1, 0, 2, 0, 0), (totals.WouldWithdraws, totals.Withdraws, totals.Announcements, totals.Refused, totals.Misses));
        Assert.Equal(TimeSpan.FromSeconds(49), totals.WouldBeOutFor);
        Assert.Equal(Mode.Observe, totals.Mode);
        Assert.Empty(seen.Misses.Newest);
        var (down, stopping) = (seen.Causes.Single(c => c.Entry == "server-down"), seen.Causes.Single(c => c.Entry == "server-shutting-down"));
        Assert.Equal((1, 100, false, null), (down.Seen, weeks.Seconds(down.Last!.Value), down.Stands, down.Provoke));
        Assert.Equal(TimeSpan.FromSeconds(30), down.Longest);
        Assert.Equal((0, "provoke server-shutting-down of ns1"), (stopping.Seen, stopping.Provoke));
        Assert.Equal((300, 1), (seen.KnownFor.TotalSeconds, seen.Starts.Count));
        Assert.Null(seen.Why);
    }

    [Fact]
    public void What_was_there_before_the_time_that_is_asked_for_does_not_count()
    {
        weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 130s  healthy ns1 pid 101
            at 150s  expect anycast4 announced
            at 1000s process ns1 gone "signal 11"
            at 1001s expect anycast4 withdrawn
            at 1100s read knot/ns1/control
            """);
        var seen = weeks.Observed(since: 1050);
        var standing = Assert.Single(seen.Withdraws.Newest);
        Assert.Equal((1001, null, null), (weeks.Seconds(standing.At), standing.Until, standing.Ended));
        Assert.Equal(TimeSpan.FromSeconds(50), standing.OutFor);
        Assert.True(seen.Causes.Single(c => c.Entry == "server-down").Stands);
        Assert.Equal(1, seen.Causes.Single(c => c.Entry == "server-down").Seen);
        Assert.Equal((50, 0), (seen.KnownFor.TotalSeconds, seen.Starts.Count));
        Assert.Equal(2, weeks.Observed().Withdraws.Count);
        Assert.Equal(TimeSpan.FromSeconds(99 + 49), weeks.Observed().Routes[0].WouldBeOutFor);
    }

    [Fact]
    public void A_restart_is_a_start_and_a_gap_and_an_outage_goes_on_over_it()
    {
        var seen = weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 101s  expect anycast4 withdrawn
            at 110s  pause 20s # stops
            at 130s  restart
            at 130s  router edge has anycast4 withdrawn
            at 130s  open process/ns1
            at 130s  process ns1 gone "no process"
            at 131s  expect anycast4 withdrawn
            at 140s  healthy ns1 pid 101
            at 200s  expect anycast4 announced
            """).Observed();
        Assert.Equal(["first", "orderly"], seen.Starts.Newest.Select(s => s.Before));
        var gap = Assert.Single(seen.Gaps.Newest);
        Assert.Equal((110, 20, "oops did not run"), (weeks.Seconds(gap.From), gap.Lasted.TotalSeconds, gap.Why));
        Assert.Equal(180, seen.KnownFor.TotalSeconds);
        var withdraw = Assert.Single(seen.Withdraws.Newest);
        Assert.Equal((101, 160), (weeks.Seconds(withdraw.At), weeks.Seconds(withdraw.Until!.Value)));
        // Without the gap.
        Assert.Equal(39, withdraw.OutFor.TotalSeconds, 0.01);
        Assert.Equal(1, seen.Causes.Single(c => c.Entry == "server-down").Seen);
        Assert.Empty(seen.ConfigChanges.Newest);
    }

    [Fact]
    public void A_death_of_oops_and_a_reboot_are_told_apart_and_what_nobody_saw_is_not_counted()
    {
        var seen = weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 101s  expect anycast4 withdrawn
            at 110s  pause 20s # dies
            at 130s  restart
            at 130s  router edge has anycast4 withdrawn
            at 130s  healthy ns1 pid 101
            at 200s  expect anycast4 announced
            at 300s  pause 100s # dies
            at 400s  reboot
            at 400s  router edge has anycast4 withdrawn
            at 400s  healthy ns1 pid 1
            at 600s  expect anycast4 announced
            """).Observed();
        Assert.Equal(["first", "crashed", "rebooted"], seen.Starts.Newest.Select(s => s.Before));
        Assert.Equal(2, seen.Gaps.Count);
        Assert.Contains(seen.Gaps.Newest, g => g.Why.Contains("started anew", StringComparison.Ordinal));
        Assert.Equal(1, seen.Withdraws.Count);
        Assert.Equal(1, seen.Causes.Single(c => c.Entry == "server-down").Seen);
        Assert.InRange(seen.Causes.Single(c => c.Entry == "server-down").Longest!.Value.TotalSeconds, 1, 10);
        Assert.Empty(seen.Misses.Newest);
    }

    [Fact]
    public void An_oops_that_does_not_run_any_more_leaves_a_gap_up_to_now()
    {
        weeks.Live(Header + Healthy + "at 100s pause 0s # stops\nat 1000s pause 0s\n");
        var seen = weeks.Observed(running: false);
        Assert.Equal((1000, 900), (weeks.Seconds(seen.To), Assert.Single(seen.Gaps.Newest).Lasted.TotalSeconds));
        Assert.Equal(100, seen.KnownFor.TotalSeconds);
        // Whose journal it is, is not known: then it ends with its last line.
        Assert.Equal((100, 0), (weeks.Seconds(weeks.Observed(running: null).To), weeks.Observed(running: null).Gaps.Count));
        var nothing = weeks.Observed(since: 500, running: false);
        Assert.Equal(TimeSpan.Zero, nothing.KnownFor);
        Assert.StartsWith("nothing was written since 2026-01-01T00:01:40.000Z", nothing.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_written_and_what_oops_slept_through_are_gaps()
    {
        var seen = weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 102s  expect anycast4 withdrawn # full
            at 120s  expect anycast4 withdrawn # room
            at 130s  healthy ns1 pid 101
            at 160s  expect anycast4 announced
            at 200s  expect anycast4 announced # paused
            at 260s  expect anycast4 announced
            """).Observed();
        Assert.Equal(["the journal could not be written", "oops was stopped, starved or suspended"], seen.Gaps.Newest.Select(g => g.Why));
        Assert.Equal([(101, 19), (170, 30)], seen.Gaps.Newest.Select(g => (weeks.Seconds(g.From), g.Lasted.TotalSeconds)));
        Assert.Equal((260 - 49, 1), (seen.KnownFor.TotalSeconds, seen.Starts.Count));
        Assert.Equal(TimeSpan.FromSeconds(49 - 19), Assert.Single(seen.Withdraws.Newest).OutFor);
        Assert.Equal(1, seen.Causes.Single(c => c.Entry == "server-down").Seen);
    }

    [Fact]
    public void A_journal_that_is_kept_for_less_says_from_when_on_it_is_there()
    {
        weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 130s  healthy ns1 pid 101
            at 150s  expect anycast4 announced
            at 5000s process ns1 gone "signal 9"
            at 5001s expect anycast4 withdrawn
            at 5030s healthy ns1 pid 102
            at 6000s expect anycast4 announced
            """);
        Assert.Equal(2, weeks.Observed().Withdraws.Count);
        var seen = weeks.Retain(TimeSpan.FromSeconds(2000)).Observed();
        Assert.Contains("nothing older", seen.Why, StringComparison.Ordinal);
        Assert.InRange(weeks.Seconds(seen.From), 2000, 2700);
        Assert.Equal((weeks.Now - seen.From, 0L), (seen.KnownFor, seen.Starts.Count));
        Assert.Equal(5001, weeks.Seconds(Assert.Single(seen.Withdraws.Newest).At));
        Assert.Equal(1, seen.Causes.Single(c => c.Entry == "server-down").Seen);
    }

    [Fact]
    public void A_config_change_begins_no_cause_anew_and_one_that_is_another_was_never_seen()
    {
        var seen = weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 101s  expect anycast4 withdrawn
            at 110s  reload route anycast4 rise 20s
            at 120s  healthy ns1 pid 101
            at 400s  expect anycast4 announced
            """).Observed();
        var change = Assert.Single(seen.ConfigChanges.Newest);
        Assert.Equal((110, "config-1", "config-2", "reload"), (weeks.Seconds(change.At), change.From, change.To, change.How));
        Assert.Equal((1, 0), (seen.Starts.Count, seen.Gaps.Count));
        Assert.Equal(1, seen.Causes.Single(c => c.Entry == "server-down").Seen);
        Assert.Equal(TimeSpan.FromSeconds(20), seen.Causes.Single(c => c.Entry == "server-down").Longest);
        Assert.Equal(1, seen.Withdraws.Count);
        Assert.Equal("config-2", seen.Config);
    }

    [Fact]
    public void Going_to_act_makes_real_withdraws_of_what_would_have_been()
    {
        var seen = weeks.Live(Header + Healthy + """
            at 100s  process ns1 gone "signal 9"
            at 101s  expect anycast4 withdrawn
            at 130s  healthy ns1 pid 101
            at 160s  expect anycast4 announced
            at 200s  reload confirmed mode act
            at 250s  expect anycast4 announced
            at 300s  signal ns1 stopping
            at 301s  expect anycast4 withdrawn
            at 302s  process ns1 gone "exit 0"
            at 310s  healthy ns1 pid 102
            at 400s  expect anycast4 announced
            """).Observed();
        Assert.Equal([true, false], seen.Withdraws.Newest.Select(w => w.Observed));
        Assert.Equal((1, 1, Mode.Act), (seen.Routes[0].WouldWithdraws, seen.Routes[0].Withdraws, seen.Routes[0].Mode));
        Assert.Equal("ns1/server-shutting-down", Assert.Single(seen.Withdraws.Newest[1].Causes));
        Assert.All(seen.Causes.Where(c => c.List == "withdraw-when"), c => Assert.True(c.Seen > 0, c.Entry));
    }

    [Fact]
    public void Two_routes_are_told_apart_and_one_can_be_asked_for()
    {
        weeks.Live("""
            mode observe
            server ns1 zones nl
            server ns2 zones nl
            source process ns1
            source knot ns1
            source process ns2
            source knot ns2
            route one 192.0.2.0/24 servers ns1 rise 10s fall 1s
            announce-when one server-running
            route two 198.51.100.0/24 servers ns2 rise 10s fall 1s
            announce-when two server-running
            at 0s   router edge has one withdrawn two withdrawn
            at 0s   healthy ns1 pid 100
            at 0s   healthy ns2 pid 200
            at 100s process ns2 gone "signal 9"
            at 120s expect one announced
            at 120s expect two withdrawn
            """);
        var seen = weeks.Observed();
        Assert.Equal("two", Assert.Single(seen.Withdraws.Newest).Route);
        Assert.Equal([0, 1], seen.Routes.Select(r => r.WouldWithdraws));
        Assert.Equal(["two"], weeks.Observed(routes: "two").Routes.Select(r => r.Route));
        Assert.Empty(weeks.Observed(routes: "one").Withdraws.Newest);
        Assert.All(weeks.Observed(routes: "one").Causes, c => Assert.Equal(("one", 0L), (c.Route, c.Seen)));
    }

    [Fact]
    public void Only_the_newest_are_listed_and_all_are_counted()
    {
        var crashes = string.Concat(Enumerable.Range(1, 12).Select(i => $"at {i * 4000}s process ns1 gone \"signal 9\"\nat {(i * 4000) + 60}s healthy ns1 pid {100 + i}\n"));
        var seen = weeks.Live(Header + Healthy + crashes + "at 60000s expect anycast4 announced\n").Observed(most: 5);
        Assert.Equal((12, 5), (seen.Withdraws.Count, seen.Withdraws.Newest.Length));
        Assert.Equal(48001, weeks.Seconds(seen.Withdraws.Newest[^1].At));
        Assert.Equal(12, seen.Routes[0].WouldWithdraws);
        Assert.Equal(12, seen.Causes.Single(c => c.Entry == "server-down").Seen);
    }

    [Fact]
    public void Announcements_that_the_budget_would_have_refused_are_counted()
    {
        var seen = weeks.Live(Header.Replace("fall 1s", "fall 1s budget 1 per 30m", StringComparison.Ordinal) + Healthy + """
            at 100s process ns1 gone "signal 11"
            at 101s healthy ns1 pid 101
            at 200s expect anycast4 announced
            at 210s process ns1 gone "signal 11"
            at 212s healthy ns1 pid 102
            at 213s expect alarm budget/anycast4
            at 300s expect anycast4 withdrawn
            """).Observed();
        Assert.Equal((2, 2, 1), (seen.Routes[0].WouldWithdraws, seen.Routes[0].Announcements, seen.Routes[0].Refused));
    }
}
