using System.Net;
using System.Text;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class ZoneTransferTests
{
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("sixteen-octets-k");
    static readonly TsigKey Key = new(DnsNameTests.Name("k-sha256"), TsigAlgorithm.HmacSha256, Secret);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task A_zone_comes_in_many_messages()
    {
        await using var primary = new FakePrimary
        {
            Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            for (var i = 0; i < 300; i++)
                await wire.SendAsync(New(query, question: i % 2 == 0).Ptr($"m{i}.zones.cat.test", $"z{i}.example").Bytes());
            await wire.SendAsync(New(query).Soa(5).Bytes());
        }
        };
        var (result, got) = await RunAsync(primary);
        Assert.Equal(TransferOutcome.Full, result.Outcome);
        Assert.Equal((302, 5u), (result.Records, result.Soa!.Value.Serial));
        Assert.Equal(302, got.Lines.Count);
    }

    [Fact]
    public async Task A_transfer_ends_when_the_sink_has_as_much_as_it_may()
    {
        await using var primary = new FakePrimary { Serve = ServeAsync };
        async Task ServeAsync(byte[] query, FakePrimary.Wire wire)
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            for (var i = 0; i < 300; i++)
                await wire.SendAsync(New(query).Ptr($"m{i}.zones.cat.test", $"z{i}.example").Bytes());
        }

        var got = new Transferred { Most = 50 };
        var result = await new ZoneTransfer(TimeProvider.System).RunAsync(new() { Server = primary.Address, Zone = DnsNameTests.Name("cat.test"), Limits = new() }, got, Stop);
        Assert.Equal((TransferOutcome.TooLarge, "written out, it needs more memory than a zone may have", 51), (result.Outcome, result.Why, got.Lines.Count));
    }

    [Theory]
    [InlineData(DnsRcode.FormErr)]
    [InlineData(DnsRcode.NotImp)]
    [InlineData(DnsRcode.Refused)]
    [InlineData(DnsRcode.ServFail)]
    public async Task Where_IXFR_is_not_to_be_had_AXFR_is_asked_for(DnsRcode rcode)
    {
        await using var primary = new FakePrimary
        {
            Serve = (query, wire) => wire.SendAsync(
            FakePrimary.TypeOf(query) == DnsType.Ixfr ? Error(query, rcode) : New(query).Soa(5).Ptr("a.zones.cat.test", "a").Soa(5).Bytes())
        };
        var (result, got) = await RunAsync(primary, have: 3);
        Assert.Equal(TransferOutcome.Full, result.Outcome);
        Assert.Equal(DnsWords.Of(rcode), result.Fallback);
        Assert.Equal([DnsType.Ixfr, DnsType.Axfr], primary.Asked);
        Assert.Equal(1, got.Begun);
    }

    [Fact]
    public async Task Differences_that_break_off_are_void_and_all_is_asked_for()
    {
        await using var primary = new FakePrimary
        {
            Serve = (query, wire) => wire.SendAsync(
            FakePrimary.TypeOf(query) == DnsType.Ixfr ? New(query).Soa(5).Soa(3).Ptr("a.zones.cat.test", "a").Bytes() : New(query).Soa(5).Ptr("b.zones.cat.test", "b").Soa(5).Bytes())
        };
        var (result, got) = await RunAsync(primary, have: 3);
        Assert.Equal(TransferOutcome.Full, result.Outcome);
        Assert.Equal((2, "Full 5"), (got.Begun, got.Lines[0]));
        Assert.DoesNotContain(got.Lines, l => l.Contains("a.zones", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_with_an_older_version_is_named()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(New(query).Soa(2).Bytes()) };
        Fails(await RunAsync(primary, have: 3), TransferOutcome.Older, "serial 2 at the server is older than 3, which is had");
        Assert.Equal([DnsType.Ixfr], primary.Asked);
    }

    [Fact]
    public async Task A_serial_that_goes_backwards_is_older_by_AXFR_too()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr ? Error(query, DnsRcode.NotImp) : New(query).Soa(2).Soa(2).Bytes()) };
        Fails(await RunAsync(primary, have: 3), TransferOutcome.Older, "serial 2 at the server is older than 3, which is had");
    }

    [Theory]
    [InlineData(DnsRcode.Refused, "REFUSED")]
    [InlineData(DnsRcode.NotAuth, "NOTAUTH")]
    public async Task A_refusal_is_a_response_code(DnsRcode rcode, string why)
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Error(query, rcode)) };
        Fails(await RunAsync(primary), TransferOutcome.Refused, why);
    }

    [Fact]
    public async Task An_error_in_the_middle_ends_it()
    {
        await using var primary = new FakePrimary
        {
            Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            await wire.SendAsync(Error(query, DnsRcode.ServFail));
        }
        };
        Fails(await RunAsync(primary), TransferOutcome.Refused, "SERVFAIL");
    }

    [Fact]
    public async Task A_connection_that_is_cut_between_or_in_messages_is_cut()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Ptr("a.zones.cat.test", "a").Bytes()) };
        Fails(await RunAsync(primary), TransferOutcome.Cut, "connection closed after 2 records");
        primary.Serve = (query, wire) => wire.RawAsync([0, 100, 1, 2, 3]);
        Fails(await RunAsync(primary), TransferOutcome.Cut, "connection closed in the middle of a message, after 0 records");
        primary.Serve = (query, wire) =>
        {
            wire.Reset();
            return Task.CompletedTask;
        };
        Fails(await RunAsync(primary), TransferOutcome.Cut, "connection reset after 0 records");
    }

    [Fact]
    public async Task Nobody_there_is_no_connection()
    {
        IPEndPoint gone;
        await using (var primary = new FakePrimary())
            gone = primary.Address;
        var result = await new ZoneTransfer(TimeProvider.System).RunAsync(new() { Server = gone, Zone = DnsNameTests.Name("cat.test") }, new Transferred(), Stop);
        Assert.Equal((TransferOutcome.Unreachable, "connection refused"), (result.Outcome, result.Why));
    }

    [Fact]
    public async Task Silence_ends_it_and_an_octet_now_and_then_is_silence()
    {
        await using var primary = new FakePrimary { Serve = (_, wire) => wire.HangAsync() };
        var limits = new TransferLimits { Idle = TimeSpan.FromMilliseconds(300) };
        Fails(await RunAsync(primary, limits: limits), TransferOutcome.TimedOut, "silent for 300ms after 0 records");
        primary.Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            await wire.RawAsync([0, 200]);
            while (true)
            {
                await wire.RawAsync([0]);
                await Task.Delay(TimeSpan.FromMilliseconds(50), wire.Stop);
            }
        };
        Fails(await RunAsync(primary, limits: limits), TransferOutcome.TimedOut, "silent for 300ms after 1 records");
    }

    [Fact]
    public async Task A_zone_without_an_end_is_bounded_by_octets_records_and_time()
    {
        await using var primary = new FakePrimary
        {
            Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            for (var i = 0; ; i++)
                await wire.SendAsync(New(query).Ptr($"m{i}.zones.cat.test", "a.example").Bytes());
        }
        };
        Fails(await RunAsync(primary, limits: new() { Bytes = 100_000 }), TransferOutcome.TooLarge, "more than 100000 octets");
        Fails(await RunAsync(primary, limits: new() { Records = 1000 }), TransferOutcome.TooLarge, "more than 1000 records");
        primary.Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            for (var i = 0; ; i++)
            {
                await wire.SendAsync(New(query).Ptr($"m{i}.zones.cat.test", "a.example").Bytes());
                await Task.Delay(TimeSpan.FromMilliseconds(10), wire.Stop);
            }
        };
        var (slow, _) = await RunAsync(primary, limits: new() { Total = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(TransferOutcome.TimedOut, slow.Outcome);
        Assert.StartsWith("not over after 500ms; ", slow.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wrong_question_is_no_answer()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), "dog.test", DnsType.Axfr).Soa(5).Soa(5).Bytes()) };
        Fails(await RunAsync(primary), TransferOutcome.Broken, "answer to another question");
        primary.Serve = (query, wire) => wire.SendAsync(new TransferMessage((ushort)(FakePrimary.IdOf(query) + 1), "cat.test", DnsType.Axfr).Soa(5).Soa(5).Bytes());
        Fails(await RunAsync(primary), TransferOutcome.Broken, "answer to another question");
        primary.Serve = (_, wire) => wire.SendAsync("HTTP/1.1 400 Bad Request"u8.ToArray());
        Fails(await RunAsync(primary), TransferOutcome.Broken, "answer to another question");
    }

    [Fact]
    public async Task A_zone_that_changes_meanwhile_is_a_mismatch()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Ptr("a.zones.cat.test", "a").Soa(6).Bytes()) };
        Fails(await RunAsync(primary), TransferOutcome.Broken, "SOA mismatch: it began with serial 5 and ends with 6; the zone changed meanwhile");
    }

    [Fact]
    public async Task A_stream_that_is_signed_now_and_then_verifies()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => StreamAsync(query, wire, last: true) };
        var (result, got) = await RunAsync(primary, key: Key);
        Assert.Equal((TransferOutcome.Full, null), (result.Outcome, result.Why));
        Assert.Equal(7, got.Lines.Count);
    }

    [Fact]
    public async Task A_wrong_late_or_missing_signature_in_the_middle_ends_it()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => StreamAsync(query, wire, last: false) };
        Fails(await RunAsync(primary, key: Key), TransferOutcome.Unsigned, "TSIG: the last message is not signed");
        primary.Serve = (query, wire) => StreamAsync(query, wire, late: 1000);
        Fails(await RunAsync(primary, key: Key), TransferOutcome.Unsigned, "TSIG: the message is out of time: compare the clocks, after 4 records");
        primary.Serve = (query, wire) => StreamAsync(query, wire, spoilt: true);
        Fails(await RunAsync(primary, key: Key), TransferOutcome.Unsigned, "TSIG: the message's MAC is wrong, after 4 records");
        primary.Serve = async (query, wire) =>
        {
            await wire.SendAsync(Stream(query).Signed(New(query).Soa(5).Bytes(), Now));
            for (var i = 0; ; i++)
                await wire.SendAsync(New(query).Ptr($"m{i}.zones.cat.test", "a").Bytes());
        };
        Fails(await RunAsync(primary, key: Key), TransferOutcome.Unsigned, "TSIG: more than 99 messages in a row are not signed, after 100 records");
        primary.Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Soa(5).Bytes());
        Fails(await RunAsync(primary, key: Key), TransferOutcome.Unsigned, "TSIG: the message is not signed, after 0 records");
        primary.Serve = (query, wire) => wire.SendAsync(Error(query, DnsRcode.NotAuth));
        Fails(await RunAsync(primary, key: Key), TransferOutcome.Unsigned, "NOTAUTH, not signed: the server may not have the zone or the key, or another secret");
    }

    [Fact]
    public async Task A_failed_signature_of_IXFR_is_not_tried_by_AXFR()
    {
        await using var primary = new FakePrimary { Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Soa(5).Bytes()) };
        Assert.Equal(TransferOutcome.Unsigned, (await RunAsync(primary, have: 3, key: Key)).Result.Outcome);
        Assert.Equal([DnsType.Ixfr], primary.Asked);
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        await using var primary = new FakePrimary { Serve = (_, wire) => wire.HangAsync() };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new ZoneTransfer(TimeProvider.System).RunAsync(new() { Server = primary.Address, Zone = DnsNameTests.Name("cat.test"), Have = 3 }, new Transferred(), stop.Token);
        while (primary.Asked.IsEmpty)
            await Task.Delay(TimeSpan.FromMilliseconds(5), Stop);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    static async Task StreamAsync(byte[] query, FakePrimary.Wire wire, bool last = true, long late = 0, bool spoilt = false)
    {
        var signer = Stream(query);
        await wire.SendAsync(signer.Signed(New(query).Soa(5).Bytes(), Now));
        for (var i = 0; i < 3; i++)
            await wire.SendAsync(signer.Unsigned(New(query).Ptr($"m{i}.zones.cat.test", "a").Bytes()));
        if (spoilt)
            signer.Unsigned([1]);
        await wire.SendAsync(signer.Signed(New(query).Ptr("x.zones.cat.test", "a").Bytes(), Now - late));
        await wire.SendAsync(signer.Unsigned(New(query).Ptr("y.zones.cat.test", "a").Bytes()));
        var end = New(query).Soa(5).Bytes();
        await wire.SendAsync(last ? signer.Signed(end, Now) : end);
    }

    static SignedStream Stream(byte[] query) => new(SignedStream.MacOf(query), Secret);

    static TransferMessage New(byte[] query, bool question = true) => new(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query), question: question);

    static byte[] Error(byte[] query, DnsRcode rcode) => new TransferMessage(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query), (ushort)(DnsHeader.Qr | (int)rcode)).Bytes();

    static void Fails((TransferResult Result, Transferred Got) run, TransferOutcome outcome, string why) => Assert.Equal((outcome, why), (run.Result.Outcome, run.Result.Why));

    static async Task<(TransferResult Result, Transferred Got)> RunAsync(FakePrimary primary, uint? have = null, TsigKey? key = null, TransferLimits? limits = null)
    {
        var got = new Transferred();
        var result = await new ZoneTransfer(TimeProvider.System).RunAsync(
            new() { Server = primary.Address, Zone = DnsNameTests.Name("cat.test"), Have = have, Key = key, Limits = limits ?? new() }, got, Stop);
        return (result, got);
    }
}
