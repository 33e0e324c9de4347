using Xunit;

namespace Oops.Tests.Shape;

public sealed class BudgetTests
{
    const int LongestFile = 500, LongestFunction = 80;

    [Fact]
    public void No_file_is_longer_than_500_lines() =>
        Assert.Empty(Repository.Code("src").Concat(Repository.Code("tests")).Where(f => File.ReadLines(f).Count() > LongestFile).Select(Repository.Name));

    [Fact]
    public void No_function_is_longer_than_80_lines() =>
        Assert.Empty(Repository.Code("src").SelectMany(LongFunctions));

    [Fact]
    public void There_are_six_projects() =>
        Assert.Equal(6, Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Count());

    /// <summary>Blocks one or two levels deep in a type: by indentation, which the formatter guarantees.</summary>
    static IEnumerable<string> LongFunctions(string file)
    {
        var lines = File.ReadAllLines(file);
        foreach (var indent in new[] { "    ", "        " })
        {
            for (var i = 1; i < lines.Length; i++)
            {
                if (lines[i] != indent + "{" || !lines[i - 1].TrimEnd().EndsWith(')')) continue;
                // An initialiser ends with a semicolon.
                var end = Array.FindIndex(lines, i, l => l == indent + "}" || l == indent + "};");
                if (end - i - 1 > LongestFunction) yield return $"{Repository.Name(file)}:{i} ({end - i - 1} lines)";
            }
        }
    }
}
