using Oops.Sync;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Sync;

public sealed class SyncRunTests : IAsyncDisposable
{
    readonly FakePrimary primary = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => primary.DisposeAsync();

    Task<SyncResult> RunAsync(MadeTarget target, ZoneVersion zone, SyncWish? wish = null, SyncBrake? brake = null)
    {
        MadeZone.Serve(primary, zone);
        return new SyncRun(new Primaries([new(primary.Address)], [], TimeProvider.System), new TransferLimits(), target, brake ?? new SyncBrake()).RunAsync(wish ?? new(MadeZone.Name), Stop);
    }

    static string Many(int from, int to) => string.Join(" | ", Enumerable.Range(from, to - from).Select(i => $"h{i} A 192.0.2.{i}"));

    [Fact]
    public async Task The_target_becomes_the_zone_and_a_second_time_there_is_nothing_to_do()
    {
        var (zone, target) = (MadeZone.Of("a A 192.0.2.9 | b CNAME a", 5), new MadeTarget(MadeZone.Of("b A 192.0.2.7 | c TXT x")));
        var result = await RunAsync(target, zone);
        Assert.Equal((SyncEnd.Written, ""), (result.End, result.Why));
        Assert.Equal(MadeZone.Lines(zone), MadeZone.Lines(target.Zone));
        Assert.Equal((2, 0, 2, 5u), (result.Plan!.Creates, result.Plan.Updates, result.Plan.Deletes, result.Plan.Zone.Soa!.Value.Serial));
        Assert.Equal(SyncEnd.Same, (await RunAsync(target, zone)).End);
        Assert.Equal(1, target.Writes);
    }

    [Fact]
    public async Task A_plan_writes_nothing()
    {
        var target = new MadeTarget(MadeZone.Of(""));
        Assert.Equal(SyncEnd.Differs, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), new(MadeZone.Name, Writes: false))).End);
        Assert.Equal(0, target.Writes);
    }

    [Theory]
    [InlineData(0, 20, 0, 14, null)]
    [InlineData(0, 20, 0, 13, "7 of 21 RRsets would be deleted, and without a person no more than 30 % are")]
    [InlineData(0, 9, 0, 1, "8 of 10 RRsets would be deleted, and without a person no more than 30 % are")]
    [InlineData(0, 8, 0, 1, null)]
    [InlineData(0, 20, 0, 200, null)]
    public async Task Too_many_deletes_wait_for_a_person(int from, int to, int newFrom, int newTo, string? why)
    {
        var target = new MadeTarget(MadeZone.Of(Many(from, to)));
        var result = await RunAsync(target, MadeZone.Of(Many(newFrom, newTo)));
        Assert.Equal((why is null ? SyncEnd.Written : SyncEnd.Braked, why ?? ""), (result.End, result.Why));
        Assert.Equal(why is null ? 1 : 0, target.Writes);
        Assert.Equal(why is null ? SyncEnd.Same : SyncEnd.Written, (await RunAsync(target, MadeZone.Of(Many(newFrom, newTo)), new(MadeZone.Name, Forced: true))).End);
    }

    [Fact]
    public async Task Too_many_changes_wait_for_a_person_too()
    {
        var target = new MadeTarget(MadeZone.Of(Many(0, 20)));
        var result = await RunAsync(target, MadeZone.Of(Many(0, 20).Replace("A 192", "60 A 192", StringComparison.Ordinal)));
        Assert.Equal((SyncEnd.Braked, "20 of 21 RRsets would be changed, and without a person no more than 30 % are"), (result.End, result.Why));
    }

    [Fact]
    public async Task An_empty_zone_deletes_nothing_however_small_the_target_is()
    {
        var target = new MadeTarget(MadeZone.Whole("@ SOA a b 1 1 1 1 1 | @ NS ns.other. | a A 192.0.2.9"));
        var result = await RunAsync(target, MadeZone.Whole("@ SOA a b 2 1 1 1 1 | @ NS ns.other."));
        Assert.Equal((SyncEnd.Braked, "the zone has come empty, and the target has 1 RRsets"), (result.End, result.Why));
    }

    [Fact]
    public async Task A_transfer_that_is_cut_changes_nothing()
    {
        var target = new MadeTarget(MadeZone.Of("a A 192.0.2.9"));
        MadeZone.Serve(primary, MadeZone.Of(""));
        var whole = primary.Serve;
        var run = new SyncRun(new Primaries([new(primary.Address)], [], TimeProvider.System), new TransferLimits(), target, new SyncBrake());
        primary.Serve = async (query, wire) => await wire.RawAsync([0, 40, .. new byte[10]]);
        Assert.Equal((SyncEnd.Later, 0), ((await run.RunAsync(new(MadeZone.Name), Stop)).End, target.Writes));
        primary.Serve = whole;
        Assert.Equal(SyncEnd.Written, (await run.RunAsync(new(MadeZone.Name), Stop)).End);
    }

    [Fact]
    public async Task A_version_older_than_the_one_that_was_told_of_is_not_carried_on()
    {
        var target = new MadeTarget(MadeZone.Of(""));
        var result = await RunAsync(target, MadeZone.Of("a A 192.0.2.9", 5), new(MadeZone.Name, Serial: 6));
        Assert.Equal((SyncEnd.Later, "the zone came with serial 5, older than 6, which was told of", 0), (result.End, result.Why, target.Writes));
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9", 5), new(MadeZone.Name, Serial: 4))).End);
    }

    [Fact]
    public async Task A_zone_of_which_a_record_is_missing_is_not_carried_on()
    {
        var target = new MadeTarget(MadeZone.Of("a MX 1 b"));
        primary.Serve = async (query, wire) =>
        {
            var soa = MadeZone.Of("").ApexNode.Get(DnsType.Soa).First.ToArray();
            await wire.SendAsync(MadeZone.Message(query, MadeZone.Name, DnsType.Soa, soa));
            // A name that is cut.
            await wire.SendAsync(MadeZone.Message(query, MadeZone.Name, DnsType.Mx, [0, 1, 3, 65]));
            await wire.SendAsync(MadeZone.Message(query, MadeZone.Name, DnsType.Soa, soa));
        };
        var result = await new SyncRun(new Primaries([new(primary.Address)], [], TimeProvider.System), new TransferLimits(), target, new SyncBrake()).RunAsync(new(MadeZone.Name), Stop);
        Assert.Equal((SyncEnd.Failed, "1 records of the zone could not be taken, the first at example MX: it is not whole, so it is not carried on", 0), (result.End, result.Why, target.Writes));
    }

    [Fact]
    public async Task What_the_target_says_it_took_is_looked_at()
    {
        var target = new MadeTarget(MadeZone.Of("")) { Forgets = 1 };
        var zone = MadeZone.Of("a A 192.0.2.9 | b A 192.0.2.9 | c A 192.0.2.9");
        var result = await RunAsync(target, zone);
        // The first is written, then it gets no less.
        Assert.Equal((SyncEnd.Later, "made took it all, and is still not as the zone: 2 to create, 0 to change, 0 to delete, of 2 RRsets", 2), (result.End, result.Why, target.Writes));
    }

    [Theory]
    [InlineData(false, "Later")]
    [InlineData(true, "Failed")]
    public async Task A_target_that_refuses_is_tried_again_or_not(bool forGood, string end)
    {
        var target = new MadeTarget(MadeZone.Of("")) { Unwritten = new("no", forGood) };
        var result = await RunAsync(target, MadeZone.Of("a A 192.0.2.9"));
        Assert.Equal((end, "no"), (result.End.ToString(), result.Why));
        target.Unread = "closed";
        Assert.Equal("closed", (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"))).Why);
    }
}
