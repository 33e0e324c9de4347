using System.Text.RegularExpressions;
using Oops.Commands;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>docs/from-nsnotifyd.md says of each option, tool and mistake of nsnotifyd what it is here, and which test shows it.</summary>
public sealed partial class NsnotifydPageTests
{
    static readonly string[] Lines = Repository.Text("docs/from-nsnotifyd.md").Split('\n');

    [Fact]
    public void Each_test_that_the_page_names_is_there()
    {
        var tests = string.Join('\n', Repository.Code("tests").Select(File.ReadAllText));
        var named = Lines.Where(static l => l.StartsWith("| ", StringComparison.Ordinal)).SelectMany(static l => Test().Matches(l)).Select(static m => m.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 30, "the tables are not found");
        Assert.DoesNotContain(named, n => !Regex.IsMatch(tests, $@"(class|void|Task) {Regex.Escape(n)}\b"));
    }

    [Fact]
    public void Each_option_and_tool_has_its_row()
    {
        var page = string.Join('\n', Lines.Where(static l => l.StartsWith("| ", StringComparison.Ordinal)).Select(static l => l.Split(" | ")[0]));
        Assert.Empty("46adlPpRrsTtuVw".Where(o => !Regex.IsMatch(page, $"`-{o}[ `]")).Select(static o => $"-{o}"));
        string[] tools = ["nsnotify", "nsnotify2git", "nsnotify2update", "nsnotify2stealth", "nsnotify-liststealth", "metazone", "dumpaxfr", "reverse-zone", "command", "zone..."];
        Assert.DoesNotContain(tools, t => !page.Contains($"`{t}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_verb_that_the_page_names_is_there() =>
        Assert.DoesNotContain(Lines.SelectMany(static l => Verb().Matches(l)).Select(static m => m.Groups[1].Value).Distinct(), static v => Root.New().Subcommands.All(c => c.Name != v));

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9_]+|Tests))`")]
    private static partial Regex Test();

    [GeneratedRegex("`?oops ([a-z]+)")]
    private static partial Regex Verb();
}
