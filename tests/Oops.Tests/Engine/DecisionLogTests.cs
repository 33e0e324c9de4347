using Microsoft.Extensions.Logging;
using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class DecisionLogTests
{
    const string Id = "session/edge/10.99.0.2";

    [Fact]
    public async Task A_trouble_of_a_routers_is_one_line_and_another_when_something_else_happens_but_none_for_each_try()
    {
        using var text = new StringWriter();
        await using (var log = new StderrLog(text, TimeProvider.System, LogLevel.Information, journald: true))
        {
            var decisions = new DecisionLog(log);
            Observed(decisions, new RouterTrouble(Id, "lost: Cease"), AlarmPhase.Raised);
            Observed(decisions, new RouterTrouble(Id, "lost: Cease", "connection reset"));
            Observed(decisions, new RouterTrouble(Id, "lost: Cease", "connection refused"));
            Observed(decisions, new RouterTrouble(Id, "lost: OPEN: bad\u001b[2J peer AS", "connection refused"));
            Observed(decisions, new RouterTrouble(Id, "lost: OPEN: bad\u001b[2J peer AS", "connection reset"));
            Observed(decisions, null, AlarmPhase.Cleared);
            Observed(decisions, new RouterTrouble(Id, "lost: Cease"), AlarmPhase.Raised);
        }

        Assert.Equal(
            [$"<4>alarm {Id} raised: lost: Cease", $"<4>{Id}: lost: OPEN: bad [2J peer AS", $"<6>alarm {Id} cleared: over", $"<4>alarm {Id} raised: lost: Cease"],
            text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    static void Observed(DecisionLog log, RouterTrouble? trouble, AlarmPhase? phase = null) => log.Record(
        default, new RouterObserved("edge", [], []) { Troubles = trouble is null ? [] : [trouble] }, phase is { } p ? [new AlarmChanged(Id, p, trouble?.Says ?? "over")] : []);
}
