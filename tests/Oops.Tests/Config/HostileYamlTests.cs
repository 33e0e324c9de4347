using System.Text;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Config;

public sealed class HostileYamlTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "", "c.yaml:1:1: the file has no keys; start with the ten lines of README.md or `oops sample`" },
        { "# nothing but a comment\n", "c.yaml:1:1: the file has no keys; start with the ten lines of README.md or `oops sample`" },
        { "just text", "c.yaml:1:1: the file must be a map of keys, such as 'mode: observe'; found the text 'just text'" },
        { "- a\n- b", "c.yaml:1:1: the file must be a map of keys, such as 'mode: observe'; found a list" },
        { "text: a\0b", "c.yaml:1:8: a control character (U+0000) stands here; remove it" },
        { "text: a\n\x1b[2J: b", "c.yaml:2:1: a control character (U+001B) stands here; remove it" },
        { "items:\n\t- name: a", "c.yaml:2:1: the line is indented with a tab, which YAML forbids; use spaces" },
        { "flag: true\nzones: [x, y\ntext: a", "c.yaml:2:9: not YAML: what follows cannot be read; look for a bracket, brace or quote that is not closed here or before" },
        { "text: a: b", "c.yaml:1:8: not YAML: While scanning a plain scalar value, found invalid mapping; look for a missing quote, bracket, space after ':' or wrong indentation here or just above" },
        { "text: &a b", "c.yaml:1:7: YAML anchors and aliases (&, *) are not supported; write the value out, and quote a text that begins with * or &" },
        { "zones: [*.example]", "c.yaml:1:9: YAML anchors and aliases (&, *) are not supported; write the value out, and quote a text that begins with * or &" },
        { "text: !!str 12", "c.yaml:1:7: YAML tags (!) are not supported; write the value without it, and quote a text that begins with !" },
        { "<<: {text: a}", "c.yaml:1:1: YAML merge keys (<<) are not supported; write the keys out" },
        { "? [a]\n: b", "c.yaml:1:3: a key must be a text; found a list" },
        { "text: a\n---\ntext: b", "c.yaml:3:1: a second YAML document; write one document per file (remove the '---')" },
        { "text: 'x\x1b'", "c.yaml:1:9: a control character (U+001B) stands here; remove it" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_plain_config_is_refused_in_one_line(string text, string expected) => Assert.Equal([expected], Check(text));

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_overflow_the_stack()
    {
        Assert.Contains("nested more than 32 levels deep", Assert.Single(Check("text: " + new string('[', 1_000_000))), StringComparison.Ordinal);
        Assert.Contains("nested more than 32 levels deep", Assert.Single(Check(string.Concat(Enumerable.Repeat("{a: ", 200_000)))), StringComparison.Ordinal);
        Assert.Contains("nested more than 32 levels deep", Assert.Single(Check(string.Concat(Enumerable.Range(0, 1000).Select(i => new string(' ', i) + "a:\n")))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_bomb_is_refused_at_its_first_anchor()
    {
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range('b', 9).Select(c => $"{(char)c}: &{(char)c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9))}]\n"));

        Assert.StartsWith("c.yaml:1:4: YAML anchors and aliases", Assert.Single(Check(bomb)), StringComparison.Ordinal);
    }

    [Fact]
    public void More_values_than_the_bound_are_refused()
    {
        var text = new StringBuilder("zones: [");
        for (var i = 0; i < YamlReader.MostNodes + 1; i++)
            text.Append("a,");

        Assert.Contains("more than 400000 values in one file", Assert.Single(Check(text.Append(']').ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_a_hundred_thousand_zones_is_read()
    {
        var loaded = Load("zones:\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"  - zone-{i}.example\n")));

        Assert.Equal(100_000, loaded.Config!.Zones.Count);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_named_by_their_place()
    {
        var errors = new ConfigErrors();
        errors.Reading("c.yaml");

        Assert.Null(ConfigFiles.Decode("c.yaml", [.. "text: a\nsite: z"u8, 0xfc, .. "rich"u8], errors));
        Assert.Null(ConfigFiles.Decode("c.yaml", [0xff, 0xfe, (byte)'t', 0], errors));
        Assert.Equal("text: a", ConfigFiles.Decode("c.yaml", [0xef, 0xbb, 0xbf, .. "text: a"u8], errors));
        Assert.Equal(["c.yaml:1:1: the file is not UTF-8 text here; save it as UTF-8", "c.yaml:2:8: the file is not UTF-8 text here; save it as UTF-8"], errors.Lines);
    }

    [Fact]
    public void Hostile_text_is_shown_cut_and_without_control_characters() =>
        Assert.Equal("'\\u001b\\u202eok'", ConfigErrors.Show("\x1b\u202eok").Replace("\u202e", "\\u202e", StringComparison.Ordinal));

    [Fact]
    public void Random_changes_of_a_good_config_never_throw()
    {
        const string Good = """
            text: "no"   # comment
            wait: 1h30m
            prefixes: [192.0.2.0/24, '2001:db8::/48']
            items:
              - { name: a, count: 3 }
              - name: |
                  block
            map: {a: >-
              folded}
            entry: {is: not zone-ready, zones: ["*.x"], share: 10%}
            """;
        var random = new Random(4711);
        const string Alphabet = " \t\n-:?[]{},#&*!|>'\"%@`~<\\a0.\u0085\u2028\ud800\ufeff";
        for (var i = 0; i < 5_000; i++)
        {
            var text = new StringBuilder(Good);
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0: text.Insert(at, Alphabet[random.Next(Alphabet.Length)]); break;
                    case 1: text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at)); break;
                    default: text[at] = Alphabet[random.Next(Alphabet.Length)]; break;
                }
            }

            var loaded = Load(text.ToString());
            Assert.Equal(loaded.Config is null, loaded.Errors.Count > 0);
        }
    }

    static Loaded<EveryType> Load(string text) => ConfigLoader.LoadText(TestJson.Default.EveryType, new ConfigText("c.yaml", text));

    static string[] Check(string text) => [.. Load(text).Errors.Lines];
}
