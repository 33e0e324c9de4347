using System.Buffers.Binary;
using System.Net;
using System.Text.RegularExpressions;
using Oops.Actions.NotifyParent;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Tests.Dns;
using Oops.Tests.Keys;
using Oops.Wire.Dns;
using Xunit;
using Endpoint = Oops.Config.Endpoint;
using Rr = Oops.Tests.Keys.KeyAnswersTests.Rr;

namespace Oops.Tests.Actions.NotifyParent;

public sealed class NotifyParentActionTests : IAsyncDisposable
{
    readonly FakeDnsServer resolver = new(), scanner = new();
    readonly Dictionary<(string, DnsType), Rr[]> zone = [];
    string parent = "test";

    public NotifyParentActionTests()
    {
        resolver.Udp = request => [Resolved(request)];
        scanner.Udp = request => [FakeDnsServer.Notified(request, DnsRcode.NoError)];
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await resolver.DisposeAsync();
        await scanner.DisposeAsync();
    }

    byte[] Resolved(byte[] request)
    {
        var reader = new DnsReader(request);
        reader.TryReadQuestion(out var name, out var type, out _);
        var found = zone.GetValueOrDefault((name.ToString(), type)) ?? [];
        return KeyAnswersTests.Message(BinaryPrimitives.ReadUInt16BigEndian(request), name, type, found, found.Length > 0 ? [] : [new(Made.Name(parent), DnsType.Soa, [0, 0, .. new byte[20]])], flags: 0x80, rcode: found.Length > 0 ? DnsRcode.NoError : DnsRcode.NxDomain);
    }

    void Dsync(string name, DnsType type = DnsType.Cds, byte scheme = 1) =>
        zone[(name, DnsType.Dsync)] = [new(Made.Name(name), DnsType.Dsync, [(byte)((ushort)type >> 8), (byte)type, scheme, (byte)(scanner.Address.Port >> 8), (byte)scanner.Address.Port, .. Made.Name("scan.test").Wire])];

    void Address(params byte[] address) => zone[("scan.test", DnsType.A)] = [new(Made.Name("scan.test"), DnsType.A, address)];

    NotifyParentAction Action(bool allowPrivate = true, bool fixedTarget = false, int tries = 2) => new(new()
    {
        Name = "tell-parent",
        Resolver = fixedTarget ? null : [new Endpoint(IPAddress.Loopback, resolver.Address.Port)],
        To = fixedTarget ? [new Endpoint(IPAddress.Loopback, scanner.Address.Port)] : null,
        AllowPrivate = allowPrivate,
        Timeout = TimeSpan.FromMilliseconds(150),
        Tries = tries,
        ReportTo = ZoneName.Parse("agent.test", out _),
    });

    static ReactionIntent About(string? zone = "d1.test") => new("tell-parent", 1, "keys-changed") { Rule = 0, Condition = "keys-changed", Server = "ns1", Zone = zone, State = State.Met };

    ValueTask<Outcome> RunAsync(NotifyParentAction? action = null, string zone = "d1.test") => (action ?? Action()).ApplyAsync(About(zone), Stop);

    [Fact]
    public async Task The_parent_is_notified_where_its_DSYNC_says()
    {
        Dsync("d1._dsync.test");
        Address(127, 0, 0, 1);
        var done = Assert.IsType<Done>(await RunAsync());
        Assert.Equal($"NOTIFY(CDS) of d1.test to scan.test@{scanner.Address.Port}: 127.0.0.1 answered NOERROR", done.Detail);
        var (_, request) = Assert.Single(scanner.Seen);
        Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(request, out var notify));
        Assert.Equal((DnsType.Cds, "d1.test", (ushort)0x2400), (notify.Type, notify.Zone.ToString(), BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(2))));
        Assert.Contains(Convert.ToHexString(Made.Name("agent.test").Wire), Convert.ToHexString(request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_zone_several_labels_below_the_parent_the_answer_tells_where_to_ask()
    {
        Dsync("a.b._dsync.test");
        Address(127, 0, 0, 1);
        Assert.IsType<Done>(await RunAsync(zone: "a.b.test"));
    }

    [Fact]
    public async Task What_the_parent_says_of_all_its_delegations_counts_too()
    {
        Dsync("_dsync.test");
        Address(127, 0, 0, 1);
        Assert.IsType<Done>(await RunAsync());
    }

    [Theory]
    [InlineData(DnsType.Csync, 1)]
    [InlineData(DnsType.Cds, 0)]
    [InlineData(DnsType.Cds, 128)]
    public async Task Other_types_and_schemes_are_not_for_us(DnsType type, byte scheme)
    {
        Dsync("d1._dsync.test", type, scheme);
        Assert.Equal("the parent test has no DSYNC for CDS: it does not want to be notified", Assert.IsType<Failed>(await RunAsync()).Why);
    }

    [Fact]
    public async Task A_parent_without_a_DSYNC_wants_nothing() => Assert.IsType<Failed>(await RunAsync());

    [Fact]
    public async Task Nobody_can_have_us_send_into_our_own_network()
    {
        Dsync("d1._dsync.test");
        Address(127, 0, 0, 1);
        Assert.Equal("scan.test is at 127.0.0.1, which is not public (allow-private)", Assert.IsType<Failed>(await RunAsync(Action(allowPrivate: false))).Why);
        Assert.Empty(scanner.Seen);
    }

    [Theory]
    [InlineData("192.0.2.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("64:ff9b::10.0.0.1", false)]
    [InlineData("64:ff9b:1::193.0.0.1", false)]
    [InlineData("2002:a01:203::1", false)]
    [InlineData("2001:0:c100:1::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("3fff:fff::1", false)]
    [InlineData("5f00::1", false)]
    [InlineData("64:ff9b::193.0.0.1", true)]
    [InlineData("2002:c100:1::1", true)]
    [InlineData("2001:67c::1", true)]
    [InlineData("193.0.0.1", true)]
    [InlineData("2a02::1", true)]
    public void An_address_is_public_or_not(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Fact]
    public async Task It_is_sent_again_until_somebody_answers()
    {
        var lost = 0;
        scanner.Udp = request => Interlocked.Increment(ref lost) == 1 ? [] : [FakeDnsServer.Notified(request, DnsRcode.NoError)];
        Assert.IsType<Done>(await RunAsync(Action(fixedTarget: true)));
        Assert.Equal(2, scanner.Seen.Count);
    }

    [Fact]
    public async Task Of_many_addresses_both_families_are_tried_early()
    {
        Dsync("d1._dsync.test");
        zone[("scan.test", DnsType.Aaaa)] = [.. Enumerable.Range(1, 6).Select(i => new Rr(Made.Name("scan.test"), DnsType.Aaaa, IPAddress.Parse($"2a02::{i}").GetAddressBytes()))];
        zone[("scan.test", DnsType.A)] = [.. Enumerable.Range(1, 2).Select(i => new Rr(Made.Name("scan.test"), DnsType.A, [193, 0, 0, (byte)i]))];
        var found = await new DsyncLookup([resolver.Address], allowPrivate: false, TimeProvider.System).FindAsync(Made.Name("d1.test"), Stop);
        Assert.Equal("2a02::1 193.0.0.1 2a02::2 193.0.0.2 2a02::3 2a02::4", string.Join(' ', Assert.Single(found.Targets).Addresses.Select(a => a.Address)));
    }

    [Fact]
    public async Task An_address_that_nothing_can_be_sent_to_is_no_try()
    {
        Dsync("d1._dsync.test");
        // No socket may send to all without asking for that.
        zone[("scan.test", DnsType.A)] = [.. new byte[][] { [255, 255, 255, 255], [255, 255, 255, 255], [127, 0, 0, 1] }.Select(a => new Rr(Made.Name("scan.test"), DnsType.A, a))];
        Assert.IsType<Done>(await RunAsync(Action(tries: 1)));
        Address(255, 255, 255, 255);
        Assert.Contains(": no NOTIFY could be sent (255.255.255.255: ", Assert.IsType<Retry>(await RunAsync(Action(tries: 1))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_is_tried_again_later_and_a_refusal_is_not()
    {
        scanner.Udp = _ => [];
        Assert.Contains("no answer to 2 NOTIFYs", Assert.IsType<Retry>(await RunAsync(Action(fixedTarget: true))).Why, StringComparison.Ordinal);
        scanner.Udp = request => [FakeDnsServer.Notified(request, DnsRcode.Refused)];
        Assert.Contains("answered REFUSED", Assert.IsType<Failed>(await RunAsync(Action(fixedTarget: true))).Why, StringComparison.Ordinal);
        scanner.Udp = request => [FakeDnsServer.Notified(request, DnsRcode.ServFail)];
        Assert.IsType<Retry>(await RunAsync(Action(fixedTarget: true)));
    }

    [Fact]
    public async Task A_forged_answer_is_passed_over()
    {
        scanner.Udp = request =>
        {
            var forged = FakeDnsServer.Notified(request, DnsRcode.Refused);
            forged[0] ^= 1;
            return [forged, [1, 2, 3], request, FakeDnsServer.Notified(request, DnsRcode.NoError)];
        };
        Assert.IsType<Done>(await RunAsync(Action(fixedTarget: true)));
    }

    [Fact]
    public async Task A_resolver_that_is_silent_is_tried_again_later()
    {
        await resolver.DisposeAsync();
        Assert.IsType<Retry>(await RunAsync());
    }

    [Fact]
    public async Task A_server_and_the_root_have_no_parent()
    {
        Assert.IsType<Failed>(await Action().ApplyAsync(About(zone: null), Stop));
        Assert.IsType<Failed>(await Action().ApplyAsync(About("."), Stop));
    }

    [Theory]
    [InlineData("name: a", "whom to notify? write resolver, or to")]
    [InlineData("name: a, resolver: [127.0.0.1], to: [127.0.0.1]", "write resolver or to, not both")]
    public void What_cannot_work_is_refused(string options, string why) => Assert.Contains(Load($"actions: {{ notify-parent: [ {{ {options} }} ] }}").Errors.Lines, l => l.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/NotifyParent/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2").Replace("      resolver: [127.0.0.1]\n", "", StringComparison.Ordinal);
        Assert.Empty(Load(all).Errors.Lines);
    }

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: observe\nservers: { ns1: { kind: other } }\n" + text));
}
