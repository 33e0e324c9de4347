using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Commands;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Journal;

public sealed class JournalTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-journal-").FullName;
    readonly FakeTime time = new();
    readonly List<Effect> effects = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    Oops.Journal.Journal New(string boot = "boot-1") => new(folder, new(boot, "0.1.0"), TimeSpan.FromDays(30), time, NullLogger.Instance);

    Moment Now => BootTime.Now(time);

    /// <summary>A machine that tells the journal all it takes, as the engine does.</summary>
    Machine Recorded(Oops.Journal.Journal journal, Policy policy, IEnumerable<Input> inputs, Machine? machine = null)
    {
        if (machine is null)
        {
            machine = new(policy);
            journal.Queue(new RunItem(Now, policy.Hash, Recording.Channels(policy), machine.Snapshot(Now)));
        }

        foreach (var input in inputs) Step(journal, machine, input);
        return machine;
    }

    void Step(Oops.Journal.Journal journal, Machine machine, Input input)
    {
        effects.Clear();
        machine.Step(Now, input, effects);
        journal.Record(Now, input, effects);
    }

    void Pass(Oops.Journal.Journal journal, Machine machine, TimeSpan span, Input? every = null)
    {
        var end = Now.At + span;
        while (Now.At < end)
        {
            var next = At.Min(At.Min(machine.NextDeadline, end), every is null ? end : Now.At + TimeSpan.FromSeconds(1));
            time.Advance(next - Now.At);
            Step(journal, machine, machine.NextDeadline <= Now.At || every is null ? Tick.Instance : every);
        }
    }

    static readonly Input Crash = new ProcessGone("process/ns1", "signal 9");

    [Fact]
    public async Task A_replay_with_the_same_config_decides_the_same()
    {
        var policy = Small.Policy(TimeSpan.FromSeconds(1));
        await using (var journal = New())
        {
            journal.Start();
            var machine = Recorded(journal, policy, Small.Announced());
            Pass(journal, machine, TimeSpan.FromMinutes(30), new ServerSignal("probe/ns1", Measure.Answering, 1));
            Recorded(journal, policy, [Crash], machine);
            Pass(journal, machine, TimeSpan.FromSeconds(10));
        }

        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        var run = Assert.Single(reader.Runs());
        Assert.True(run.Ended);
        var result = Replay.Run(reader, run, policy);
        Assert.Empty(result.Invalid);
        Assert.False(result.Differs, string.Join('\n', result.Lines));
        Assert.Contains(result.Lines, l => l.Decision is { Id: "route/anycast4", To: "withdrawn" });
        Assert.True(result.Inputs > 1800, "the renewals are replayed");
    }

    [Fact]
    public async Task What_a_source_tells_of_a_zone_is_a_line_of_the_history_and_a_replay_decides_the_same()
    {
        var policy = Small.Policy(TimeSpan.FromSeconds(1));
        await using (var journal = New())
        {
            journal.Start();
            var machine = Recorded(journal, policy, Small.Announced());
            Recorded(journal, policy, [new ZoneTold("verify/ns1", "ns1", "nl", "kept out", "serial 8: ns-missing"), new ZoneTold("verify/ns1", "ns1", "nl", "kept out", "serial 8: ns-missing"), new Accept("root", "ns1", "nl", 8)], machine);
            Pass(journal, machine, TimeSpan.FromSeconds(5), new ServerSignal("probe/ns1", Measure.Answering, 1));
            Recorded(journal, policy, [Crash], machine);
            Pass(journal, machine, TimeSpan.FromSeconds(10));
        }

        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        var result = Replay.Run(reader, Assert.Single(reader.Runs()), policy);
        Assert.Empty(result.Invalid);
        Assert.False(result.Differs, string.Join('\n', result.Lines));
        Assert.Contains(result.Lines, l => l.Decision is { Id: "route/anycast4", To: "withdrawn" });
        var lines = Subject.Of("zone/ns1/NL.").SelectMany(s => reader.History(s, DateTimeOffset.MinValue, 10)).ToList();
        Assert.Equal(["kept out verify/ns1: serial 8: ns-missing", "kept out verify/ns1: serial 8: ns-missing", "accept the size of serial 8 root"], lines.Select(l => $"{l.To} {l.Text}"));
    }

    [Fact]
    public async Task A_replay_says_until_when_the_journal_is_complete_and_goes_further_once_that_is_asked_for()
    {
        var policy = Small.Policy(TimeSpan.FromSeconds(1));
        await using var journal = New();
        journal.Start();
        var machine = Recorded(journal, policy, Small.Announced());
        Pass(journal, machine, TimeSpan.FromSeconds(30), new ServerSignal("probe/ns1", Measure.Answering, 1));
        Recorded(journal, policy, [Crash], machine);
        Pass(journal, machine, TimeSpan.FromSeconds(10));
        Assert.True(await journal.QueueDurable(done => new SettleItem { Durable = done }));

        var cut = Replayed();
        Assert.Equal(2, cut.Later);
        Assert.StartsWith("! complete until ", ReplayCommand.Cut(cut), StringComparison.Ordinal);
        Assert.EndsWith("; 2 decisions after it are not compared, `oops history` has them", ReplayCommand.Cut(cut), StringComparison.Ordinal);
        Assert.DoesNotContain(cut.Lines, l => l.Decision is { From: "announced", To: "withdrawn" } or { From: "kept", To: "withdrawn" });

        Assert.True(await journal.QueueDurable(done => new FlushItem(Now, End: false) { Durable = done }));
        var whole = Replayed();
        Assert.Null(ReplayCommand.Cut(whole));
        Assert.Contains(whole.Lines, l => l is { Match: Match.Same, Decision: { From: not "unknown", To: "withdrawn" } });

        ReplayResult Replayed()
        {
            using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
            return Replay.Run(reader, reader.Runs()[^1], policy);
        }
    }

    [Fact]
    public async Task A_replay_with_another_config_says_what_would_differ()
    {
        var policy = Small.Policy(TimeSpan.FromSeconds(1));
        await using (var journal = New())
        {
            journal.Start();
            var machine = Recorded(journal, policy, [.. Small.Announced(), Crash]);
            Pass(journal, machine, TimeSpan.FromSeconds(5));
        }

        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        var result = Replay.Run(reader, reader.Runs()[^1], Small.Policy(TimeSpan.FromMinutes(1), "other"));
        Assert.Contains(result.Lines, l => l.Match == Match.Recorded && l.Decision.To == "withdrawn");
    }

    [Fact]
    public async Task A_changed_source_makes_the_comparison_invalid()
    {
        var policy = Small.Policy(TimeSpan.FromSeconds(1));
        await using (var journal = New())
        {
            journal.Start();
            Recorded(journal, policy, Small.Announced());
        }

        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        var fewer = policy with { Hash = "fewer", Channels = [policy.Channels[0]] };
        Assert.Contains(Replay.Run(reader, reader.Runs()[^1], fewer).Invalid, i => i.Contains("probe/ns1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_only_says_the_same_again_is_counted_not_written()
    {
        await using (var journal = New())
        {
            journal.Start();
            var machine = Recorded(journal, Small.Policy(TimeSpan.FromSeconds(1)), Small.Announced());
            Pass(journal, machine, TimeSpan.FromHours(1), new ServerSignal("probe/ns1", Measure.Answering, 1));
        }

        using var database = SqliteDatabase.Open(Path.Combine(folder, Oops.Journal.Journal.FileName), SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        using var statement = database.Prepare("SELECT (SELECT count(*) FROM inputs), (SELECT count(*) FROM renewals), (SELECT sum(count) FROM renewals)");
        Assert.True(statement.Step());
        Assert.InRange(statement.Int64(0), 5, 12);
        Assert.InRange(statement.Int64(1), 5, 12);
        Assert.InRange(statement.Int64(2), 3500, 3601);
    }

    [Fact]
    public async Task A_time_left_that_counts_down_to_the_same_instant_is_no_news_and_is_replayed_counting()
    {
        const long Left = 3600;
        await using (var journal = New())
        {
            journal.Start();
            var machine = Recorded(journal, Small.Policy(TimeSpan.FromSeconds(1)), Small.Announced());
            for (var i = 0; i < 600; i++)
            {
                var left = Left - i + (i % 3 == 2 ? 1 : 0); // servers tell whole seconds
                Step(journal, machine, new ZoneSignal("probe/ns1", "nl", Measure.Expiry, left));
                time.Advance(TimeSpan.FromSeconds(1));
            }

            Step(journal, machine, new ZoneSignal("probe/ns1", "nl", Measure.Expiry, Left)); // refreshed
        }

        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        var run = reader.Runs()[^1];
        var told = reader.Inputs(run.Id).Where(i => i.Input is ZoneSignal { Measure: Measure.Expiry }).ToList();
        Assert.Equal(601, told.Count);
        Assert.All(told.Take(600), i => Assert.InRange(((ZoneSignal)i.Input).Value - (Left - (i.At - told[0].At).TotalSeconds), -3, 3));
        Assert.Equal(Left, ((ZoneSignal)told[^1].Input).Value);
        using var database = SqliteDatabase.Open(Path.Combine(folder, Oops.Journal.Journal.FileName), SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        using var statement = database.Prepare("SELECT at, data FROM inputs");
        var news = 0;
        while (statement.Step()) news += InputCodec.ReadAll(statement.Utf8(1), new(statement.Int64(0))).Count(i => i.Input is ZoneSignal { Measure: Measure.Expiry });
        Assert.InRange(news, 2, 5);
    }

    /// <summary>As it was written before routes had words and servers were remembered.</summary>
    [Fact]
    public void A_snapshot_of_an_older_version_still_loads()
    {
        var old = JsonSerializer.Deserialize("""{"Sequence":7,"Routes":[{"Free":false,"Exhaustions":0,"Name":"anycast4","Ours":true,"Form":0,"Floor":false,"Doublings":1,"Announced":[],"Drain":null}],"Rules":[],"Overrides":[],"Holds":[],"ZoneSets":[],"Levels":[],"At":1}""", JournalJson.Default.Snapshot)!;
        var policy = Small.Policy(TimeSpan.FromSeconds(1));
        var machine = new Machine(policy);
        machine.Restore(old, Now, sameBoot: true);
        machine.Step(Now, new RouterObserved("edge", [new("anycast4", RouteForm.Withdrawn)], []), effects);
        Assert.Equal("found withdrawn at the start; waits for admission", machine.Route("anycast4", Now)!.Because);
        var saved = JsonSerializer.SerializeToUtf8Bytes(machine.Snapshot(Now), JournalJson.Default.Snapshot);
        Assert.Equal("found withdrawn at the start; waits for admission", JsonSerializer.Deserialize(saved, JournalJson.Default.Snapshot)!.Routes[0].Decided);
    }

    [Fact]
    public async Task The_snapshot_and_the_outbox_are_there_after_a_restart()
    {
        var waiting = new ReactionIntent("tell", 3, "rule 1") { Rule = 1, Condition = "zone-updated", Server = "ns1", Zone = "nl", State = State.Met, Serial = 7, Each = Each.Every };
        await using (var journal = New())
        {
            journal.Start();
            var machine = Recorded(journal, Small.Policy(TimeSpan.FromSeconds(1)), Small.Announced());
            var outbox = new Outbox(journal, [], 0);
            outbox.Remove(outbox.Add(waiting));
            outbox.Add(waiting with { Sequence = 4 });
            Assert.True(await journal.QueueDurable(done => new SnapshotItem(Now, machine.Snapshot(Now)) { Durable = done }));
        }

        var left = Leftovers.Read(Path.Combine(folder, Oops.Journal.Journal.FileName), NullLogger.Instance);
        Assert.Equal("boot-1", left.Boot);
        Assert.Equal("anycast4", Assert.Single(left.Snapshot!.Routes).Name);
        Assert.Equal(waiting with { Sequence = 4 }, Assert.Single(left.Outbox).Intent);
        Assert.Equal(2, left.LastOutbox);
    }

    [Fact]
    public async Task A_renewed_runner_takes_over_what_was_not_done_and_nothing_else()
    {
        var waiting = new ReactionIntent("tell", 3, "rule 1") { Rule = 1, Condition = "zone-updated", Server = "ns1", Zone = "nl", State = State.Met, Serial = 7, Each = Each.Every };
        await using var journal = New();
        journal.Start();
        var outbox = new Outbox(journal, [(1, waiting)], 1);
        outbox.Add(waiting with { Sequence = 4 });
        outbox.Add(waiting with { Action = "other", Sequence = 5 });
        outbox.Remove(Assert.Single(outbox.Load("tell"), l => l.Intent.Sequence == 3).Id);
        Assert.Equal([(2L, 4L)], outbox.Load("tell").Select(l => (l.Id, l.Intent.Sequence)));
    }

    [Fact]
    public async Task A_journal_of_a_newer_version_is_left_alone()
    {
        var path = Path.Combine(folder, Oops.Journal.Journal.FileName);
        using (var database = SqliteDatabase.Open(path, SqliteOpen.Create, TimeSpan.FromSeconds(1))) database.Execute("PRAGMA user_version = 99");
        var before = File.ReadAllBytes(path);
        await using (var journal = New())
        {
            journal.Start();
            Assert.Contains("schema 99", journal.Broken, StringComparison.Ordinal);
            Recorded(journal, Small.Policy(TimeSpan.FromSeconds(1)), Small.Announced());
            Assert.False(await journal.QueueDurable(done => new FlushItem(Now, false) { Durable = done }));
            Assert.True(journal.Lost > 0);
        }

        using var again = SqliteDatabase.Open(path, SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        Assert.Equal(99, SqliteSchema.Read(again));
        Assert.NotEmpty(before);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_stops_the_journal_and_nothing_else()
    {
        var file = Path.Combine(folder, "file");
        await File.WriteAllTextAsync(file, "");
        await using var journal = new Oops.Journal.Journal(Path.Combine(file, "below"), new("boot", "0.1.0"), TimeSpan.FromDays(1), time, NullLogger.Instance);
        journal.Start();
        Assert.NotNull(journal.Broken);
        Recorded(journal, Small.Policy(TimeSpan.FromSeconds(1)), Small.Announced());
    }

    [Fact]
    public async Task A_broken_file_is_tried_again_when_it_is_gone()
    {
        var path = Path.Combine(folder, Oops.Journal.Journal.FileName);
        await File.WriteAllTextAsync(path, new string('x', 5000));
        await using var journal = New();
        journal.Start();
        Assert.NotNull(journal.Broken);
        File.Delete(path);
        time.Advance(TimeSpan.FromMinutes(2));
        Recorded(journal, Small.Policy(TimeSpan.FromSeconds(1)), Small.Announced());
        Assert.True(await journal.QueueDurable(done => new FlushItem(Now, false) { Durable = done }));
        Assert.Null(journal.Broken);
    }

    [Fact]
    public async Task The_history_of_a_subject_holds_what_lies_below_it()
    {
        await using (var journal = New())
        {
            journal.Start();
            Recorded(journal, Small.Policy(TimeSpan.Zero), [.. Small.Announced(), Crash]);
        }

        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        Assert.All(reader.History(new("route"), null, 100), d => Assert.StartsWith("route/anycast4", d.Id, StringComparison.Ordinal));
        Assert.Single(reader.History(new("route/anycast4/withdraw-when"), null, 100), d => d is { Kind: "cause", Id: "route/anycast4/withdraw-when/ns1/server-down", To: "met" });
        Assert.Contains(reader.History(new("route/anycast4"), null, 100), d => d.To == "withdrawn" && d.Text.Contains("server-down", StringComparison.Ordinal));
        Assert.Empty(reader.History(new("route/any"), null, 100));
        Assert.Single(reader.History(new(Id: null), null, 1));
    }
}
