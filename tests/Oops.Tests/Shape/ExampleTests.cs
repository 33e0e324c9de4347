using Oops.Config;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>What the pages show works. A whole config must pass `oops check`, and a part of one must within a frame that has what the part does not say.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string, int, string> Examples
    {
        get
        {
            var data = new TheoryData<string, int, string>();
            foreach (var (page, line, text) in Pages().SelectMany(Blocks)) data.Add(page, line, text);
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.yaml", SearchOption.AllDirectories)) data.Add(Repository.Name(file), 1, File.ReadAllText(file));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_on_a_page_is_a_valid_config(string page, int line, string text)
    {
        var whole = text.StartsWith("mode:", StringComparison.Ordinal) || page.EndsWith(".yaml", StringComparison.Ordinal);
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, [new ConfigText($"{page}:{line}", text), .. whole ? [] : Frame(text)]);
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        // A file that a part names is on nobody's machine but the operator's.
        Assert.DoesNotContain(loaded.Errors.Lines, l => !l.Contains("warning:", StringComparison.Ordinal) && (whole || !l.Contains("(no such file)", StringComparison.Ordinal)));
    }

    // What a part needs around it: the mode, a server where it declares none, and who lists the zones of one that has its own.
    static IEnumerable<ConfigText> Frame(string text)
    {
        yield return new ConfigText("frame", "mode: observe\n");
        if (!text.Split('\n').Contains("servers:"))
            yield return new ConfigText("frame-servers", "servers: { ns1: { kind: knot, control: /run/knot/knot.sock, pidfile: /run/knot/knot.pid, zones: { list: [example] } } }\n");
        if (text.Contains("ns3:", StringComparison.Ordinal) && !text.Split('\n').Contains("sources:"))
            yield return new ConfigText("frame-sources", "sources: { knot: [ { server: ns3 } ] }\n");
    }

    [Fact]
    public void There_are_examples() => Assert.True(Examples.Count >= 5);

    [Fact]
    public void No_example_is_only_indented_where_nothing_would_check_it() => Assert.Empty(Pages().SelectMany(Indented));

    // Four spaces make a block of code, too; but those of a list's second paragraph, and of what stands in a fence, do not.
    static IEnumerable<string> Indented(string page)
    {
        var (number, fenced) = (0, false);
        foreach (var line in File.ReadLines(page))
        {
            number++;
            if (line.StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            if (!fenced && line.StartsWith("    ", StringComparison.Ordinal) && line.TrimStart() is [var first, ..] && first is not ('-' or '*')) yield return $"{Repository.Name(page)}:{number}: {line.Trim()}";
        }
    }

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
