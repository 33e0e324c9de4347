using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class ActionRunnerTests
{
    [Fact]
    public async Task One_that_replaces_another_tells_the_router_nothing_before_it_is_started_and_then_the_newest_table()
    {
        var engine = new Recorder();
        var bird = new FakeAction("edge");
        await using var runner = new ActionRunner(bird, engine, null, NullLogger.Instance, queued: true);
        for (var i = 1; i <= 3; i++) runner.Take(new RouterIntent("edge", i, "test", [new RouteWanted("anycast4", [IPNetwork.Parse("192.0.2.0/24")], RouteForm.Plain, new Degradation())]));
        Assert.Empty(bird.Applied);
        runner.Start();
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal([3], bird.Applied.Select(i => i.Sequence));
    }
}
