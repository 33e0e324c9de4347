using Oops.Import;
using Xunit;

namespace Oops.Tests.Import;

/// <summary>What Python's shlex.split makes of the same texts.</summary>
public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  a\tb  ", "a|b")]
    [InlineData("/usr/bin/curl --fail 'http://[2001:db8::1]:8888'", "/usr/bin/curl|--fail|http://[2001:db8::1]:8888")]
    [InlineData("""a "b c" d\ e f""", "a|b c|d e|f")]
    [InlineData("""x"y"'z' "" ''""", "xyz||")]
    [InlineData("""'\' "\"\\\a" \'""", """\|"\\a|'""")]
    [InlineData("a $HOME `b` | c", "a|$HOME|`b`|/|c")]
    public void Words(string text, string words) =>
        Assert.Equal(words, string.Join('|', ShellWords.Split(text, out _)!.Select(w => w == "|" ? "/" : w)));

    [Theory]
    [InlineData("a 'b", "has a ' that is not closed")]
    [InlineData("a \"b", "has a \" that is not closed")]
    [InlineData("a \\", "ends with a backslash")]
    public void What_no_shell_takes(string text, string says)
    {
        Assert.Null(ShellWords.Split(text, out var problem));
        Assert.Equal(says, problem);
    }
}
