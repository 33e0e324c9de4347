using System.Net;
using System.Net.Sockets;
using Oops.Tests.Sources.Notify;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class PrimariesTests : IAsyncDisposable
{
    readonly FakePrimary first = new();
    readonly FakePrimary second = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task The_first_that_has_it_is_the_only_one_that_is_asked()
    {
        (first.Serve, second.Serve) = (Whole(5), Whole(6));
        var round = await RunAsync(new Primaries([At(first), At(second)], [], TimeProvider.System), null);
        Assert.Equal((TransferOutcome.Full, 5u, At(first), 1, ""), (round.Result.Outcome, round.Result.Soa!.Value.Serial, round.By, round.All.Count, round.Why));
        Assert.Equal(0, second.Connections);
    }

    [Fact]
    public async Task From_each_that_fails_it_goes_on_to_the_next_and_each_is_told()
    {
        IPEndPoint gone;
        await using (var ended = new FakePrimary())
            gone = ended.Address;
        first.Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query), (ushort)(DnsHeader.Qr | (int)DnsRcode.Refused)).Bytes());
        await using var broken = new FakePrimary { Serve = (_, wire) => wire.SendAsync([1, 2, 3]) };
        await using var silent = new FakePrimary { Hangs = true };
        second.Serve = Whole(6);
        var round = await RunAsync(new Primaries([new(gone), At(first), At(broken), At(silent), At(second)], [], TimeProvider.System), null, idle: 300);
        Assert.Equal((TransferOutcome.Full, At(second), 5), (round.Result.Outcome, round.By, round.All.Count));
        Assert.Equal($"from {new Primary(gone)}: connection refused; from {At(first)}: REFUSED; from {At(broken)}: answer to another question; from {At(silent)}: silent for 300ms after 0 records", round.Why);
    }

    [Fact]
    public async Task Where_there_is_not_even_a_socket_to_be_had_it_goes_on_to_the_next_too()
    {
        second.Serve = Whole(6);
        var none = new Primary(new Unspoken());
        var round = await RunAsync(new Primaries([none, At(second)], [], TimeProvider.System), 5);
        Assert.Equal((TransferOutcome.Full, At(second), TransferOutcome.Unreachable), (round.Result.Outcome, round.By, round.All[0].Result.Outcome));
        Assert.Equal($"from {none}: this host does not have its address family", round.Why);
    }

    [Fact]
    public async Task An_older_or_the_same_version_does_not_end_it_where_another_has_a_newer_one()
    {
        await using var third = new FakePrimary { Serve = Whole(7) };
        (first.Serve, second.Serve) = (Whole(3), Whole(5));
        var round = await RunAsync(new Primaries([At(first), At(second), At(third)], [], TimeProvider.System), 5);
        Assert.Equal((TransferOutcome.Full, 7u, At(third)), (round.Result.Outcome, round.Result.Soa!.Value.Serial, round.By));
        Assert.Equal($"from {At(first)}: serial 3 at the server is older than 5, which is had", round.Why);
    }

    [Fact]
    public async Task Where_nobody_has_a_newer_one_who_has_it_counts()
    {
        (first.Serve, second.Serve) = (Whole(3), Whole(5));
        var primaries = new Primaries([At(first), At(second)], [], TimeProvider.System);
        var round = await RunAsync(primaries, 5);
        Assert.Equal((TransferOutcome.UpToDate, true, At(second)), (round.Result.Outcome, round.Ok, round.By));
        second.Serve = (_, wire) => wire.SendAsync([1, 2, 3]);
        round = await RunAsync(primaries, 5);
        Assert.Equal((TransferOutcome.Older, false, At(first)), (round.Result.Outcome, round.Ok, round.By));
    }

    [Fact]
    public async Task Differences_that_do_not_fit_are_followed_by_all_of_it_from_the_same_one()
    {
        first.Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr ? New(query).Soa(6).Soa(5).Soa(6).Soa(6).Bytes() : New(query).Soa(6).Soa(6).Bytes());
        var taken = 0;
        var round = await RunAsync(new Primaries([At(first), At(second)], [], TimeProvider.System), 5, result => ++taken == 1 ? "they do not fit" : null);
        Assert.Equal((TransferOutcome.Full, "they do not fit", 2), (round.Result.Outcome, round.Result.Fallback, taken));
        Assert.Equal([DnsType.Ixfr, DnsType.Axfr], first.Asked);
        Assert.Equal(0, second.Connections);
    }

    [Fact]
    public async Task What_came_whole_and_is_no_good_is_asked_for_at_the_next_as_a_whole()
    {
        first.Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr ? New(query).Soa(6).Soa(5).Soa(6).Soa(6).Bytes() : New(query).Soa(6).Soa(6).Bytes());
        second.Serve = Whole(6);
        var taken = 0;
        var round = await RunAsync(new Primaries([At(first), At(second)], [], TimeProvider.System), 5, _ => ++taken < 3 ? "no good" : null);
        Assert.Equal((TransferOutcome.Full, At(second), $"from {At(first)}: no good"), (round.Result.Outcome, round.By, round.Why));
        Assert.Equal([DnsType.Axfr], second.Asked);
    }

    [Fact]
    public async Task One_that_was_silent_is_asked_last_for_a_while()
    {
        var time = new SteppedTime();
        IPEndPoint gone;
        await using (var ended = new FakePrimary())
            gone = ended.Address;
        second.Serve = Whole(5);
        var primaries = new Primaries([new(gone), At(second)], [], time);
        Assert.Equal(2, (await RunAsync(primaries, null)).All.Count);
        Assert.Single((await RunAsync(primaries, null)).All);
        time.Step(TimeSpan.FromMinutes(11));
        Assert.Equal(2, (await RunAsync(primaries, null)).All.Count);
    }

    [Fact]
    public async Task All_of_them_together_have_the_time_of_one_and_who_took_it_is_asked_last_then()
    {
        // It never ends, and is never silent.
        first.Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(6).Bytes());
            for (var i = 0; ; i++)
            {
                await wire.SendAsync(New(query).Ptr($"p{i}.zones.cat.test", "a").Bytes());
                await Task.Delay(TimeSpan.FromMilliseconds(50), wire.Stop);
            }
        };
        second.Serve = Whole(6);
        var primaries = new Primaries([At(first), At(second)], [], TimeProvider.System);
        var round = await RunAsync(primaries, 5, total: 700);
        Assert.Equal((TransferOutcome.TimedOut, At(first)), (round.Result.Outcome, Assert.Single(round.All).Primary));
        Assert.StartsWith($"from {At(first)}: not over after 700ms; ", round.Why, StringComparison.Ordinal);
        Assert.Equal([DnsType.Ixfr], first.Asked);
        round = await RunAsync(primaries, 5, total: 700);
        Assert.Equal((TransferOutcome.Full, At(second), 1), (round.Result.Outcome, round.By, round.All.Count));
    }

    [Fact]
    public void A_key_that_nobody_gave_is_a_fault_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => new Primaries([At(first) with { Key = DnsNameTests.Name("k") }], [], TimeProvider.System));

    static Primary At(FakePrimary primary) => new(primary.Address);

    static TransferMessage New(byte[] query) => new(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query));

    static Func<byte[], FakePrimary.Wire, Task> Whole(uint serial) => (query, wire) =>
        wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) >= serial ? New(query).Soa(serial).Bytes() : New(query).Soa(serial).Ptr("a.zones.cat.test", "a").Soa(serial).Bytes());

    static Task<TransferRound> RunAsync(Primaries primaries, uint? have, Func<TransferResult, string?>? take = null, int idle = 5000, int total = 60_000) =>
        primaries.RunAsync(new(DnsNameTests.Name("cat.test"), have, new() { Idle = TimeSpan.FromMilliseconds(idle), Total = TimeSpan.FromMilliseconds(total) }), new Transferred(), take ?? (_ => null), Stop);

    /// <summary>An address of a family that this host has not, as IPv6 where it is switched off.</summary>
    sealed class Unspoken() : IPEndPoint(IPAddress.Loopback, 53)
    {
        public override AddressFamily AddressFamily => AddressFamily.Banyan;
    }
}
