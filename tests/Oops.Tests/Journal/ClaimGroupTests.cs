using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Journal;
using Oops.Native;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Journal;

/// <summary>A first read of very many zones: few rows, all of them replayed, and who reads waits for the disk.</summary>
public sealed class ClaimGroupTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-groups-").FullName;
    readonly FakeTime time = new();

    Moment Now => BootTime.Now(time);

    string Path => System.IO.Path.Combine(folder, Oops.Journal.Journal.FileName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_is_written_in_groups_is_replayed_one_by_one_in_order_and_with_its_times()
    {
        var said = new List<(At, Input)>();
        await using (var journal = New())
        {
            journal.Start();
            journal.Queue(new RunItem(Now, "small", [], null));
            for (var i = 0; i < 2500; i++)
            {
                Say(new ZoneSignal("a", $"z{i}", Measure.Serial, i));
                Say(new ZoneSignal("a", $"z{i}", Measure.Expiry, Signal.Absent));
                time.Advance(TimeSpan.FromTicks(7));
                if (i % 1000 == 999) Say(new ZoneSignal("b", $"z{i}", Measure.Serial, i));
                if (i == 1500) Say(new ZoneSignal("a", $"z{i}", Measure.Serial, Signal.Absent, "SERVFAIL"));
                if (i == 1600) Say(new ChannelRead("a"));
                if (i == 1700) Say(new ZoneSignal("a", $"z{i}", Measure.Serial, 5, null, IPAddress.Loopback));
            }

            void Say(Input input)
            {
                said.Add((Now.At, input));
                journal.Record(Now, input, []);
            }
        }

        using var reader = JournalReader.Open(Path);
        Assert.Equal(said, reader.Inputs(Assert.Single(reader.Runs()).Id));
        using var database = SqliteDatabase.Open(Path, SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        using var statement = database.Prepare("SELECT count(*) FROM inputs");
        Assert.True(statement.Step());
        Assert.InRange(statement.Int64(0), 10, 20);
    }

    [Fact]
    public void A_group_that_makes_no_sense_is_read_as_what_does()
    {
        var group = new Recorded { Type = InputCodec.Group, Channel = "a", Names = ["z"], Measures = ["Serial", "Later"], Claims = [0, 0, 7, 0, 1, 0, 7, 0, 0, 1, 7, 0, -1, 0, 7, 0, 0, 2, 7, 0, 0, 0, 8, 5, 0, 0] };
        Assert.Equal([(new At(3), new ZoneSignal("a", "z", Measure.Serial, 7)), (new At(8), new ZoneSignal("a", "z", Measure.Serial, 8))], InputCodec.ReadAll(InputCodec.Write(group), new(3)));
        Assert.Empty(InputCodec.ReadAll(InputCodec.Write(new Recorded { Type = InputCodec.Group }), new(3)));
    }

    [Fact]
    public async Task Who_reads_very_much_waits_for_the_disk_and_nothing_is_lost()
    {
        const int many = 300_000;
        await using (var journal = New())
        {
            journal.Start();
            journal.Queue(new RunItem(Now, "small", [], null));
            for (var i = 0; i < many; i++)
            {
                journal.Record(Now, new ZoneSignal("a", $"z{i}", Measure.Serial, 1), []);
                if (i % 1000 == 0) await journal.RoomAsync();
            }

            Assert.Equal(0, journal.Lost);
        }

        using var reader = JournalReader.Open(Path);
        Assert.Equal(many, reader.Inputs(reader.Runs()[0].Id).Count());
    }

    [Fact]
    public async Task A_disk_that_does_nothing_is_not_waited_for()
    {
        // Nobody writes: it was never started.
        await using var journal = New();
        for (var i = 0; i < 50_000; i++) journal.Record(Now, new ZoneSignal("a", $"z{i}", Measure.Serial, 1), []);
        var room = journal.RoomAsync();
        Assert.False(room.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1.1));
        await room.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(journal.RoomAsync().IsCompleted);
    }

    [Fact]
    public async Task A_snapshot_of_very_many_zones_is_there_after_a_restart()
    {
        ZoneSet zones = [.. Enumerable.Range(0, 50_000).Select(i => $"z{i}.example")];
        var snapshot = new Snapshot(1) { ZoneSets = [new("ns1", 5, zones)], Levels = [new("ns1", "zone-updated", zones, [.. zones.Select(z => (uint)z.Length)])] };
        await using (var journal = New())
        {
            journal.Start();
            journal.Queue(new RunItem(Now, "small", [], snapshot));
            Assert.True(await journal.QueueDurable(done => new SnapshotItem(Now, snapshot) { Durable = done }));
            Assert.True(await journal.QueueDurable(done => new SnapshotItem(Now, snapshot with { Sequence = 7 }) { Durable = done }));
        }

        using var reader = JournalReader.Open(Path);
        foreach (var read in new[] { reader.Snapshot()!.Value.Snapshot, Assert.Single(reader.Runs()).Snapshot! })
        {
            Assert.True(zones.IsSame(Assert.Single(read.ZoneSets).Zones));
            Assert.True(zones.IsSame(Assert.Single(read.Levels).Zones));
            Assert.Equal(zones.Select(z => (uint)z.Length), read.Levels[0].Values);
        }

        Assert.Equal(7, reader.Snapshot()!.Value.Snapshot.Sequence);
    }

    Oops.Journal.Journal New() => new(folder, new("boot-1", "0.1.0"), TimeSpan.FromDays(30), time, NullLogger.Instance);
}
