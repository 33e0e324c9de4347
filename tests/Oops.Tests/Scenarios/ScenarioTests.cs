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
        new ScenarioRun(scenario.Policy).Run(scenario.Steps);
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
    [InlineData("server ns1 zones a\nat 0s expect server-down ns1 met", "x.scn:2: expected condition/server-down/ns1 Met, it is Unknown")]
    [InlineData("# nothing", "x.scn:1: nothing happens")]
    public void A_scenario_that_is_wrong_says_where_and_what(string text, string says)
    {
        var wrong = Assert.Throws<ScenarioException>(() =>
        {
            var scenario = Scenario.Read("x.scn", text);
            new ScenarioRun(scenario.Policy).Run(scenario.Steps);
        });
        Assert.StartsWith(says, wrong.Message, StringComparison.Ordinal);
    }
}
