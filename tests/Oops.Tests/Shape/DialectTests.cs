using System.Text.RegularExpressions;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>What the formatter does not see of how we write.</summary>
public sealed partial class DialectTests
{
    [Fact]
    public void Members_that_are_private_do_not_say_so() =>
        Assert.Empty(Files().SelectMany(f => File.ReadLines(f).Where(l => Private().IsMatch(l)).Select(l => $"{Repository.Name(f)}: {l.Trim()}")));

    static IEnumerable<string> Files() => ((string[])["src", "tests", "bench"]).SelectMany(Repository.Code);

    /// <summary>A partial method that returns something must say it (C# 9).</summary>
    [GeneratedRegex(@"^\s+private (?!protected\b)(?!.*\bpartial\b)")]
    private static partial Regex Private();
}
