using Oops.Sync;
using Oops.Tests.Sources.Notify;
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

    Task<SyncResult> RunAsync(MadeTarget target, ZoneVersion zone, SyncWish? wish = null, SyncBrake? brake = null, SyncMemory? memory = null, FakePrimary? from = null, SemaphoreSlim? turns = null)
    {
        from ??= primary;
        MadeZone.Serve(from, zone);
        return new SyncRun(new Primaries([new(from.Address)], [], TimeProvider.System), new TransferLimits(), target, brake ?? new SyncBrake(), memory, turns).RunAsync(wish ?? new(MadeZone.Name), Stop);
    }

    static SyncWish Wish(long number, uint? serial = null, int second = 0) => new(MadeZone.Name, serial) { Id = new(number, DateTimeOffset.UnixEpoch.AddSeconds(second), "ns1", "example") };

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
    public async Task Who_waits_until_the_target_is_through_holds_nobody_up_and_no_version_of_the_zone()
    {
        using var turns = new SemaphoreSlim(1);
        var through = new TaskCompletionSource();
        var (zone, first, second) = (MadeZone.Of("a A 192.0.2.9"), new MadeTarget(MadeZone.Of("")) { Due = "C1", Through = through.Task }, new MadeTarget(MadeZone.Of("")));
        var waits = RunAsync(first, zone, turns: turns);
        while (first.Finished.Count == 0)
            await Task.Delay(1, Stop);
        var result = await RunAsync(second, zone, turns: turns);
        Assert.Equal((SyncEnd.Written, null, 1), (result.End, result.Plan, second.Writes));
        Assert.StartsWith("serial ", result.Told, StringComparison.Ordinal);
        Assert.False(waits.IsCompleted);
        through.SetResult();
        Assert.Equal(result.Told, (await waits).Told);

        // And only one is carried at a time.
        await turns.WaitAsync(Stop);
        var carried = RunAsync(new MadeTarget(MadeZone.Of("")), zone, turns: turns);
        await Task.Delay(50, Stop);
        Assert.False(carried.IsCompleted);
        turns.Release();
        Assert.Equal(SyncEnd.Written, (await carried).End);
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

    [Fact]
    public async Task What_the_target_is_not_through_with_is_asked_for_until_it_is_and_nothing_is_transferred_for_it()
    {
        var (zone, target, memory) = (MadeZone.Of("a A 192.0.2.9"), new MadeTarget(MadeZone.Of("")) { Due = "c1", Finishes = new("pending") }, new SyncMemory(TimeProvider.System));
        Assert.Equal((SyncEnd.Later, "pending"), await EndAsync(1));
        var asked = primary.Connections;
        Assert.Equal((SyncEnd.Later, "pending"), await EndAsync(1));
        target.Finishes = new(null);
        Assert.Equal((SyncEnd.Written, "serial 1: 1 to create, 0 to change, 0 to delete, of 1 RRsets"), await EndAsync(1));
        Assert.Equal((asked, 1), (primary.Connections, target.Writes));
        Assert.Equal(["c1", "c1", "c1"], target.Finished);
        Assert.Equal((SyncEnd.Same, ""), await EndAsync(2));
        Assert.Equal(3, target.Finished.Count);

        async Task<(SyncEnd, string)> EndAsync(long number) => await RunAsync(target, zone, Wish(number), memory: memory) is var result ? (result.End, result.Why) : default;
    }

    [Fact]
    public async Task A_newer_version_does_not_wait_for_what_is_unfinished_of_the_one_before()
    {
        var (target, memory) = (new MadeTarget(MadeZone.Of("")) { Due = "c1", Finishes = new("pending") }, new SyncMemory(TimeProvider.System));
        Assert.Equal(SyncEnd.Later, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1), memory: memory)).End);
        (target.Due, target.Finishes) = ("c2", new(null));
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("b A 192.0.2.9", 2), Wish(2), memory: memory)).End);
        Assert.Equal(["c1", "c1 c2"], target.Finished);
    }

    [Fact]
    public async Task A_number_that_a_crash_has_given_twice_is_another_wish()
    {
        var (target, memory) = (new MadeTarget(MadeZone.Of("")) { Due = "c1", Finishes = new("pending") }, new SyncMemory(TimeProvider.System));
        Assert.Equal(SyncEnd.Later, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1), memory: memory)).End);
        (target.Due, target.Finishes) = (null, new(null));
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("b A 192.0.2.9", 2), Wish(1, second: 1), memory: memory)).End);
        Assert.Equal(2, target.Writes);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("written")]
    [InlineData("finished")]
    public async Task How_long_the_target_wants_to_be_left_alone_is_passed_on(string what)
    {
        var (target, pause) = (new MadeTarget(MadeZone.Of("")) { Due = "c1" }, TimeSpan.FromMinutes(2));
        (target.Unread, target.Pause) = (what == "read" ? "no" : null, pause);
        target.Unwritten = what == "written" ? new("no") { After = pause } : null;
        target.Finishes = what == "finished" ? new("no") { After = pause } : new(null);
        var result = await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1));
        Assert.Equal((SyncEnd.Later, "no", pause), (result.End, result.Why, result.After));
    }

    [Fact]
    public async Task What_was_written_by_a_try_that_was_cut_short_is_finished_by_the_next()
    {
        var (zone, target, memory) = (MadeZone.Of("a A 192.0.2.9"), new MadeTarget(MadeZone.Of("")) { Due = "c1", Hangs = true }, new SyncMemory(TimeProvider.System));
        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(target, zone, Wish(1), memory: memory));
        Assert.Equal(SyncEnd.Same, (await RunAsync(target, zone, Wish(1), memory: memory)).End);
        Assert.Equal(["c1"], target.Finished);
    }

    [Theory]
    [InlineData("refused; and no NOTIFY", false)]
    [InlineData("refused", true)]
    public async Task What_was_taken_is_finished_also_where_the_rest_was_refused(string why, bool finishes)
    {
        var target = new MadeTarget(MadeZone.Of("")) { Due = "c1", Unwritten = new("refused", ForGood: true), Finishes = new(finishes ? null : "and no NOTIFY") };
        var result = await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1));
        Assert.Equal((SyncEnd.Failed, why), (result.End, result.Why));
    }

    [Fact]
    public async Task What_the_target_will_never_be_through_with_is_not_asked_for_again()
    {
        var (target, memory) = (new MadeTarget(MadeZone.Of("")) { Due = "c1", Finishes = new("no such change", ForGood: true) }, new SyncMemory(TimeProvider.System));
        Assert.Equal(SyncEnd.Failed, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1), memory: memory)).End);
        Assert.Equal(SyncEnd.Same, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(2), memory: memory)).End);
        Assert.Single(target.Finished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_target_is_away_the_zone_is_not_transferred_again(bool atWriting)
    {
        var (zone, target, memory) = (MadeZone.Of("a A 192.0.2.9"), new MadeTarget(MadeZone.Of("")), new SyncMemory(TimeProvider.System));
        target.Unread = atWriting ? null : "closed";
        target.Unwritten = atWriting ? new("closed") : null;
        Assert.Equal((SyncEnd.Later, 1), ((await RunAsync(target, zone, Wish(1), memory: memory)).End, primary.Connections));
        target.Unread = "closed";
        for (var i = 0; i < 3; i++)
            Assert.Equal((SyncEnd.Later, 1), ((await RunAsync(target, zone, Wish(1), memory: memory)).End, primary.Connections));
        (target.Unread, target.Unwritten) = (null, null);
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, zone, Wish(1), memory: memory)).End);
    }

    [Fact]
    public async Task A_target_that_makes_something_else_of_what_it_takes_is_written_twice_and_then_it_is_said()
    {
        var (target, memory) = (new MadeTarget(MadeZone.Of("")) { Forgets = 0 }, new SyncMemory(TimeProvider.System));
        Assert.Equal(SyncEnd.Later, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1), memory: memory)).End);
        var result = await RunAsync(target, MadeZone.Of("a A 192.0.2.9"), Wish(1), memory: memory);
        Assert.Equal((SyncEnd.Failed, "made took it all, and is still not as the zone: 1 to create, 0 to change, 0 to delete, of 1 RRsets; so it was the last time, too, and it is not written once more: look at what it makes of a.example A"), (result.End, result.Why));
        // Another version is another try, and so is another difference.
        Assert.Equal(SyncEnd.Later, (await RunAsync(target, MadeZone.Of("a A 192.0.2.9", 2), Wish(2), memory: memory)).End);
        Assert.Equal(SyncEnd.Later, (await RunAsync(target, MadeZone.Of("a A 192.0.2.8", 2), Wish(2), memory: memory)).End);
    }

    [Fact]
    public async Task What_the_brake_holds_stays_held_when_a_server_that_lags_gives_an_older_version()
    {
        await using var other = new FakePrimary();
        var (memory, target) = (new SyncMemory(TimeProvider.System), new MadeTarget(MadeZone.Of(Many(0, 20), 1)));
        Assert.Equal(SyncEnd.Braked, (await RunAsync(target, MadeZone.Of("", 7), Wish(1), memory: memory)).End);
        var late = await RunAsync(target, MadeZone.Of(Many(0, 19), 6), Wish(2), memory: memory, from: other);
        Assert.Equal((SyncEnd.Braked, 0), (late.End, target.Writes));
        Assert.Contains("has given serial 7, which is newer, and is held: ", late.Told, StringComparison.Ordinal);

        // What somebody mends is carried, and then an older one is just late.
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of(Many(0, 19), 8), Wish(3), memory: memory)).End);
        Assert.Equal(SyncEnd.Same, (await RunAsync(target, MadeZone.Of(Many(0, 20), 6), Wish(4), memory: memory, from: other)).End);
    }

    [Fact]
    public async Task A_server_that_lags_does_not_bring_back_an_older_version_but_who_gave_the_newer_may_and_after_a_day_anybody()
    {
        await using var other = new FakePrimary();
        var (target, time) = (new MadeTarget(MadeZone.Of("")), new SteppedTime());
        var memory = new SyncMemory(time);
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("a A 192.0.2.6", 6), memory: memory)).End);
        var late = await RunAsync(target, MadeZone.Of("a A 192.0.2.5", 5), Wish(1), memory: memory, from: other);
        Assert.Equal((SyncEnd.Same, $"serial 5 of 127.0.0.1@{other.Address.Port} is not carried: 127.0.0.1@{primary.Address.Port} has given serial 6, which is newer"), (late.End, late.Told));
        Assert.Equal(1, target.Writes);
        // A person is not asked twice.
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("a A 192.0.2.5", 5), new(MadeZone.Name, Forced: true), memory: memory, from: other)).End);
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("a A 192.0.2.6", 6), memory: memory)).End);
        // It was set back there.
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("a A 192.0.2.3", 3), memory: memory)).End);
        Assert.Equal(SyncEnd.Same, (await RunAsync(target, MadeZone.Of("a A 192.0.2.2", 2), memory: memory, from: other)).End);
        time.Step(TimeSpan.FromDays(1));
        Assert.Equal(SyncEnd.Written, (await RunAsync(target, MadeZone.Of("a A 192.0.2.2", 2), memory: memory, from: other)).End);
    }

    [Fact]
    public void An_application_has_the_time_of_its_transfers_and_of_what_the_target_waits_for()
    {
        var none = new Oops.Config.OopsConfig { Mode = Oops.Core.Mode.Act, Servers = new Dictionary<string, Oops.Config.ServerConfig>() };
        Assert.Equal(TimeSpan.FromSeconds(16 * 4 * 60 + 2 * 3600 + 10), new Oops.Actions.Route53.Route53Config { Name = "a", TransferTimeout = TimeSpan.FromMinutes(1), InSyncTimeout = TimeSpan.FromHours(1) }.Create(none).ApplyTimeout);
        Assert.Equal(TimeSpan.FromSeconds(4 * 60 + 10), new Oops.Actions.Powerdns.PowerdnsActionConfig { Name = "a", Api = new(System.Net.IPAddress.Loopback, null), KeyFile = "/k", TransferTimeout = TimeSpan.FromMinutes(1) }.Create(none).ApplyTimeout);
    }
}
