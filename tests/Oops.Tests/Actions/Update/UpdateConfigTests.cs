using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Update;

public sealed class UpdateConfigTests
{
    [Theory]
    [InlineData("name: a", "the key 'to' is missing")]
    [InlineData("name: a, to: 192.0.2.1, key: k", "needs a key file; write keys: /path")]
    [InlineData("name: a, to: { address: 127.0.0.1, key: k }", "needs a key file; write keys: /path")]
    [InlineData("name: a, to: 127.0.0.1, from: [ { address: 192.0.2.1, key: k } ]", "192.0.2.1 has the key k, and there is no key file; write keys: /path")]
    [InlineData("name: a, to: 192.0.2.1@53, from: [192.0.2.2, 192.0.2.1]", "zones come from 192.0.2.1@53, and would go to it; write another server")]
    [InlineData("name: a, to: 127.0.0.1", "where are zones transferred from? Write from, or the address of the server whose zones change")]
    [InlineData("name: a, to: 192.0.2.1", "whoever can send from our address may change zones at 192.0.2.1; give it a key")]
    public void What_cannot_work_or_is_unsafe_is_told(string options, string why) => Assert.Contains(Load($"actions: {{ update: [ {{ {options} }} ] }}"), l => l.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Update/sample.yaml"));
        Assert.Empty(Load(sample, "address: 192.0.2.53"));
        var all = Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2").Replace("      to: 127.0.0.1@5353\n", "", StringComparison.Ordinal);
        Assert.Empty(Load(all));
    }

    static IEnumerable<string> Load(string text, string server = "kind: other")
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".yaml");
        File.WriteAllText(path, $"mode: observe\nservers: {{ ns1: {{ kind: other{(server == "kind: other" ? "" : ", " + server)} }} }}\n" + text);
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
