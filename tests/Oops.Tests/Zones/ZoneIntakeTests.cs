using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones.Verification;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class ZoneIntakeTests : IAsyncDisposable
{
    static readonly DnsName Apex = DnsNameTests.Name("cat.test");

    readonly FakePrimary primary = new();
    readonly FakePrimary other = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ZoneIntakeTests() => other.Serve = (query, wire) => primary.Serve(query, wire);

    public async ValueTask DisposeAsync()
    {
        await primary.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task A_zone_is_taken_in_whole_and_then_by_its_differences_which_give_what_all_of_it_gives()
    {
        primary.Serve = Whole(5, "a", "b");
        var first = await RunAsync(ZoneVersion.Nothing(Apex));
        Assert.Equal((5u, 3, TransferOutcome.Full), (first.Version!.Soa!.Value.Serial, first.Version.Records, first.Round.Result.Outcome));

        primary.Serve = (query, wire) => wire.SendAsync(New(query).Soa(7).Soa(5).Ptr("a.cat.test", "x").Soa(6).Ptr("c.cat.test", "x").Soa(6).Soa(7).Ptr("d.cat.test", "x").Soa(7).Bytes());
        var next = await RunAsync(first.Version);
        Assert.Equal((7u, 4, TransferOutcome.Differences), (next.Version!.Soa!.Value.Serial, next.Version.Records, next.Round.Result.Outcome));

        primary.Serve = Whole(7, "b", "c", "d");
        var all = await RunAsync(ZoneVersion.Nothing(Apex));
        Assert.Equal(Text(all.Version!), Text(next.Version));
        Assert.Equal(5u, first.Version.Soa!.Value.Serial);
    }

    [Fact]
    public async Task What_is_had_stays_where_there_is_nothing_newer()
    {
        primary.Serve = Whole(5, "a");
        var had = (await RunAsync(ZoneVersion.Nothing(Apex))).Version!;
        primary.Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Bytes());
        var taken = await RunAsync(had);
        Assert.Same(had, taken.Version);
        primary.Serve = (query, wire) => wire.SendAsync(New(query).Soa(4).Bytes());
        taken = await RunAsync(had);
        Assert.Null(taken.Version);
        Assert.Equal(string.Join("; ", new[] { primary, other }.Select(p => $"from {new Primary(p.Address)}: serial 4 at the server is older than 5, which is had")), taken.Round.Why);
    }

    [Fact]
    public async Task All_of_it_in_answer_to_a_question_for_the_differences_is_all_of_it()
    {
        primary.Serve = Whole(5, "a", "b");
        var had = (await RunAsync(ZoneVersion.Nothing(Apex))).Version!;
        primary.Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(6).Bytes());
            await wire.SendAsync(New(query).Ptr("c.cat.test", "x").Soa(6).Bytes());
        };
        var taken = await RunAsync(had);
        Assert.Equal((TransferOutcome.Full, ""), (taken.Round.Result.Outcome, taken.Round.Why));
        Assert.Equal((6u, 2), (taken.Version!.Soa!.Value.Serial, taken.Version.Records));
    }

    [Theory]
    [InlineData("z", "c")]
    [InlineData("a", "b")]
    public async Task Differences_that_do_not_fit_are_followed_by_all_of_it_at_once(string deleted, string added)
    {
        primary.Serve = Whole(5, "a", "b");
        var had = (await RunAsync(ZoneVersion.Nothing(Apex))).Version!;
        primary.Serve = (query, wire) => FakePrimary.TypeOf(query) == DnsType.Ixfr
            ? wire.SendAsync(New(query).Soa(6).Soa(5).Ptr(deleted + ".cat.test", "x").Soa(6).Ptr(added + ".cat.test", "x").Soa(6).Bytes())
            : Whole(6, "b", "c")(query, wire);
        var taken = await RunAsync(had);
        Assert.Equal((TransferOutcome.Full, "the differences do not fit the version that is had"), (taken.Round.Result.Outcome, taken.Round.Result.Fallback));
        Assert.Equal((6u, 3), (taken.Version!.Soa!.Value.Serial, taken.Version.Records));
    }

    [Fact]
    public async Task Half_of_the_differences_of_one_primary_are_void_at_the_next()
    {
        primary.Serve = Whole(5, "a", "b");
        var had = (await RunAsync(ZoneVersion.Nothing(Apex))).Version!;
        primary.Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr ? New(query).Soa(6).Soa(5).Ptr("a.cat.test", "x").Soa(6).Ptr("never.cat.test", "x").Bytes() : []);
        other.Serve = (query, wire) => wire.SendAsync(New(query).Soa(6).Soa(5).Ptr("a.cat.test", "x").Soa(6).Ptr("c.cat.test", "x").Soa(6).Bytes());
        var taken = await RunAsync(had);
        Assert.Equal((TransferOutcome.Differences, 2), (taken.Round.Result.Outcome, taken.Round.All.Count));
        Assert.Equal(["b.cat.test Ptr", "c.cat.test Ptr", "cat.test Soa"], Text(taken.Version!).Select(l => string.Join(' ', l.Split(' ')[..2])).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("the additions before the deletions", "7 6 +a 5 +c 7", "differences from serial 6, and 5 was asked for")]
    [InlineData("a difference that goes back", "7 5 +a 4 +c 7", "the serial goes from 5 to 4 in a difference")]
    [InlineData("a gap between two differences", "8 5 +a 6 7 8 8", "a difference leads to serial 6, and the next begins with 7")]
    [InlineData("differences beyond the version that was told", "6 5 +a 7 +c 6", "the serial goes from 5 to 7 in a difference")]
    [InlineData("two ends", "6 +a 6 6", "a record behind the last SOA")]
    [InlineData("another end", "6 +a 7", "SOA mismatch: it began with serial 6 and ends with 7; the zone changed meanwhile")]
    [InlineData("no beginning", "+a 6", "the first record is no SOA")]
    public async Task What_is_in_a_wrong_order_is_no_version(string what, string answer, string why)
    {
        Assert.NotEmpty(what);
        primary.Serve = Whole(5, "a", "b");
        var had = (await RunAsync(ZoneVersion.Nothing(Apex))).Version!;
        primary.Serve = (query, wire) =>
        {
            var message = New(query);
            foreach (var word in FakePrimary.TypeOf(query) == DnsType.Ixfr ? answer.Split(' ') : [])
                _ = word[0] == '+' ? message.Ptr(word[1..] + ".cat.test", "x") : message.Soa(uint.Parse(word, System.Globalization.CultureInfo.InvariantCulture));
            return wire.SendAsync(message.Bytes());
        };
        var taken = await RunAsync(had);
        Assert.Null(taken.Version);
        Assert.All(taken.Round.All, a => Assert.Equal((TransferOutcome.Broken, "an answer without a record", why), (a.Result.Outcome, a.Result.Why, a.Result.Fallback)));
        Assert.Equal(3, had.Records);
    }

    [Fact]
    public async Task Records_that_are_too_much_for_an_RRset_are_left_out_and_told()
    {
        primary.Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Record("big.cat.test", (DnsType)65280, new byte[65_000]).Bytes());
            await wire.SendAsync(New(query).Record("big.cat.test", (DnsType)65280, [1, .. new byte[64_000]]).Record("cat.test.evil", DnsType.A, [1, 2, 3, 4]).Record("mx.cat.test", DnsType.Mx, [0]).Soa(5).Bytes());
        };
        var taken = await RunAsync(ZoneVersion.Nothing(Apex));
        Assert.Equal(2, taken.Version!.Records);
        Assert.Equal([(IntakeFault.OutOfZone, 1L), (IntakeFault.Malformed, 1L), (IntakeFault.TooLarge, 1L)], taken.Faults.All.Select(f => (f.Key, f.Value.Count)).Order());
    }

    [Theory]
    [InlineData("delegations", 1.1)]
    [InlineData("delegations, signed", 1.1)]
    [InlineData("hosts", 1.3)]
    [InlineData("hosts, signed", 1.1)]
    public void A_version_takes_at_most_a_third_more_octets_than_its_records_on_the_wire(string kind, double most)
    {
        using var zone = new SignedZone(kind.StartsWith("delegations", StringComparison.Ordinal) ? Delegations() : Hosts(), kind.StartsWith("delegations", StringComparison.Ordinal) ? "nl" : "example");
        if (kind.EndsWith("signed", StringComparison.Ordinal))
            zone.Sign(DenialForm.Nsec3, optOut: kind.StartsWith("delegations", StringComparison.Ordinal));
        var edit = new ZoneEdit(ZoneVersion.Nothing(zone.Apex));
        var wire = 0L;
        foreach (var record in zone.Records)
        {
            edit.Add(record.Owner, record.Type, record.Ttl, record.Data);
            wire += record.Owner.Wire.Length + 10 + record.Data.Length;
        }

        var version = edit.Seal();
        Assert.Equal(zone.Records.Count, version.Records);
        Assert.InRange((double)version.Octets / wire, 0.5, most);
    }

    static string Delegations() => Head + string.Concat(Enumerable.Range(0, 2000).Select(i => $"domain-{i * 7919 % 2000} NS ns1.hoster-{i % 40}.net.\ndomain-{i * 7919 % 2000} NS ns2.hoster-{i % 40}.net.\n{(i % 3 == 0 ? $"domain-{i * 7919 % 2000} DS 1 13 2 {i:x64}\n" : "")}"));

    static string Hosts() => Head + string.Concat(Enumerable.Range(0, 2000).Select(i => $"host-{i} A 192.0.2.{i % 256}\nhost-{i} AAAA 2001:db8::{i:x}\n{(i % 4 == 0 ? $"www-{i} CNAME host-{i}\nhost-{i} TXT \"v=spf1 -all\"\n" : "")}"));

    const string Head = "$TTL 3600\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n";

    static TransferMessage New(byte[] query) => new(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query));

    static Func<byte[], FakePrimary.Wire, Task> Whole(uint serial, params string[] names) => (query, wire) =>
    {
        var message = New(query).Soa(serial);
        foreach (var name in names)
            message.Ptr(name + ".cat.test", "x");
        return wire.SendAsync(message.Soa(serial).Bytes());
    };

    static List<string> Text(ZoneVersion zone)
    {
        var lines = new List<string>();
        foreach (var tree in (ZoneTree[])[zone.Names, zone.Hashes])
        {
            for (var cursor = tree.From(0); !cursor.Current.IsNone; cursor.Next())
            {
                foreach (var rrset in cursor.Current.RRsets)
                {
                    foreach (var data in rrset.Data)
                        lines.Add($"{NameKey.Read(cursor.Current.Key, zone.Apex)} {rrset.Type} {rrset.Ttl} {Convert.ToHexString(data)}");
                }
            }
        }

        return lines;
    }

    Task<ZoneTaken> RunAsync(ZoneVersion had) =>
        new ZoneIntake(new Primaries([new(primary.Address), new(other.Address)], [], TimeProvider.System), new() { Idle = TimeSpan.FromSeconds(5) }).RunAsync(had, Stop);
}
