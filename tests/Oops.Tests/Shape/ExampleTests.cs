using Oops.Config;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>What the pages show works. A whole config must pass `oops check`; a part of one must have no key or value that the config does not know.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string, int, string> Examples
    {
        get
        {
            var data = new TheoryData<string, int, string>();
            foreach (var (page, line, text) in Pages().SelectMany(Blocks)) data.Add(page, line, text);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_on_a_page_is_a_valid_config(string page, int line, string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText($"{page}:{line}", text));
        if (text.StartsWith("mode:", StringComparison.Ordinal))
        {
            if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
            Assert.DoesNotContain(loaded.Errors.Lines, l => !l.Contains("warning:", StringComparison.Ordinal));
        }
        else
            Assert.DoesNotContain(loaded.Errors.Lines, l => !l.Contains("is missing", StringComparison.Ordinal) && !l.Contains("there is no ", StringComparison.Ordinal) && !l.Contains("warning:", StringComparison.Ordinal));
    }

    [Fact]
    public void There_are_examples() => Assert.True(Examples.Count >= 5);

    static IEnumerable<string> Pages() => Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
        .Where(p => !p.Contains("/reference/", StringComparison.Ordinal) && !p.Contains("/artifacts/", StringComparison.Ordinal));

    static IEnumerable<(string Page, int Line, string Text)> Blocks(string page)
    {
        List<string>? block = null;
        var number = 0;
        foreach (var line in File.ReadLines(page))
        {
            number++;
            if (block is null)
            {
                if (line == "```yaml") block = [];
            }
            else if (line == "```")
            {
                yield return (Repository.Name(page), number, string.Join('\n', block) + "\n");
                block = null;
            }
            else
                block.Add(line);
        }
    }
}
