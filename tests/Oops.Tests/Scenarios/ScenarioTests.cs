using Oops.Simulate;
using Xunit;

namespace Oops.Tests.Scenarios;

public sealed class ScenarioTests
{
    static string Folder => Path.Combine(AppContext.BaseDirectory, "scenarios");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.scn").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_scenario_comes_true(string file)
    {
        var scenario = Scenario.Read(file, File.ReadAllText(Path.Combine(Folder, file)));
        var run = new ScenarioRun(scenario.Policy);
        run.Run(scenario.Steps);
        Assert.Empty(run.Failures);
    }

    [Theory]
    [InlineData("server ns1 zones a\nat 0s fly", "x.scn:2: `fly` cannot happen")]
    [InlineData("server ns1", "x.scn:1: write `zones NAME ...`")]
    [InlineData("server ns1 zones a\n\nsource nsd ns1", "x.scn:3: `nsd` is no source")]
    [InlineData("server ns1 zones a\nat 5s restart\nat 4s restart", "x.scn:3: 00:00:04 is before the line above")]
    [InlineData("server ns1 zones a\nat 5 restart", "x.scn:2: the time: `5` has no unit")]
    [InlineData("server ns1 zones a\nat 0s signal ns1 answers", "x.scn:2: `ns1` is no channel, nor a server")]
    [InlineData("server ns1 zones a\nat 0s expect alarm \"kept", "x.scn:2: a quote is not closed")]
    [InlineData("server ns1 zones a\nat 0s restart now", "x.scn:2: `now` was not expected here")]
    [InlineData("server ns1 zones a\nat 0s expect fine ns1 met", "x.scn:2: `fine` is no route, nor a condition")]
    [InlineData("server ns1 zones a\nat 0s expect server-down ns2 met", "x.scn:2: there is no server `ns2`")]
    [InlineData("server ns1 zones a\nserver ns1 zones b\nat 0s restart", "x.scn:2: there is a server `ns1` already")]
    [InlineData("server ns1 zones a\nroute r 192.0.2.0/240\nat 0s restart", "x.scn:2: `192.0.2.0/240` is no prefix")]
    [InlineData("server ns1 zones a\nroute r 192.0.2.0/24 need 2\nat 0s restart", "x.scn:2: need 2 of 1 server")]
    [InlineData("server ns1 zones a\nroute r 192.0.2.0/24\nwithdraw-when r fine\nat 0s restart", "x.scn:3: there is no condition `fine`")]
    [InlineData("server ns1 zones a\nat 0s drain r", "x.scn:2: there is no route `r`")]
    [InlineData("at 0s restart", "x.scn:1: the header names no server")]
    [InlineData("server ns1 zones a\nat 90000000d restart", "x.scn:2: the time: `90000000d` is more than 3650 days")]
    [InlineData("# nothing", "x.scn:1: nothing happens")]
    public void A_scenario_that_is_wrong_says_where_and_what(string text, string says)
    {
        var wrong = Assert.Throws<ScenarioException>(() =>
        {
            Scenario.Read("x.scn", text);
        });
        Assert.StartsWith(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_hold_is_told_and_the_story_goes_on()
    {
        var told = Telling.Of("x.scn", "server ns1 zones a\nsource process ns1\nat 0s expect server-down ns1 met\nat 1s process ns1 gone \"signal 9\"\nat 1s expect server-down ns1 met\nat 2s expect server-down ns1 unknown");
        Assert.False(told.Held);
        Assert.Equal([3, 6], told.Failed.Select(f => f.Line));
        Assert.StartsWith("expected condition/server-down/ns1 Met, it is Unknown", told.Failed[0].Text, StringComparison.Ordinal);
        Assert.Contains(told.Decisions, d => d is { At: 1, Kind: "condition", Id: "condition/server-down/ns1", To: "met", Because: "signal 9 (process/ns1)" });
    }
}
