using Oops.Core;
using Oops.Servers;
using Oops.Tests.Dns;
using Oops.Tests.Engine;
using Oops.Tests.Sources;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Servers;

/// <summary>Questions over DNS for what a control does not tell: all of them within a turn, and those in trouble soon again.</summary>
public sealed class SoaSweepTests : IAsyncDisposable
{
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(60);

    readonly FakeDnsServer dns = new();
    readonly FakeTime time = new();
    readonly SpokenEngine engine;
    readonly List<string> said = [];
    readonly List<string> looks = [];
    readonly ZoneBook book;

    public SoaSweepTests()
    {
        engine = new(time);
        book = new("control", Turn, s => said.Add(SpokenEngine.Words(s)["control ".Length..]), _ => { });
    }

    [Fact]
    public async Task New_zones_are_asked_for_at_once_in_groups_and_then_each_in_its_turn()
    {
        var sweep = Sweep(200);
        var began = engine.Now;
        Assert.False(await AskAsync(sweep));
        Assert.Equal(64, dns.Seen.Count);
        Assert.False(sweep.Complete);
        Assert.False(await AskAsync(sweep));
        Assert.False(await AskAsync(sweep));
        Assert.True(await AskAsync(sweep));
        Assert.True(sweep.Complete);
        Assert.Equal(200, said.Count(s => s.EndsWith(" Serial 1", StringComparison.Ordinal)));
        Assert.Equal(19.2, (sweep.Due - began).TotalSeconds, 1);
    }

    [Fact]
    public async Task More_zones_than_the_rate_allows_make_a_turn_longer_and_it_goes_on_over_reads()
    {
        var sweep = Sweep(200, perSecond: 2);
        for (var i = 0; i < 4; i++) await AskAsync(sweep);
        Assert.True(sweep.Complete);
        await AskAsync(sweep);
        Assert.Equal(32, (sweep.Due - engine.Now).TotalSeconds, 1);
        time.Advance(TimeSpan.FromSeconds(20));
        sweep.Take(book.Unserialed, []);
        Assert.Equal(12, (sweep.Due - engine.Now).TotalSeconds, 1);
    }

    [Fact]
    public async Task A_zone_that_has_changed_does_not_wait_for_its_turn()
    {
        var sweep = Sweep(3);
        await AskAsync(sweep);
        dns.Seen.Clear();
        sweep.Take(book.Unserialed, ["z2.test"]);
        await AskAsync(sweep);
        Assert.Equal("z2.test", FakeDnsServer.ZoneOf(Assert.Single(dns.Seen).Request));
    }

    [Fact]
    public async Task A_zone_that_is_not_served_is_asked_for_again_soon_until_it_is()
    {
        dns.Udp = r => [FakeDnsServer.Soa(r, 1, rcode: FakeDnsServer.ZoneOf(r) == "z1.test" ? DnsRcode.ServFail : DnsRcode.NoError, ede: 14)];
        var sweep = Sweep(3);
        Assert.True(await AskAsync(sweep));
        Assert.Contains("z1.test Serial absent (SERVFAIL, EDE 14)", said);
        Assert.Equal(2, (sweep.Due - engine.Now).TotalSeconds, 1);
        dns.Seen.Clear();
        await AskAsync(sweep);
        Assert.Equal("z1.test", FakeDnsServer.ZoneOf(Assert.Single(dns.Seen).Request));
        dns.Udp = r => [FakeDnsServer.Soa(r, 5)];
        await AskAsync(sweep);
        Assert.Contains("z1.test Serial 5", said);
        Assert.True(sweep.Due - engine.Now > TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(DnsRcode.Refused, 18)]
    [InlineData(DnsRcode.FormErr, null)]
    public async Task An_answer_to_us_alone_says_nothing_of_the_zone(object rcode, int? ede)
    {
        dns.Udp = r => [FakeDnsServer.Soa(r, 1, rcode: (DnsRcode)rcode, ede: (ushort?)ede)];
        var sweep = Sweep(1);
        Assert.False(await AskAsync(sweep));
        Assert.DoesNotContain(said, s => s.Contains("Serial", StringComparison.Ordinal));
        Assert.False(sweep.Complete);
    }

    [Fact]
    public async Task A_live_answer_for_a_zone_that_is_said_to_have_expired_makes_its_control_be_looked_at()
    {
        book.BeginRead();
        book.Take(new ZoneFacts { Zone = "a.test", Secondary = true, Expired = true, Confirm = true, Failures = 1 }, failed: false, engine.Now);
        book.EndRead([], engine.Now);
        var sweep = new SoaSweep(dns.Address, Turn, 100, new ServerCounts(), engine);
        sweep.Take(book.ToConfirm, []);
        await AskAsync(sweep);
        Assert.Equal(["a.test"], looks);
    }

    [Fact]
    public async Task A_zone_that_has_left_is_not_asked_for_again()
    {
        dns.Udp = r => [FakeDnsServer.Soa(r, 1, rcode: DnsRcode.ServFail)];
        var sweep = Sweep(1);
        await AskAsync(sweep);
        book.BeginRead();
        book.EndRead([], engine.Now);
        await AskAsync(sweep);
        Assert.True(sweep.Due - engine.Now > TimeSpan.FromSeconds(10));
    }

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    static List<string> Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"z{i}.test")];

    SoaSweep Sweep(int zones, int perSecond = 5000)
    {
        book.BeginRead();
        foreach (var name in Names(zones)) book.Take(new ZoneFacts { Zone = name, Loaded = true }, failed: false, engine.Now);
        book.EndRead([], engine.Now);
        said.Clear();
        var sweep = new SoaSweep(dns.Address, Turn, perSecond, new ServerCounts(), engine);
        sweep.Take(book.Unserialed, []);
        return sweep;
    }

    async Task<bool> AskAsync(SoaSweep sweep)
    {
        var wait = sweep.Due - engine.Now;
        if (wait > TimeSpan.Zero && sweep.Due != At.Never) time.Advance(wait);
        return await sweep.AskAsync(book, looks.Add, CancellationToken.None);
    }
}
