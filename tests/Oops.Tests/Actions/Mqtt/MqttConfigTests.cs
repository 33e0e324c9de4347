using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Mqtt;

public sealed class MqttConfigTests
{
    [Theory]
    [InlineData("name: a", "broker")]
    [InlineData("name: a, broker: ''", "is an empty")]
    [InlineData("name: a, broker: 'a b'", "is neither an address nor a host's name")]
    [InlineData("name: a, broker: 'mqtt://a', tls: {}", "is neither an address nor a host's name; write the port as port")]
    [InlineData("name: a, broker: 192.0.2.1", "without TLS whoever is between reads and forges it; write tls: {}, or insecure: true")]
    [InlineData("name: a, broker: mqtt.example.net", "write tls: {}, or insecure: true")]
    [InlineData("name: a, broker: 192.0.2.1, insecure: true", "without TLS whoever is between reads it all")]
    [InlineData("name: a, broker: 127.0.0.1, insecure: true", "nothing is insecure with TLS or on this host; remove it")]
    [InlineData("name: a, broker: 192.0.2.1, insecure: true, tls: {}", "nothing is insecure with TLS or on this host; remove it")]
    [InlineData("name: a, broker: 127.0.0.1, version: 4", "is no version of MQTT that is spoken here; write 5 or 3.1.1")]
    [InlineData("name: a, broker: 127.0.0.1, password: /x", "whose is it? Write user, too")]
    [InlineData("name: a, broker: 127.0.0.1, user: \"a\\nb\"", "has control characters in it")]
    [InlineData("name: a, broker: 127.0.0.1 }, { name: b, broker: 127.0.0.1, port: 1883, format: cbor", "'a' and 'b' write the same topics at the same broker; remove one, or write another node")]
    [InlineData("name: a, broker: a, tls: { key: /x }", "a certificate of ours and its key go together")]
    public void What_cannot_work_or_is_unsafe_is_told(string options, string why) =>
        Assert.Contains(Load($"actions: {{ mqtt: [ {{ {options} }} ] }}"), l => l.Contains(why, StringComparison.Ordinal));

    [Theory]
    [InlineData("broker: 127.0.0.1", 1883, true)]
    [InlineData("broker: '::1', version: 5", 1883, true)]
    [InlineData("broker: localhost, version: 3.1.1", 1883, false)]
    [InlineData("broker: mqtt.example.net, tls: {}", 8883, true)]
    [InlineData("broker: mqtt.example.net, tls: {}, port: 443", 443, true)]
    public void What_is_not_said_is_what_is_usual(string options, int port, bool five)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, Text($"actions: {{ mqtt: [ {{ name: a, {options} }} ] }}"));
        Assert.Empty(loaded.Errors.Lines);
        var mqtt = Assert.Single(loaded.Config!.Actions.Mqtt);
        Assert.Equal((port, five), (mqtt.BrokerPort, mqtt.IsFive));
    }

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Mqtt/sample.yaml"));
        Assert.Empty(Load(sample));
        var all = Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2").Replace("      tls: {}\n", "", StringComparison.Ordinal).Replace("      insecure: true\n", "", StringComparison.Ordinal);
        Assert.Empty(Load(all));
        Assert.Contains("version: 3.1.1", all, StringComparison.Ordinal);
    }

    static IReadOnlyList<string> Load(string text) => [.. ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, Text(text)).Errors.Lines];

    static ConfigText Text(string text) => new("oops.yaml", "mode: observe\nservers: { ns1: { kind: other } }\n" + text);
}
