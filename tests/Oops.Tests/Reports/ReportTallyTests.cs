using Oops.Dns;
using Oops.Reports;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports;

/// <summary>What is counted of reports, by whom, and what a flood can do to it.</summary>
public sealed class ReportTallyTests
{
    readonly TallyRig rig = new();

    [Fact]
    public void A_report_is_counted_once_for_each_network_and_window()
    {
        rig.Report("www.broken.test");
        rig.Report("www.broken.test");
        rig.Report("www.broken.test", from: "192.0.2.200");
        Assert.Equal((1, 2), (rig.Tally.Counts.Verified, rig.Tally.Counts.Repeated));
        // Another network, type, code, name, and path of proof is another report.
        rig.Report("www.broken.test", from: "192.0.3.1");
        rig.Report("www.broken.test", from: "2001:db8:1::1");
        rig.Report("www.broken.test", from: "2001:db8:1:2::1");
        rig.Report("www.broken.test", types: "1-28");
        rig.Report("www.broken.test", code: 9);
        rig.Report("broken.test");
        rig.Report("www.broken.test", path: ReportPath.Udp);
        Assert.Equal((6, 1, 3), (rig.Tally.Counts.Verified, rig.Tally.Counts.Unverified, rig.Tally.Counts.Repeated));
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        rig.Report("www.broken.test");
        Assert.Equal((7, 3), (rig.Tally.Counts.Verified, rig.Tally.Counts.Repeated));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("a")]
    [InlineData("ab")]
    public void The_shortest_names_are_counted_as_all_others(string name)
    {
        rig.Report(name);
        rig.Report(name);
        rig.Report(name, from: "192.0.3.1");
        rig.Report(name, code: 9);
        Assert.Equal((3, 1), (rig.Tally.Counts.Verified, rig.Tally.Counts.Repeated));
        Assert.Equal([(name, 2L), (name, 1L)], rig.News().OrderBy(n => n.Code).Select(n => (n.Name, n.Count)));
    }

    [Fact]
    public void The_zone_is_the_longest_that_is_known()
    {
        rig.Report("a.b.broken.test");
        rig.Report("elsewhere.test");
        rig.Report("xbroken.test");
        rig.Report("unknown.invalid");
        Assert.Equal(
            ["a.b.broken.test broken.test", "elsewhere.test test", "unknown.invalid -", "xbroken.test test"],
            rig.News().Select(n => $"{n.Name} {n.Zone ?? "-"}").Order(StringComparer.Ordinal));
        Assert.Equal((1, 2, null), (rig.Tally.Find("broken.test")?.Count, rig.Tally.Find("test")?.Count, rig.Tally.Find("unknown.invalid")?.Count));
        Assert.Equal(1, rig.Tally.Counts.Elsewhere);
    }

    [Fact]
    public void In_a_zone_that_delegates_the_delegation_is_named()
    {
        rig.Tally.Zones = new(["test", "co.test"], new HashSet<string> { "co.test" });
        rig.Report("www.shop.co.test");
        rig.Report("co.test");
        rig.Report("www.test");
        Assert.Equal(["co.test co.test", "www.shop.co.test shop.co.test", "www.test test"], rig.News().Select(n => $"{n.Name} {n.Zone}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_came_is_told_once()
    {
        rig.Report("www.broken.test", types: "1-28");
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        rig.Report("www.broken.test", from: "198.51.100.7", types: "1-28", path: ReportPath.Cookie);
        var news = Assert.Single(rig.News());
        Assert.Equal(("a01.agent-domain.example", "broken.test", "www.broken.test", "1-28", 7), (news.Agent, news.Zone, news.Name, news.Types, news.Code));
        Assert.Equal((2, 2, 2, "198.51.100.7"), (news.Count, news.Verified, news.Networks, news.LastFrom.ToString()));
        Assert.Equal(TimeSpan.FromSeconds(5), news.Last - news.First);
        Assert.Equal(1 << (int)ReportPath.Tcp | 1 << (int)ReportPath.Cookie, news.Paths);
        Assert.Empty(rig.News());
        rig.Report("www.broken.test", from: "203.0.113.7", types: "1-28");
        Assert.Equal((1, 3), (rig.News().Single().Count, 3));
    }

    [Fact]
    public void A_condition_is_told_the_weighted_number_once_enough_networks_spoke()
    {
        rig.Report("www.broken.test");
        rig.Report("www.broken.test", from: "198.51.100.1");
        Assert.Empty(rig.Told());
        rig.Report("www.broken.test", from: "203.0.113.1");
        Assert.Equal(["broken.test 3: 7 (signature-expired)"], rig.Told());
        Assert.Empty(rig.Told());
        // One noisy resolver: each further report of its network is a quarter.
        for (var i = 0; i < 7; i++) rig.Report($"n{i}.broken.test");
        Assert.Equal(["broken.test 4: 7 (signature-expired)"], rig.Told());
        rig.Report("n8.broken.test");
        Assert.Equal(["broken.test 5: 7 (signature-expired)"], rig.Told());
        // Another code than those of the condition.
        rig.Report("n9.broken.test", code: 22, from: "203.0.113.99");
        Assert.Empty(rig.Told());
    }

    [Fact]
    public void Whoever_may_write_any_address_is_no_network_and_weighs_a_tenth()
    {
        for (var i = 0; i < 200; i++) rig.Report("www.broken.test", from: $"10.0.{i}.1", path: ReportPath.Udp);
        Assert.Empty(rig.Told());
        for (var i = 1; i <= 3; i++) rig.Report("www.broken.test", from: $"10.1.{i}.1");
        Assert.Equal(["broken.test 23: 7 (signature-expired)"], rig.Told());
    }

    [Fact]
    public void The_window_moves_on()
    {
        for (var i = 1; i <= 3; i++) rig.Report("www.broken.test", from: $"10.1.{i}.1");
        Assert.Equal(["broken.test 3: 7 (signature-expired)"], rig.Told());
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        rig.Tally.Age();
        Assert.Empty(rig.Told());
        rig.Report("www2.broken.test", from: "10.1.4.1");
        Assert.Equal(["broken.test 4: 7 (signature-expired)"], rig.Told());
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        rig.Tally.Age();
        // One network is left.
        Assert.Equal(["broken.test 0"], rig.Told());
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        rig.Tally.Age();
        Assert.Empty(rig.Told());
        Assert.All(rig.Tally.Find("broken.test")!.Windows, Assert.Null);
    }

    [Fact]
    public void Zones_keep_what_is_counted_when_the_list_changes_and_those_that_left_are_forgotten()
    {
        for (var i = 1; i <= 3; i++)
        {
            rig.Report("www.broken.test", from: $"10.1.{i}.1");
            rig.Report("www.other.example", from: $"10.1.{i}.1");
        }
        Assert.Equal(["broken.test 3: 7 (signature-expired)", "other.example 3: 7 (signature-expired)"], rig.Told());
        rig.Tally.Zones = new(["new.example", "other.example"]);
        Assert.Empty(rig.Told());
        rig.Report("www.other.example", from: "10.1.4.1");
        Assert.Equal(["other.example 4: 7 (signature-expired)"], rig.Told());
        Assert.Equal((4, null), (rig.Tally.Find("other.example")?.Count, rig.Tally.Find("broken.test")?.Count));
    }

    [Fact]
    public void One_network_and_one_zone_have_their_limits_and_what_is_shed_is_counted()
    {
        var limited = new TallyRig(new() { PerNetwork = 10, PerZone = 50 });
        for (var i = 0; i < 100; i++) limited.Report($"n{i}.broken.test");
        // Two buckets, each with room for a second.
        Assert.Equal(100, limited.Tally.Counts.Verified + limited.Tally.Counts.ShedNetwork);
        Assert.InRange(limited.Tally.Counts.Verified, 10, 20);
        for (var i = 0; i < 250; i++) limited.Report($"m{i}.broken.test", from: $"10.0.{i}.1");
        Assert.InRange(limited.Tally.Find("broken.test")!.Count, 50, 100);
        // Another error of the same zone is not hidden by it, nor what is proved by what is not.
        limited.Report("x.broken.test", code: 6, from: "10.2.0.1");
        Assert.Equal(1, limited.News().Single(n => n.Code == 6).Count);
        for (var i = 0; i < 250; i++) limited.Report($"u{i}.other.example", from: "10.3.0.1", path: ReportPath.Udp);
        limited.Report("y.other.example", from: "10.3.0.1");
        Assert.Equal(1, limited.Tally.Find("other.example")!.Verified);
        Assert.Equal(limited.Tally.Counts.ShedZone, limited.Tally.Find("broken.test")!.Shed);
        Assert.Equal(602, limited.Tally.Counts.Verified + limited.Tally.Counts.Unverified + limited.Tally.Counts.ShedNetwork + limited.Tally.Counts.ShedZone);
        // Nobody else's.
        limited.Report("www.other.example", from: "10.1.0.1");
        Assert.Equal(2, limited.Tally.Find("other.example")?.Verified);
    }

    /// <summary>Forged ones have a table of their own; and among the proved, what comes once does not drive out what comes again.</summary>
    [Fact]
    public void A_flood_of_names_does_not_drive_out_what_is_reported_again_and_again()
    {
        var flooded = new TallyRig(new() { Rows = 1024, PerNetwork = 1_000_000, PerZone = 1_000_000 });
        for (var i = 0; i < 60_000; i++)
        {
            flooded.Report($"f{i}.broken.test", from: $"10.{i >> 8 & 255}.{i & 255}.1", path: i % 2 == 0 ? ReportPath.Udp : ReportPath.Tcp);
            if (i % 3000 == 0) flooded.Report("real.other.example", from: $"172.{i >> 8 & 255}.{i & 255}.1");
            if (i % 3000 == 1) flooded.Report("forged.other.example", from: $"172.{i >> 8 & 255}.{i & 255}.1", path: ReportPath.Udp);
        }
        var news = flooded.News();
        // The first time it is one of those that came once.
        Assert.InRange(news.Single(n => n.Name == "real.other.example").Count, 17, 20);
        Assert.InRange(news.Single(n => n.Name == "forged.other.example").Count, 17, 20);
        Assert.InRange(news.Count, 1024, 1024 + 256);
        Assert.Equal(40, flooded.Tally.Find("other.example")!.Count);
        Assert.True(flooded.Tally.Counts.Displaced > 40_000);
    }

    [Fact]
    public void A_spray_over_zones_takes_no_counters_from_those_that_proved_senders_speak_of()
    {
        var sprayed = new TallyRig(new() { Zones = 512, PerNetwork = 1_000_000 }, [.. Enumerable.Range(0, 5000).Select(i => $"z{i}.example")]);
        for (var i = 0; i < 300; i++) sprayed.Report($"z{i}.example", from: "198.51.100.1");
        for (var i = 300; i < 5000; i++) sprayed.Report($"z{i}.example", from: $"10.{i >> 8}.{i & 255}.1", path: ReportPath.Udp);
        Assert.All(Enumerable.Range(0, 300), i => Assert.Equal(1, sprayed.Tally.Find($"z{i}.example")?.Count));
        Assert.Equal(4700 - 212, sprayed.Tally.Counts.Crowded);
        sprayed.Report("z4999.example", from: "198.51.100.1");
        Assert.Equal(1, sprayed.Tally.Find("z4999.example")?.Verified);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(200)]
    public void Networks_are_estimated(int many)
    {
        for (var i = 0; i < many; i++) rig.Report("www.broken.test", from: $"10.{i}.0.1");
        Assert.InRange(rig.News().Single().Networks, (int)(many * 0.75), (int)(many * 1.3));
    }

    [Fact]
    public void Nothing_is_allocated_for_what_is_known()
    {
        Assert.True(DnsName.TryParse("_er.1.www.broken.test.7._er.a01.agent-domain.example", out var query));
        Assert.True(DnsName.TryParse("a01.agent-domain.example", out var agent));
        Assert.Equal(ReportReading.Report, ReportName.Read(query, agent, out var name));
        var least = long.MaxValue;
        // The first rounds may be those in which something grows, or is compiled.
        for (var round = 1; round <= 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Many(name, round);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    void Many(scoped ReportName name, int net)
    {
        for (var i = 0; i < 1000; i++)
            rig.Tally.Take(new HeardReport { Agent = 0, Name = name, From = new((UInt128)0xFFFF << 32 | (uint)(net << 24 | i << 8)), Path = ReportPath.Tcp, At = Arrival.Now(rig.Time) });
    }
}
