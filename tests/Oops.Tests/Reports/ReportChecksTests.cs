using Oops.Core;
using Oops.Reports;
using Oops.Reports.Verify;
using Xunit;

namespace Oops.Tests.Reports;

/// <summary>Which reports are checked, in which order, and what follows for the conditions.</summary>
public sealed class ReportChecksTests
{
    static readonly KindSpec Verified = TallyRig.Bogus with { Name = "sure", Verified = true, Number = 2, Networks = 2 };

    readonly TallyRig rig = new(new() { Conditions = [Verified], Checks = new(TimeSpan.FromMinutes(10), 600) }, "broken.test", "fine.test", "other.example");

    CheckOrder Next()
    {
        Assert.True(rig.Tally.TryCheck(out var order));
        return order;
    }

    void Finish(CheckOrder order, CheckVerdict verdict) => rig.Tally.Checked(order, verdict, "www." + order.Zone, "A: bogus");

    [Fact]
    public void A_report_counts_for_a_condition_that_is_verified_only_once_a_check_has_confirmed_it()
    {
        rig.Report("www.broken.test", from: "192.0.2.1");
        rig.Report("www.broken.test", from: "198.51.100.1");
        Assert.Empty(rig.Told());
        Finish(Next(), CheckVerdict.Confirmed);
        Assert.Equal([$"broken.test 2: 7 (signature-expired); confirmed at {rig.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}: www.broken.test A: bogus"], rig.Told());
        // What is confirmed counts at once, and is not checked again.
        rig.Report("www.broken.test", from: "203.0.113.1");
        Assert.StartsWith("broken.test 3: ", Assert.Single(rig.Told()), StringComparison.Ordinal);
        Assert.False(rig.Tally.TryCheck(out _));
    }

    [Theory]
    [InlineData("NotConfirmed")]
    [InlineData("Unknown")]
    public void A_forged_report_moves_nothing_from_however_many_networks(string verdict)
    {
        for (var i = 0; i < 60; i++) rig.Report("www.fine.test", from: $"192.0.{i}.1");
        Finish(Next(), Enum.Parse<CheckVerdict>(verdict));
        for (var i = 60; i < 120; i++) rig.Report("www.fine.test", from: $"192.0.{i}.1");
        Assert.Empty(rig.Told());
        Assert.False(rig.Tally.TryCheck(out _));
    }

    [Fact]
    public void After_a_while_it_is_checked_again_and_what_was_confirmed_is_believed_no_longer()
    {
        rig.Report("www.broken.test");
        Finish(Next(), CheckVerdict.Confirmed);
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        rig.Report("www.broken.test", from: "198.51.100.1");
        rig.Report("www.broken.test", from: "203.0.113.1");
        Assert.Empty(rig.Told());
        Finish(Next(), CheckVerdict.NotConfirmed);
        Assert.Empty(rig.Told());
        Assert.Equal((1, 1, 0, 0), (rig.Tally.CheckCounts.Confirmed, rig.Tally.CheckCounts.NotConfirmed, rig.Tally.CheckCounts.Shed, rig.Tally.CheckCounts.Waiting));
    }

    [Fact]
    public void One_network_does_not_keep_the_others_of_its_zone_waiting()
    {
        for (var i = 0; i < 100; i++) rig.Report($"n{i}.broken.test");
        Assert.Equal((100 - ReportChecks.MostOfNetwork, ReportChecks.MostOfNetwork), (rig.Tally.CheckCounts.Shed, rig.Tally.CheckCounts.Waiting));
        rig.Report("www.broken.test", from: "198.51.100.1");
        Assert.Equal(ReportChecks.MostOfNetwork + 1, rig.Tally.CheckCounts.Waiting);
        // What was taken makes room.
        Next();
        rig.Report("n200.broken.test");
        Assert.Equal(ReportChecks.MostOfNetwork + 1, rig.Tally.CheckCounts.Waiting);
    }

    [Fact]
    public void Who_told_of_it_before_it_was_confirmed_counts_once_it_is()
    {
        rig.Report("www.broken.test", from: "192.0.2.1");
        Finish(Next(), CheckVerdict.NotConfirmed);
        rig.Report("www.broken.test", from: "198.51.100.1");
        Assert.Empty(rig.Told());
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        rig.Report("www.broken.test", from: "203.0.113.1");
        Finish(Next(), CheckVerdict.Confirmed);
        Assert.StartsWith("broken.test 3: ", Assert.Single(rig.Told()), StringComparison.Ordinal);
    }

    [Fact]
    public void That_nothing_could_be_said_is_believed_for_a_minute_only()
    {
        rig.Report("www.broken.test", from: "192.0.2.1");
        Finish(Next(), CheckVerdict.Unknown);
        rig.Report("www.broken.test", from: "198.51.100.1");
        Assert.False(rig.Tally.TryCheck(out _));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        rig.Report("www.broken.test", from: "203.0.113.1");
        Finish(Next(), CheckVerdict.Confirmed);
        Assert.StartsWith("broken.test 3: ", Assert.Single(rig.Told()), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_may_have_forged_his_address_and_names_in_no_zone_begin_no_check()
    {
        rig.Report("www.broken.test", path: ReportPath.Udp);
        rig.Report("www.elsewhere.invalid");
        Assert.False(rig.Tally.TryCheck(out _));
    }

    [Fact]
    public void A_flood_of_one_zone_is_shed_and_counted_and_the_others_take_turns_with_it()
    {
        for (var i = 0; i < 50; i++) rig.Report($"n{i}.broken.test", from: $"192.0.{i}.1");
        rig.Report("www.fine.test");
        rig.Report("www.other.example");
        Assert.Equal((50 - ReportChecks.MostOfZone, ReportChecks.MostOfZone + 2), (rig.Tally.CheckCounts.Shed, rig.Tally.CheckCounts.Waiting));
        Assert.Equal(["broken.test", "fine.test", "other.example", "broken.test"], Enumerable.Range(0, 4).Select(_ => Next().Zone));
    }

    [Fact]
    public void Where_all_places_are_taken_a_zone_with_none_gets_one_and_every_report_is_accounted_for()
    {
        var zones = Enumerable.Range(0, 100).Select(i => $"z{i}.example").ToArray();
        var many = new TallyRig(new() { PerNetwork = 100_000, Conditions = [Verified], Checks = new(TimeSpan.FromMinutes(10), 600) }, zones);
        foreach (var zone in zones)
            for (var i = 0; i < 20; i++) many.Report($"n{i}.{zone}", from: $"192.0.{i}.1");
        var counts = many.Tally.CheckCounts;
        Assert.Equal((ReportChecks.MostWaiting, 2000), (counts.Waiting, counts.Waiting + counts.Shed));
        HashSet<string> served = [];
        for (var i = 0; i < ReportChecks.MostWaiting && many.Tally.TryCheck(out var order); i++)
        {
            Assert.EndsWith(order.Zone, $"{Oops.Reports.Verify.CheckProcess.Escaped(order.Labels)}", StringComparison.Ordinal);
            served.Add(order.Zone);
        }

        Assert.True(served.Count > 60, $"{served.Count} zones");
    }

    [Fact]
    public void What_was_found_gives_its_place_to_others_and_nothing_is_mixed_up()
    {
        var few = new TallyRig(new() { PerNetwork = 100_000, PerZone = 100_000, Conditions = [Verified], Checks = new(TimeSpan.FromMinutes(10), 1) }, "broken.test");
        for (var i = 0; i < 5000; i++)
        {
            few.Time.Advance(TimeSpan.FromMilliseconds(1));
            few.Report($"n{i}.broken.test");
            Assert.True(few.Tally.TryCheck(out var order));
            Assert.Equal($"n{i}.broken.test", CheckProcess.Escaped(order.Labels));
            few.Tally.Checked(order, CheckVerdict.NotConfirmed, "n.broken.test", "");
        }

        Assert.Equal(5000, few.Tally.CheckCounts.NotConfirmed);
    }

    [Fact]
    public void Nothing_is_allocated_for_what_waits_is_shed_or_gives_way()
    {
        var checks = new ReportChecks(new(TimeSpan.FromMinutes(10), 100));
        var zones = Enumerable.Range(0, 50).Select(i => $"z{i}.example").ToArray();
        ulong next = 0;
        void Flood(int many)
        {
            for (var i = 0; i < many; i++) checks.Heard(++next * 0x9E3779B97F4A7C15, zones[next % 50], "\u0003www"u8, "1"u8, 7, next, 1);
        }

        Flood(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Flood(5000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((ReportChecks.MostWaiting, 5100), (checks.Counts.Waiting, checks.Counts.Waiting + checks.Counts.Shed));
    }

    [Fact]
    public void A_zone_that_has_left_the_list_is_not_asked_for()
    {
        rig.Report("www.broken.test");
        rig.Tally.Zones = new(["fine.test"]);
        Assert.False(rig.Tally.TryCheck(out _));
        Assert.Equal(1, rig.Tally.CheckCounts.Dropped);
    }
}
