using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Syslog;

public sealed class SyslogConfigTests
{
    [Theory]
    [InlineData("name: a, tls: { server-name: l.example }", "to")]
    [InlineData("name: a, to: [], tls: { server-name: l.example }", "at least one")]
    [InlineData("name: a, to: [192.0.2.1]", "how does the receiver prove who it is?")]
    [InlineData("name: a, to: [192.0.2.1], tls: {}", "prove who it is?")]
    [InlineData("name: a, to: [127.0.0.1], transport: tcp, tls: { server-name: l.example }", "there is no TLS with transport: tcp")]
    [InlineData("name: a, to: [127.0.0.1, 192.0.2.1], transport: udp", "whoever is between here and 192.0.2.1 reads all")]
    [InlineData("name: a, to: ['2001:db8::1'], transport: tcp", "whoever is between here and 2001:db8::1 reads all")]
    [InlineData("name: a, to: [192.0.2.1], transport: udp, insecure: true", "whoever is between here and 192.0.2.1 reads all")]
    [InlineData("name: a, to: [127.0.0.1], transport: udp, insecure: true", "nothing is insecure with TLS or on this host; remove it")]
    [InlineData("name: a, to: [127.0.0.1], transport: tcp, enterprise: 0", "enterprise")]
    [InlineData("name: a, to: [log.example], transport: tcp", "is a name; write the IP address")]
    public void What_cannot_work_or_is_unsafe_is_told(string options, string why) => Assert.Contains(Load(options).Lines, l => l.Contains(why, StringComparison.Ordinal));

    [Theory]
    [InlineData("name: a, to: [127.0.0.1, '::1@5140'], transport: tcp", "127.0.0.1:514 [::1]:5140")]
    [InlineData("name: a, to: [127.0.0.1], transport: udp", "127.0.0.1:514")]
    [InlineData("name: a, to: [192.0.2.1], tls: { server-name: l.example }", "192.0.2.1:6514")]
    public void Each_transport_has_its_port(string options, string receivers)
    {
        var (config, lines) = Load(options);
        Assert.Empty(lines);
        Assert.Equal(receivers, string.Join(' ', config!.Actions.Syslog[0].Receivers.Select(static r => r.ToString())));
    }

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Syslog/sample.yaml"));
        Assert.Empty(Read(sample).Lines);
        var all = Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2");
        Assert.Empty(Read(all).Lines);
        Assert.Contains("      enterprise: 32473\n", all, StringComparison.Ordinal);
    }

    static (OopsConfig? Config, IReadOnlyList<string> Lines) Load(string options) => Read($"actions: {{ syslog: [ {{ {options} }} ] }}");

    static (OopsConfig? Config, IReadOnlyList<string> Lines) Read(string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: act\nservers: { ns1: { kind: other } }\n" + text));
        return (loaded.Config, [.. loaded.Errors.Lines]);
    }
}
