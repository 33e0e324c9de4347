using System.Text.RegularExpressions;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>docs/safety.md names what holds each promise; what it names must be there.</summary>
public sealed partial class SafetyPageTests
{
    [Fact]
    public void What_holds_a_promise_is_there()
    {
        var tests = string.Join('\n', Repository.Code("tests").Select(File.ReadAllText));
        var rows = Repository.Text("docs/safety.md").Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| danger", StringComparison.Ordinal)).ToList();
        Assert.True(rows.Count > 15, "the table is not found");
        foreach (var row in rows)
        {
            var named = Named().Matches(row.Split(" | ")[^1]).Select(m => m.Groups[1].Value).ToList();
            Assert.True(named.Count > 0, "held by nothing: " + row);
            foreach (var name in named)
                Assert.True(File.Exists(Path.Combine(Repository.Root, "tests/scenarios", name + ".scn")) || Regex.IsMatch(tests, $@"(class|void|Task) {Regex.Escape(name)}\b"), $"{name} is neither a scenario nor a test");
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Named();
}
