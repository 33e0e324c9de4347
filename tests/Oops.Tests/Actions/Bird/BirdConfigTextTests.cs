using Oops.Actions.Bird;
using Xunit;

namespace Oops.Tests.Actions.Bird;

public sealed class BirdConfigTextTests : IDisposable
{
    readonly string directory = Directory.CreateTempSubdirectory("birdconf").FullName;

    public void Dispose() => Directory.Delete(directory, true);

    string Write(string name, string text)
    {
        string path = Path.Combine(directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    BirdConfigText Read(string text, string ours = "")
    {
        (BirdConfigText? read, string? why) = BirdConfigText.Read(Write("bird.conf", text), Path.Combine(directory, ours));
        Assert.Null(why);
        return read!;
    }

    [Theory]
    [InlineData("protocol static one { disabled; ipv4; }", true)]
    [InlineData("protocol static one { disabled yes; ipv4; }", true)]
    [InlineData("protocol static one { disabled no; ipv4; }", false)]
    [InlineData("protocol static one { ipv4; route 192.0.2.0/24 blackhole; }", false)]
    [InlineData("protocol static one { # disabled;\n ipv4; }", false)]
    [InlineData("protocol static one { /* disabled; */ ipv4; }", false)]
    [InlineData("protocol static one { description \"disabled;\"; ipv4; }", false)]
    [InlineData("protocol bgp one { ipv4 { import none; }; disabled; }", true)]
    [InlineData("protocol bgp 'one' { ipv4 { table t; }; }\nprotocol static two { disabled; ipv4; }", false)]
    [InlineData("template bgp t { disabled; }\nprotocol bgp one from t { }", true)]
    [InlineData("template bgp t { disabled; }\nprotocol bgp one from t { disabled no; }", false)]
    [InlineData("protocol static { disabled; ipv4; }\nprotocol static one { ipv4; }", false)]
    public void Disabled_is_what_the_protocols_own_block_says(string text, bool disabled) => Assert.Equal(disabled, Read(text).Disabled("one"));

    [Fact]
    public void Nameless_protocols_have_birds_names()
    {
        BirdConfigText text = Read("protocol device {}\nprotocol static { ipv4; }\nprotocol static { disabled; ipv4; }\nprotocol kernel{ ipv4; }");
        Assert.Equal([false, false, true, false, null], new[] { "device1", "static1", "static2", "kernel1", "static3" }.Select(text.Disabled));
    }

    [Fact]
    public void Includes_are_followed_with_their_globs_but_not_into_our_own_file()
    {
        Write("peer-a.conf", "protocol bgp a { disabled; }");
        Write("peer-b.conf", "protocol bgp b { }");
        Write("literal.conf", "protocol static c { disabled; }");
        string ours = Write("bird-edge.conf", "protocol static oops_x_plain4 { disabled; }");
        File.SetLastWriteTimeUtc(ours, new DateTime(2040, 1, 1));
        BirdConfigText text = Read("include \"peer-*.conf\";\n  include \"literal.conf\";\ninclude \"nothing-*.conf\";\ninclude \"bird-*.conf\";\n", "bird-edge.conf");
        Assert.Equal([true, false, true, null], new[] { "a", "b", "c", "oops_x_plain4" }.Select(text.Disabled));
        Assert.NotEqual(2040, text.Newest.At.Year);
    }

    [Fact]
    public void The_newest_file_is_named()
    {
        string late = Write("late.conf", "");
        File.SetLastWriteTimeUtc(late, new DateTime(2040, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal((2040, late), (Read("include \"late.conf\";\n").Newest.At.Year, Read("include \"late.conf\";\n").Newest.Path));
    }

    [Fact]
    public void An_include_of_itself_ends()
    {
        Assert.Null(Read("include \"bird.conf\";\n").Disabled("one"));
    }

    [Fact]
    public void What_cannot_be_read_is_a_reason()
    {
        (BirdConfigText? text, string? why) = BirdConfigText.Read(Path.Combine(directory, "absent.conf"), "");
        Assert.Null(text);
        Assert.StartsWith("cannot read", why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include \"oops/bird-*.conf\";", true)]
    [InlineData("include \"oops/bird-edge.conf\";", true)]
    [InlineData("include \"oops/*.conf\";", true)]
    [InlineData("include \"oops/[a-z]*.conf\";", true)]
    [InlineData("include \"other/bird-*.conf\";", false)]
    [InlineData("include \"oops/bird-far*.conf\";", false)]
    [InlineData("# include \"oops/bird-*.conf\";", false)]
    public void It_is_known_whether_our_file_is_included_though_it_is_not_there(string line, bool taken) =>
        Assert.Equal(taken, Read("protocol device {}\n" + line + "\n", "oops/bird-edge.conf").TakesOurs);
}
