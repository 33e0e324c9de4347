using Oops.Tests.Dns;
using Oops.Tests.Servers;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Bind;

/// <summary>The source before a statistics channel that answers as named does.</summary>
public sealed class BindSourceTests : IAsyncDisposable
{
    readonly FakeNamed named = new();

    public ValueTask DisposeAsync() => named.DisposeAsync();

    [Fact]
    public async Task At_the_start_all_is_read_and_listed()
    {
        named.Listed = $"{FakeNamed.Primary("b.test", 7)},{FakeNamed.Secondary("A.test", 9, "2001-01-01T13:00:00Z")},{FakeNamed.Primary("broken.test", null)}";
        named.Start(o => o with { ListsZones = true });
        var said = await named.Engine.HearAsync("statistics opened", "statistics Answering 1", "statistics read");
        Assert.Contains("statistics b.test Serial 7", said);
        Assert.Contains("statistics b.test Expiry absent", said);
        Assert.Contains("statistics a.test Serial 9", said);
        Assert.Contains("statistics broken.test Serial absent (never loaded)", said);
        Assert.Contains("statistics list b.test a.test broken.test .", said);
        Assert.Equal(3, named.Counted("zones"));
    }

    [Theory]
    [InlineData("2001-01-01T12:00:00.000Z", "2001-01-01T12:10:00Z")]
    [InlineData("1970-01-02T00:00:00.000Z", "1970-01-02T00:10:00Z")]
    [InlineData("2105-06-01T23:59:00.500Z", "2105-06-02T00:09:00Z")]
    public async Task What_is_left_is_told_by_the_servers_clock_not_by_ours(string now, string expires)
    {
        (named.Now, named.Listed) = (now, FakeNamed.Secondary("a.test", 9, expires));
        named.Start();
        var said = await named.Engine.HearAsync("statistics a.test Expiry *");
        var left = int.Parse(said.Single(s => s.StartsWith("statistics a.test Expiry ", StringComparison.Ordinal)).Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(left, 580, 602);
    }

    [Fact]
    public async Task Expired_is_what_was_loaded_has_no_serial_and_whose_time_is_over_and_it_recovers_with_the_same_serial()
    {
        named.Listed = FakeNamed.Secondary("a.test", 9, "2001-01-01T12:10:00Z");
        named.Start();
        await named.Engine.HearAsync("statistics a.test Serial 9", "statistics a.test RefreshFailures 0", "statistics read");
        named.Listed = FakeNamed.Secondary("a.test", null, "2001-01-01T12:00:00Z");
        await named.Engine.HearAsync("statistics a.test Serial absent (expired)", "statistics a.test Expiry 0 (expired)", "statistics a.test RefreshFailures 1");
        named.Listed = FakeNamed.Secondary("a.test", 9, "2001-01-01T12:30:00Z");
        await named.Engine.HearAsync("statistics a.test Serial 9", "statistics a.test Expiry *", "statistics a.test RefreshFailures 0");
    }

    [Fact]
    public async Task What_was_never_loaded_or_is_not_over_has_not_expired()
    {
        const string never = "1970-01-01T00:00:00Z";
        named.Listed = $"{FakeNamed.Secondary("never.test", null, never, loaded: never)},{FakeNamed.Secondary("later.test", null, "2001-01-01T13:00:00Z")}";
        named.Start();
        var said = await named.Engine.HearAsync("statistics never.test Serial absent (never loaded)", "statistics later.test Serial absent (not loaded)", "statistics read");
        Assert.DoesNotContain(said, s => s.Contains("Expiry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restart_ends_what_was_claimed_and_what_was_loaded_before_has_not_expired_by_it()
    {
        named.Listed = $"{FakeNamed.Secondary("a.test", 9, "2001-01-01T13:00:00Z")},{FakeNamed.Primary("b.test", 7)}";
        named.Start();
        await named.Engine.HearAsync("statistics opened", "statistics a.test Serial 9", "statistics read");
        const string never = "1970-01-01T00:00:00Z";
        (named.Boot, named.Listed) = ("2001-01-01T12:00:05.000Z", $"{FakeNamed.Secondary("a.test", null, never, loaded: never)},{FakeNamed.Primary("b.test", 7)}");
        var said = await named.Engine.HearAsync("statistics opened", "statistics a.test Serial absent (never loaded)", "statistics b.test Serial 7", "statistics read");
        Assert.DoesNotContain(said, s => s.StartsWith("statistics lost", StringComparison.Ordinal) || s.Contains("a.test Expiry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_clock_that_was_set_makes_all_be_said_anew()
    {
        named.Listed = FakeNamed.Secondary("a.test", 9, "2001-01-01T13:00:00Z");
        named.Start();
        await named.Engine.HearAsync("statistics a.test Expiry *", "statistics read");
        named.Now = "2001-01-01T12:30:00.000Z";
        var said = await named.Engine.HearAsync("statistics opened", "statistics a.test Expiry *", "statistics read");
        var left = int.Parse(said.Last(s => s.StartsWith("statistics a.test Expiry ", StringComparison.Ordinal)).Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(left, 1750, 1802);
    }

    [Fact]
    public async Task Of_a_zone_in_several_views_the_worst_copy_counts()
    {
        named.Views = $"\"in\":{{\"zones\":[{FakeNamed.Primary("a.test", 9)},{FakeNamed.Primary("b.test", null)},{FakeNamed.Primary("c.test", 5)}]}},\"out\":{{\"zones\":[{FakeNamed.Primary("A.test", 8)},{FakeNamed.Primary("b.test", 3)}]}},\"other\":{{\"zones\":[{FakeNamed.Primary("a.test", 1)}]}}";
        named.Start(o => o with { Views = ["in", "out"] });
        var said = await named.Engine.HearAsync("statistics opened", "statistics read");
        Assert.Equal(["statistics a.test Serial 8", "statistics b.test Serial absent (never loaded)", "statistics c.test Serial 5"], said.Where(s => s.Contains(" Serial ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, "its zones are in views (in, out); name those that count with 'views'")]
    [InlineData("inn", "no view inn; there are: in, out")]
    public async Task A_view_that_is_not_there_is_no_empty_one(string? view, string says)
    {
        named.Views = $"\"in\":{{\"zones\":[{FakeNamed.Primary("a.test", 9)}]}},\"out\":{{\"zones\":[]}},\"_bind\":{{\"zones\":[]}}";
        named.Start(o => o with { Views = view is null ? [] : [view] });
        var said = await named.Engine.HearAsync("statistics lost: bind: " + says + $", in /json/v1/zones at {named.Address}");
        Assert.DoesNotContain(said, s => s.Contains("Serial", StringComparison.Ordinal));
        Assert.Single(said, s => s == "statistics opened");
        var lists = named.Asked("/json/v1/zones");
        var deadline = Environment.TickCount64 + 60_000;
        while (named.Asked("/json/v1/zones") < lists + 3 && Environment.TickCount64 < deadline) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Empty(named.Engine.Take());
        named.Views = "\"_default\":{\"zones\":[]},\"inn\":{\"zones\":[]}";
        await named.Engine.HearAsync("statistics opened", "statistics Answering 1", "statistics read");
    }

    [Fact]
    public async Task A_new_configuration_or_a_transfer_makes_all_be_read_before_the_interval_is_over()
    {
        named.Listed = FakeNamed.Primary("a.test", 7);
        named.Start(o => o with { Interval = TimeSpan.FromHours(1), RateInterval = TimeSpan.FromMilliseconds(50) });
        // What is compared with what: the counters must have been read before they change.
        await named.Engine.HearAsync("statistics read", "rate read");
        (named.Listed, named.Counters) = (FakeNamed.Primary("a.test", 8), "\"opcodes\":{\"QUERY\":0},\"zonestats\":{\"XfrSuccess\":1}");
        await named.Engine.HearAsync("statistics a.test Serial 8");
    }

    [Fact]
    public async Task Queries_per_second_come_from_the_counter()
    {
        named.Start(o => o with { RateInterval = TimeSpan.FromSeconds(1) });
        await named.Engine.HearAsync("rate opened", "rate QueryRate 0", "rate QueryRateSlope 0", "rate read");
        named.Counters = "\"opcodes\":{\"QUERY\":1000000000}";
        List<string> said;
        do said = await named.Engine.HearAsync("rate QueryRate *");
        while (!said.Exists(s => s.StartsWith("rate QueryRate ", StringComparison.Ordinal) && s.Length > "rate QueryRate 1000".Length));
        named.Counters = "\"rcodes\":{\"NOERROR\":1}";
        await named.Engine.HearAsync($"rate lost: bind: no opcodes.QUERY, in /json/v1/server at {named.Address}");
    }

    [Fact]
    public async Task A_zone_that_the_list_hides_is_served_if_it_answers_and_gone_only_if_that_is_denied_too()
    {
        await using var dns = new FakeDnsServer();
        dns.Udp = r => FakeDnsServer.ZoneOf(r) switch
        {
            "hidden.test" => [FakeDnsServer.Soa(r, 77, left: 500)],
            "empty.test" => [FakeDnsServer.Soa(r, 1, rcode: DnsRcode.ServFail)],
            _ => [FakeDnsServer.Soa(r, 1, rcode: DnsRcode.Refused)],
        };
        named.Engine.Zones = ["a.test", "hidden.test", "gone.test", "empty.test"];
        named.Listed = FakeNamed.Primary("a.test", 7);
        named.Start(o => o with { Address = dns.Address });
        var said = await named.Engine.HearAsync("statistics opened", "statistics read");
        Assert.Contains("statistics hidden.test Serial 77", said);
        Assert.Contains("statistics gone.test Serial absent (REFUSED)", said);
        Assert.Contains("statistics empty.test Serial absent (SERVFAIL, and not in the list)", said);
        // Whose zone it is was not said.
        Assert.DoesNotContain(said, s => s.Contains("hidden.test Expiry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whether_a_zone_is_hidden_or_gone_is_not_known_while_nobody_answers()
    {
        await using var dns = new FakeDnsServer { Udp = _ => [] };
        named.Engine.Zones = ["a.test", "gone.test"];
        named.Listed = FakeNamed.Primary("a.test", 7);
        named.Start(o => o with { Address = dns.Address });
        var said = await named.Engine.HearAsync($"statistics lost: bind: gone.test is not in the list, and nobody at {dns.Address} answered whether it is served");
        Assert.DoesNotContain(said, s => s.Contains("gone.test Serial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_zone_that_may_expire_soon_is_asked_for_over_DNS_and_not_by_a_list_of_all()
    {
        await using var dns = new FakeDnsServer { Udp = r => [FakeDnsServer.Soa(r, 10, left: 3000)] };
        named.Listed = FakeNamed.Secondary("a.test", 9, "2001-01-01T12:00:10Z", refresh: "2001-01-01T12:00:02Z");
        named.Start(o => o with { Address = dns.Address, Interval = TimeSpan.FromHours(1) });
        var said = await named.Engine.HearAsync("statistics a.test Serial 9", "statistics read", "statistics a.test Serial 10", "statistics a.test Expiry *");
        Assert.Contains(said, s => s is "statistics a.test Expiry 3000" or "statistics a.test Expiry 3001");
        Assert.Equal(1, named.Asked("/json/v1/zones"));
    }

    [Fact]
    public async Task What_DNS_denies_of_a_zone_that_is_in_the_list_is_not_believed()
    {
        // As with an allow-query that leaves us out.
        await using var dns = new FakeDnsServer { Udp = r => [FakeDnsServer.Soa(r, 10, rcode: DnsRcode.Refused)] };
        named.Listed = FakeNamed.Secondary("a.test", 9, "2001-01-01T12:00:10Z", refresh: "2001-01-01T12:00:01Z");
        named.Start(o => o with { Address = dns.Address, Interval = TimeSpan.FromHours(1) });
        var said = await named.Engine.HearAsync("statistics a.test Serial 9", "statistics read");
        var deadline = Environment.TickCount64 + 60_000;
        while (named.Asked("/json/v1/zones") < 3 && Environment.TickCount64 < deadline) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.True(named.Asked("/json/v1/zones") >= 3);
        Assert.DoesNotContain(said.Concat(named.Engine.Take()), s => s.Contains("absent (", StringComparison.Ordinal));
    }
}
