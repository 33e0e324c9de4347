using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Git;

public sealed class GitConfigTests
{
    [Theory]
    [InlineData("name: a", "the key 'folder' is missing")]
    [InlineData("name: a, folder: zones", "'zones' is not an absolute path")]
    [InlineData("name: a, folder: /srv/zones, author: oops", "'oops' is not like this: Name <address>")]
    [InlineData("name: a, folder: /srv/zones, push: --receive-pack=x", "'--receive-pack=x' is no remote's name or address; git would take it for something else")]
    [InlineData("name: a, folder: /srv/zones, push: 'https://user:secret@example/zones'", "has a password")]
    [InlineData("name: a, folder: /srv/zones, push: 'https://token@example/zones'", "has a password")]
    [InlineData("name: a, folder: /srv/zones, environment: [GIT_DIR]", "'GIT_DIR' is no variable; write NAME=value")]
    [InlineData("name: a, folder: /srv/zones, key: k", "needs a key file; write keys: /path")]
    [InlineData("name: a, folder: /srv/zones }, { name: b, folder: /srv/zones/", "b writes there, too; give each a folder, and a repository, of its own")]
    [InlineData("name: a, folder: /srv/zones", "where are zones transferred from? Write from, or the address of the server whose zones change")]
    public void What_cannot_work_is_told(string options, string why) => Assert.Contains(Load($"actions: {{ git: [ {{ {options} }} ] }}\n", ""), l => l.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Git/sample.yaml"));
        Assert.Empty(Load(sample, ", address: 192.0.2.53"));
        Assert.DoesNotContain(Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2"), ""), static l => !l.Contains("no such file", StringComparison.Ordinal));
    }

    static IEnumerable<string> Load(string text, string server)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".yaml");
        File.WriteAllText(path, $"mode: observe\nservers: {{ ns1: {{ kind: other{server} }} }}\n" + text);
        try
        {
            return [.. ConfigCheck.Load(path).Errors.Lines.Where(static l => !l.Contains("no source speaks of this server", StringComparison.Ordinal))];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
