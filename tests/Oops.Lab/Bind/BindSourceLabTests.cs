using System.Globalization;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Bind;

/// <summary>The source against a real named: each condition begins and ends, and what was measured of named is a test each.</summary>
public sealed class BindSourceLabTests
{
    const string Refused = "statistics lost: bind: Connection refused at 127.0.0.1:8053*";

    [Fact]
    public async Task At_the_start_all_is_read_and_listed_an_inline_signed_zone_once_and_a_broken_one_without_a_serial()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named { Files = ["one.test"] };
        await File.WriteAllTextAsync(named.PathOf("broken.test.zone"), "no zone file\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(named.PathOf("odd.zone"), "$TTL 5\n@ SOA ns.one.test. h.one.test. 7 3 1 8 5\n@ NS ns.one.test.\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(named.PathOf("signed.test.zone"), ZoneText.Of("signed.test", 100, new ZoneTimers()), TestContext.Current.CancellationToken);
        named.More = """
            dnssec-policy "short" { keys { csk key-directory lifetime unlimited algorithm ecdsap256sha256; }; signatures-validity 1h; signatures-validity-dnskey 1h; signatures-refresh 10m; signatures-jitter 5m; };
            zone "broken.test" { type primary; file "broken.test.zone"; };
            zone "signed.test" { type primary; file "signed.test.zone"; dnssec-policy "short"; inline-signing yes; };
            zone "we\"ird\032x\\y\200\.dot.test" { type primary; file "odd.zone"; };
            zone "fwd.test" { type forward; forwarders { 192.0.2.9; }; };
            zone "stub.test" { type stub; primaries { 192.0.2.9; }; };

            """;
        await named.StartAsync();
        await using var source = new RunningBind();
        var said = await source.HearAsync("statistics opened", "statistics Answering 1", "statistics read");
        Assert.Contains("statistics one.test Serial 100", said);
        Assert.Contains("statistics one.test Expiry absent", said);
        Assert.Contains("statistics one.test RefreshFailures 0", said);
        Assert.Contains("statistics broken.test Serial absent (never loaded)", said);
        var odd = Oops.Servers.ZoneBook.Canonical("we\\\"ird\\032x\\\\y\\200\\.dot.test");
        Assert.Contains($"statistics {odd} Serial 7", said);
        var list = said.Single(s => s.StartsWith("statistics list", StringComparison.Ordinal));
        Assert.Equal(1, list.Split(' ').Count(w => w == "signed.test"));
        Assert.DoesNotContain("stub.test", list, StringComparison.Ordinal);
        // Its file says 100; it is signed with a serial of its own.
        if (!said.Exists(s => s.StartsWith("statistics signed.test Serial 10", StringComparison.Ordinal) && !s.EndsWith(" 100", StringComparison.Ordinal)))
            await source.HearAsync("statistics signed.test Serial 10*");
    }

    [Fact]
    public async Task A_thousand_zones_are_read_and_a_new_configuration_is_seen_before_the_interval_is_over()
    {
        LabRequires.Programs("named", "rndc");
        var zones = Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"z{i}.test")).ToList();
        await using var named = new Named { Files = zones };
        await named.StartAsync();
        await using var source = new RunningBind(o => o with { Interval = TimeSpan.FromMinutes(10) });
        var said = await source.HearAsync("statistics opened", "statistics read");
        Assert.Equal(1000, said.Count(s => s.EndsWith(" Serial 100", StringComparison.Ordinal)));
        Assert.Equal(1000, source.Counted("zones"));

        source.Engine.Zones = [.. zones];
        await source.HearAsync("rate QueryRate *");
        named.Files = [.. zones[1..], "new.test"];
        await named.ReconfigureAsync();
        // Gone by the list, and denied over DNS.
        said = await source.HearAsync("statistics new.test Serial 100", "statistics z0.test Serial absent*", "statistics list*");
        Assert.Contains("statistics z0.test Serial absent (REFUSED)", said);
    }

    [Fact]
    public async Task An_update_is_seen_by_the_counter_of_transfers()
    {
        LabRequires.Programs("named", "rndc", "knotd");
        await using var primary = new PrimaryKnotd(["one.test"], new ZoneTimers(Refresh: 3600, Retry: 600, Expire: 7200));
        await primary.StartAsync();
        await using var named = new Named { Secondary = ["one.test"] };
        await named.StartAsync();
        await using var source = new RunningBind(o => o with { Interval = TimeSpan.FromMinutes(10) });
        await source.HearAsync("statistics one.test Serial 100", "rate QueryRate *");
        await primary.UpdateAsync("one.test");
        await source.HearAsync("statistics one.test Serial 101");
    }

    [Fact]
    public async Task A_primary_that_refuses_makes_failed_refreshes_then_an_expiry_and_each_ends_with_the_same_serial_and_with_a_new_one()
    {
        LabRequires.Programs("named", "rndc", "knotd");
        await using var primary = new PrimaryKnotd(["one.test", "two.test"]);
        await primary.StartAsync();
        await using var named = new Named { Secondary = ["one.test", "two.test"] };
        await named.StartAsync();
        await using var source = new RunningBind();
        await source.HearAsync("statistics one.test Serial 100");
        await primary.DropKeyAsync("one.test");
        var said = await ExpiredAsync(source);
        await primary.RestoreKeyAsync("one.test");
        await primary.NotifyAsync("one.test");
        said.AddRange(await source.HearAsync("statistics one.test Serial 100", "statistics one.test Expiry *", "statistics one.test RefreshFailures 0"));

        await primary.DropKeyAsync("one.test");
        said.AddRange(await ExpiredAsync(source));
        await primary.UpdateAsync("one.test");
        await primary.RestoreKeyAsync("one.test");
        await primary.NotifyAsync("one.test");
        said.AddRange(await source.HearAsync("statistics one.test Serial 101", "statistics one.test RefreshFailures 0"));
        Assert.DoesNotContain(said, s => s.StartsWith("statistics two.test Serial absent", StringComparison.Ordinal) || s.StartsWith("statistics two.test Expiry 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_crash_an_expired_zone_is_still_expired_though_its_file_is_there()
    {
        LabRequires.Programs("named", "rndc", "knotd");
        await using var primary = new PrimaryKnotd(["one.test"]);
        await primary.StartAsync();
        await using var named = new Named { Secondary = ["one.test"], Files = ["own.test"] };
        await named.StartAsync();
        await using var source = new RunningBind();
        await source.HearAsync("statistics one.test Serial 100");
        await primary.DropKeyAsync("one.test");
        await ExpiredAsync(source);
        await named.EndAsync(LabProcess.KillNow);
        await source.HearAsync(Refused);
        await named.StartAsync();
        var said = await source.HearAsync("statistics opened", "statistics one.test Serial absent (expired)", "statistics one.test Expiry 0 (expired)", "statistics read");
        Assert.Contains("statistics own.test Serial 100", said);
    }

    [Fact]
    public async Task A_secondary_that_was_never_loaded_is_not_ready_and_not_expired_and_comes_with_its_primary()
    {
        LabRequires.Programs("named", "rndc", "knotd");
        await using var named = new Named { Secondary = ["one.test"] };
        await named.StartAsync();
        await using var source = new RunningBind();
        var said = await source.HearAsync("statistics one.test Serial absent (never loaded)", "statistics read");
        Assert.DoesNotContain(said, s => s.Contains("Expiry", StringComparison.Ordinal));
        await using var primary = new PrimaryKnotd(["one.test"]);
        await primary.StartAsync();
        await primary.NotifyAsync("one.test");
        await source.HearAsync("statistics one.test Serial 100", "statistics one.test Expiry *");
    }

    [Fact]
    public async Task A_stop_is_a_refusal_a_halted_named_is_silence_and_each_ends_with_an_answer()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named { Files = ["one.test"] };
        await named.StartAsync();
        await using var source = new RunningBind(o => o with { Timeout = TimeSpan.FromSeconds(1) });
        await source.HearAsync("statistics one.test Serial 100", "statistics read");
        named.Process.Signal(LabProcess.Stop);
        var said = await source.HearAsync("statistics lost: bind: silent for 1 s at 127.0.0.1:8053");
        Assert.DoesNotContain(said, s => s.Contains("absent (", StringComparison.Ordinal));
        Assert.True(source.Counted("silent") > 0);
        named.Process.Signal(LabProcess.Cont);
        await source.HearAsync("statistics opened", "statistics one.test Serial 100", "statistics read");
        await named.EndAsync();
        await source.HearAsync(Refused);
        await named.StartAsync();
        await source.HearAsync("statistics opened", "statistics one.test Serial 100", "statistics read");
    }

    [Fact]
    public async Task A_broken_zone_file_changes_nothing_until_the_next_start()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named { Files = ["one.test"] };
        await named.StartAsync();
        await using var source = new RunningBind();
        await source.HearAsync("statistics one.test Serial 100", "statistics read");
        await File.WriteAllTextAsync(named.PathOf("one.test.zone"), "no zone file\n", TestContext.Current.CancellationToken);
        await named.RndcAsync("reload", "one.test");
        await Wait.UntilAsync("named has tried to load it", () => named.Process.Tail(100).Contains("not loaded due to errors", StringComparison.Ordinal), TimeSpan.FromSeconds(30), state: () => named.Process.Tail());
        await source.HearAsync();
        var said = await source.HearAsync("statistics read", "statistics read");
        Assert.DoesNotContain(said, s => s.Contains("Serial", StringComparison.Ordinal));
        await named.EndAsync();
        await named.StartAsync();
        await source.HearAsync("statistics opened", "statistics one.test Serial absent (never loaded)");
        await File.WriteAllTextAsync(named.PathOf("one.test.zone"), ZoneText.Of("one.test", 102, new ZoneTimers()), TestContext.Current.CancellationToken);
        await named.RndcAsync("reload", "one.test");
        await source.HearAsync("statistics one.test Serial 102");
    }

    [Fact]
    public async Task A_zone_without_statistics_is_served_though_no_list_has_it()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named { Files = ["one.test", "two.test"], Options = "zone-statistics none;" };
        await named.StartAsync();
        await using var source = new RunningBind();
        source.Engine.Zones = ["one.test", "two.test"];
        await source.HearAsync("statistics one.test Serial 100", "statistics two.test Serial 100", "statistics read");
    }

    [Fact]
    public async Task Members_of_a_catalog_come_and_go_in_the_list()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named
        {
            Files = ["one.test"],
            Options = $"catalog-zones {{ zone \"catalog.test\" default-primaries {{ {Harness.Lab.Upstream4}; }} in-memory yes; }};",
            More = "zone \"catalog.test\" { type primary; file \"catalog.test.zone\"; };\n",
        };
        await CatalogAsync(named, 1, "member.test");
        await named.StartAsync();
        await using var source = new RunningBind();
        await source.HearAsync("statistics member.test Serial absent (never loaded)");
        source.Engine.Zones = ["one.test", "member.test"];
        await CatalogAsync(named, 2);
        await named.RndcAsync("reload", "catalog.test");
        await source.HearAsync("statistics list catalog.test one.test .");
    }

    [Theory]
    [InlineData("", "statistics lost: bind: Connection refused at 127.0.0.1:8053: named does not run, or has no " + Named.StatisticsLine)]
    [InlineData("statistics-channels { inet 127.0.0.1 port 8053 allow { 192.0.2.1; }; };", "statistics lost: bind: the answer broke off, or is no HTTP, at 127.0.0.1:8053: perhaps our address is not in its allow list; " + Named.StatisticsLine)]
    public async Task A_channel_that_is_not_ours_to_read_is_told_with_the_line_that_opens_it(string line, string says)
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named { Files = ["one.test"], Statistics = line };
        await named.StartAsync();
        await using var source = new RunningBind();
        await source.HearAsync(says);
        named.Statistics = Named.StatisticsLine;
        await named.ReconfigureAsync();
        await source.HearAsync("statistics opened", "statistics one.test Serial 100", "statistics read");
    }

    [Fact]
    public async Task With_views_those_that_are_named_count()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named();
        foreach ((string file, uint serial) in new[] { ("in", 5u), ("out", 4u) })
            await File.WriteAllTextAsync(named.PathOf(file + ".zone"), ZoneText.Of("one.test", serial, new ZoneTimers()), TestContext.Current.CancellationToken);
        named.More = """
            view "in" { match-clients { 127.0.0.0/8; }; zone "one.test" { type primary; file "in.zone"; }; };
            view "out" { match-clients { any; }; zone "one.test" { type primary; file "out.zone"; }; };

            """;
        await named.StartAsync();
        await using (var unsaid = new RunningBind())
            await unsaid.HearAsync("statistics lost: bind: its zones are in views (in, out); name those that count with 'views'*");
        await using (var one = new RunningBind(o => o with { Views = ["in"] }))
            await one.HearAsync("statistics one.test Serial 5", "statistics read");
        await using var both = new RunningBind(o => o with { Views = ["in", "out"] });
        await both.HearAsync("statistics one.test Serial 4", "statistics read");
    }

    [Fact]
    public async Task The_query_rate_rises_under_dnsperf_and_falls_after_it()
    {
        LabRequires.Programs("named", "rndc", "dnsperf");
        await using var named = new Named { Files = ["one.test"] };
        await named.StartAsync();
        await File.WriteAllTextAsync(named.PathOf("queries"), "www.one.test A\n", TestContext.Current.CancellationToken);
        await using var source = new RunningBind();
        await source.HearAsync("rate opened", "rate QueryRate *");
        await using (var load = LabProcess.Start(named.PathOf("dnsperf.log"), Side.Node, null, "dnsperf", "-s", "127.0.0.1", "-d", named.PathOf("queries"), "-Q", "500", "-l", "600"))
            await RateAsync(source, rate => rate > 100);
        await RateAsync(source, rate => rate < 20);
    }

    static async Task RateAsync(RunningBind source, Predicate<long> fits)
    {
        List<string> said = [];
        await Wait.UntilAsync("the rate fits", () =>
        {
            said.AddRange(source.Engine.Take().Where(s => s.StartsWith("rate QueryRate ", StringComparison.Ordinal)));
            return said.Count > 0 && fits(long.Parse(said[^1].Split(' ')[^1], CultureInfo.InvariantCulture));
        }, TimeSpan.FromSeconds(90), state: () => string.Join('\n', said));
    }

    static async Task<List<string>> ExpiredAsync(RunningBind source)
    {
        var said = await source.HearAsync("statistics one.test Serial absent (expired)", "statistics one.test Expiry 0 (expired)");
        Assert.NotEqual("statistics one.test RefreshFailures 0", said.Concat(await source.HearAsync("statistics read")).Last(s => s.StartsWith("statistics one.test RefreshFailures ", StringComparison.Ordinal)));
        return said;
    }

    static Task CatalogAsync(Named named, int serial, params string[] members) => File.WriteAllTextAsync(
        named.PathOf("catalog.test.zone"),
        $"$TTL 5\n@ SOA ns.one.test. h.one.test. {serial} 3 1 8 5\n@ NS invalid.\nversion TXT \"2\"\n" + string.Concat(members.Select((m, i) => $"m{i}.zones PTR {m}.\n")));
}
