using Oops.Servers;
using Xunit;

namespace Oops.Tests.Servers;

public sealed class SecretFileTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"oops-key-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("secret")]
    [InlineData("secret\n")]
    [InlineData("secret\r\n")]
    public void The_secret_is_what_is_in_it_without_the_end_of_its_line(string text)
    {
        Write(text);
        Assert.Equal(("secret", ""), SecretFile.Read(path));
    }

    [Fact]
    public void A_changed_file_counts_at_once()
    {
        Write("one");
        Assert.Equal("one", SecretFile.Read(path).Secret);
        Write("two");
        Assert.Equal("two", SecretFile.Read(path).Secret);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n", "is empty")]
    [InlineData("two words", "holds a blank")]
    [InlineData("one\ntwo\n", "a second line")]
    [InlineData("a\u0007b", "a control character")]
    public void What_is_no_key_is_told_without_its_content(string text, string says)
    {
        Write(text);
        var (secret, problem) = SecretFile.Read(path);
        Assert.Null(secret);
        Assert.Contains(says, problem, StringComparison.Ordinal);
        Assert.StartsWith(path + ": ", problem, StringComparison.Ordinal);
        if (text.Length > 1) Assert.DoesNotContain(text.Trim(), problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_file_that_others_may_read_or_change_is_refused(UnixFileMode more)
    {
        Write("secret");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | more);
        var (secret, problem) = SecretFile.Read(path);
        Assert.Null(secret);
        Assert.Contains("others may read or change it", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_file_a_folder_and_none_are_told()
    {
        Write(new string('a', SecretFile.MaxSize));
        Assert.Contains("this is not a key", SecretFile.Read(path).Problem, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains("there is no such file", SecretFile.Read(path).Problem, StringComparison.Ordinal);
        Assert.EndsWith(": cannot be read: it is a folder", SecretFile.Read(Path.GetTempPath()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_may_not_be_read_says_that() =>
        Assert.Equal("cannot be read: permission denied", Oops.Native.Reason.Unreadable("/etc/oops/key", new UnauthorizedAccessException()));

    void Write(string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
    }
}
