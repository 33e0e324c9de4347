using System.Text.Json;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Control;

/// <summary>What resolvers report of a zone, asked of a daemon.</summary>
public sealed class ReportedTests
{
    const string Channel = "error-reports/ns1/bogus";

    [Fact]
    public async Task A_zone_that_is_reported_is_explained_with_advice_and_named_among_the_zones()
    {
        await using var oops = await Living.StartAsync(p => p with
        {
            Conditions = [new KindSpec("bogus", Kind.ErrorReported) { Codes = new([6, 7]) }],
            Channels = [.. p.Channels, new(Channel, "ns1", Standing.Witness, [Measure.ErrorReports], Timeout.InfiniteTimeSpan) { Condition = "bogus" }],
        });
        const string Id = "/explain/condition%2Fbogus%2Fns1%2Fnl";
        oops.Daemon.Engine.Send(new ZoneSignal(Channel, "nl", Measure.ErrorReports, 0));
        await UntilAsync(oops, State.NotMet);
        var (before, plain) = await oops.Client.GetAsync(Id, ControlJson.Default.ExplainAnswer, default);
        Assert.Equal(State.NotMet, before!.Condition!.State);
        Assert.False(Condition(plain).TryGetProperty("advice", out _));
        oops.Daemon.Engine.Send(new ZoneSignal(Channel, "nl", Measure.ErrorReports, 12, ErrorReports.Remark([7], "www.nl A")));
        await UntilAsync(oops, State.Met);
        var (answer, text) = await oops.Client.GetAsync(Id, ControlJson.Default.ExplainAnswer, default);
        Assert.Equal((State.Met, false), (answer!.Condition!.State, answer.Condition.Proven));
        Assert.Equal($"7 (signature-expired): {ErrorInfo.Of(7)!.Advice}", Condition(text).GetProperty("advice")[0].GetString());
        Assert.Equal("suspicion", Condition(text).GetProperty("claims")[0].GetProperty("evidence").GetString());
        // And it can be printed.
        Assert.Equal(0, await Root.New().Parse(["explain", "condition/bogus/ns1/nl", "--socket", oops.Socket]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
        var (zones, _) = await oops.Client.GetAsync("/zones?limit=10", ControlJson.Default.ZonesAnswer, default);
        Assert.StartsWith("12 reports of 7 (signature-expired) within 30m", Assert.Single(Assert.Single(zones!.Zones).Conditions).Because, StringComparison.Ordinal);
    }

    static async Task UntilAsync(Living oops, State state)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await oops.Daemon.Engine.AskAsync((m, now) => m.Condition("bogus", "ns1", "nl", now)?.State) == state) return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"it is never {state}");
    }

    static JsonElement Condition(string text) => JsonDocument.Parse(text).RootElement.GetProperty("condition");
}
