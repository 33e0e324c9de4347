using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Powerdns;

public sealed class PowerdnsActionConfigTests
{
    [Theory]
    [InlineData("name: a, key-file: /k", "the key 'api' is missing")]
    [InlineData("name: a, api: 127.0.0.1", "the key 'key-file' is missing")]
    [InlineData("name: a, api: 192.0.2.1, key-file: /k", "over plain HTTP whoever is between has the key of 192.0.2.1")]
    [InlineData("name: a, api: 127.0.0.1, key-file: /k, key: t", "needs a key file; write keys: /path")]
    public void What_cannot_work_or_is_unsafe_is_told(string options, string why) => Assert.Contains(Load($"actions: {{ powerdns: [ {{ {options} }} ] }}"), l => l.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Powerdns/sample.yaml"));
        Assert.Empty(Load(sample));
        Assert.Empty(Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2")));
    }

    static IReadOnlyList<string> Load(string text) => [.. ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: observe\nservers: { ns1: { kind: other, address: 192.0.2.53 } }\n" + text)).Errors.Lines];
}
