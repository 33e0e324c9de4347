using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Journal;

/// <summary>What resolvers reported is in the journal, and a replay decides by it again.</summary>
public sealed class ReportsReplayTests : IDisposable
{
    const string Channel = "error-reports/ns1/bogus";

    readonly string folder = Directory.CreateTempSubdirectory("oops-reports-").FullName;
    readonly FakeTime time = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static Policy Policy(KindSpec spec, string hash = "small")
    {
        var small = Small.Policy(TimeSpan.FromSeconds(1), hash);
        return small with
        {
            Conditions = [spec],
            Channels = [.. small.Channels, new(Channel, "ns1", Standing.Witness, [Measure.ErrorReports], Timeout.InfiniteTimeSpan) { Condition = "bogus" }],
            Routes = [small.Routes[0] with { DegradeWhen = [new("bogus")] }],
        };
    }

    static readonly KindSpec Spec = new("bogus", Kind.ErrorReported) { Codes = new([6, 7]) };

    async Task RecordAsync()
    {
        await using var journal = new Oops.Journal.Journal(folder, new("boot-1", "0.1.0"), TimeSpan.FromDays(30), time, NullLogger.Instance);
        journal.Start();
        var policy = Policy(Spec);
        var machine = new Machine(policy);
        Moment now() => BootTime.Now(time);
        journal.Queue(new RunItem(now(), policy.Hash, Recording.Channels(policy), machine.Snapshot(now())));
        foreach (var input in (Input[])[.. Small.Announced(), new ChannelOpened(Channel), Reports(0), Reports(9, "6 (dnssec-bogus); www.nl A"), Reports(12, "6 (dnssec-bogus); www.nl A"), Reports(12, "6 (dnssec-bogus); www.nl A"), Reports(3)])
        {
            time.Advance(TimeSpan.FromSeconds(1));
            List<Effect> effects = [];
            machine.Step(now(), input, effects);
            journal.Record(now(), input, effects);
        }

        static ZoneSignal Reports(long number, string? remark = null) => new(Channel, "nl", Measure.ErrorReports, number, remark);
    }

    ReplayResult Replayed(Policy policy)
    {
        using var reader = JournalReader.Open(Path.Combine(folder, Oops.Journal.Journal.FileName));
        return Replay.Run(reader, reader.Runs()[^1], policy);
    }

    [Fact]
    public async Task The_same_config_degrades_again_and_another_number_does_not()
    {
        await RecordAsync();
        var same = Replayed(Policy(Spec));
        Assert.Empty(same.Invalid);
        Assert.False(same.Differs, string.Join('\n', same.Lines));
        Assert.Contains(same.Lines, l => l.Decision is { Id: "route/anycast4", To: "degraded" });
        var more = Replayed(Policy(Spec with { Number = 13 }, "more"));
        Assert.Empty(more.Invalid);
        Assert.Contains(more.Lines, l => l.Match == Match.Recorded && l.Decision.To == "degraded");
    }

    [Fact]
    public async Task What_was_counted_otherwise_cannot_be_counted_again_and_that_is_said()
    {
        await RecordAsync();
        foreach (var other in (KindSpec[])[Spec with { Networks = 2 }, Spec with { Span = TimeSpan.FromHours(1) }, Spec with { Codes = new([6]) }])
            Assert.Equal([$"channel {Channel} has changed"], Replayed(Policy(other, "other")).Invalid);
    }
}
