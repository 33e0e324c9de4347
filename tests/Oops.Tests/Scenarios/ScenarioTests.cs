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
    public void All_mistakes_are_told_at_once_and_what_only_follows_from_one_is_not()
    {
        Assert.Equal(
            [
                "x.scn:1: `mod` is no statement of the header; there are mode, server,",
                "x.scn:2: write `zones NAME ...`",
                "x.scn:4: `nsd` is no source; there are process, knot,",
                "x.scn:5: `zone-expirng` is no kind of condition; there are server-running,",
                "x.scn:6: `192.0.2.0/240` is no prefix",
                "x.scn:9: there is no condition `frob`",
                "x.scn:10: there is a server `ns2` already",
                "x.scn:11: a quote is not closed",
                "x.scn:14: the time: `5` has no unit",
                "x.scn:15: there is no server `ns3` (did you mean 'ns2'?); there are ns2",
                "x.scn:17: a state: `announcd` is none of ",
            ],
            Wrong(
                "mod act",
                "server ns1",                                            // names ns1
                "server ns2 zones a",
                "source nsd ns2",                                        // names the channels of ns2
                "condition c zone-expirng before 0s",                    // names c
                "route q 192.0.2.0/240",                                 // names q
                "withdraw-when q server-down share 5",                   // follows
                "route z 198.51.100.0/24 servers ns2",
                "withdraw-when z frob",
                "server ns2 zones b",                                    // ns2 is there all the same
                "condition d external \"x",
                "degrade-when z c zones a",                              // follows
                "at 0s healthy ns1",                                     // follows
                "at 5 restart",
                "at 3s expect server-down ns3 met",
                "at 4s signal ns2 answers",                              // follows
                "at 4s expect z announcd"),
            (says, told) => told.StartsWith(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_is_mistyped_is_not_missed_by_a_route() =>
        Assert.Equal(["x.scn:1: write `zones NAME ...`"], Wrong("server ns1", "route r 192.0.2.0/24", "withdraw-when r server-down", "at 0s expect r announced"), (says, told) => told.StartsWith(says, StringComparison.Ordinal));

    /// <summary>Each word that a mistake names is one that is taken: what is then wrong is something else.</summary>
    [Fact]
    public void The_words_that_a_mistake_names_are_those_that_are_taken()
    {
        const string Header = "server ns1 zones a\nsource knot ns1\nroute r 192.0.2.0/24\n";
        var lists = new (string Words, string Line, string Else)[]
        {
            (Scenario.Statements, "{0}", "no statement"),
            (Scenario.Sources, "source {0} ns1", "is no source"),
            (Scenario.ConditionOptions, "condition c query-rate-high {0}", "no option of a condition"),
            (Scenario.EntryOptions, "withdraw-when r server-down {0}", "no option of an entry"),
            (Verbs.All, "at 0s {0}", "cannot happen"),
            (Verbs.Sayings, "at 0s signal ns1 {0}", "cannot be said"),
            (Verbs.ZoneMeasures, "at 0s signal ns1 zone a {0}", "no measure of a zone"),
        };
        foreach (var (words, line, otherwise) in lists)
        {
            Assert.Contains(Wrong(Header + string.Format(System.Globalization.CultureInfo.InvariantCulture, line, "frob")), w => w.Contains(otherwise, StringComparison.Ordinal) && w.EndsWith($"there are {words}", StringComparison.Ordinal));
            foreach (var word in words.Split(", ")) Assert.DoesNotContain(Wrong(Header + string.Format(System.Globalization.CultureInfo.InvariantCulture, line, word)), w => w.Contains(otherwise, StringComparison.Ordinal));
        }
    }

    /// <summary>All mistakes of a scenario; none: it is right.</summary>
    static IReadOnlyList<string> Wrong(params string[] lines)
    {
        try
        {
            Scenario.Read("x.scn", string.Join('\n', lines));
            return [];
        }
        catch (ScenarioException e)
        {
            return e.Mistakes;
        }
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
