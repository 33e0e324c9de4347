using Oops.Config;
using Oops.Import;
using Xunit;

namespace Oops.Tests.Import;

public sealed class DnsNotify2Route53Tests
{
    static (string? Config, List<string> Errors) Read(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            List<string> errors = [];
            var config = DnsNotify2Route53.Read(path, errors);
            return (config, [.. errors.Select(e => e.Replace(path, "FILE", StringComparison.Ordinal))]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Its_own_config_becomes_one_that_is_good()
    {
        var (config, errors) = Read("""
            { "listen_ip": "127.0.0.1", "listen_port": 5300, "notify_servers": ["192.0.2.1", "2001:db8::1"], "domains_to_manage_from_aws": true,
              "domains_to_manage": ["Example.net", "no", "1e3"], "zone_refresh_wait_interval": 300, "mute_botocore_debug": true, "tsig_secret": "hush", "mode\n: act": 1 }
            """);
        Assert.Empty(errors);
        Assert.DoesNotContain("hush", config, StringComparison.Ordinal);
        Assert.Contains("# mode\n# : act is not known, and was left out.\n", config, StringComparison.Ordinal);
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, [new ConfigText("imported", config!)]);
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, loaded.Hash);
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal(["example.net", "no", "1e3"], loaded.Config!.Servers["primary"].Zones!.List!.Select(z => z.Text));
        Assert.Equal("127.0.0.1@5300", loaded.Config.Sources.Notify[0].Listen[0].ToString());
        Assert.Equal(2, loaded.Config.Actions.Route53[0].From!.Count);
        Assert.Equal(["example.net", "no", "1e3", "*"], loaded.Config.Sources.Notify[0].Zones!.Select(z => z.Text));
        Assert.Equal(TimeSpan.FromSeconds(300), loaded.Config.Sources.Notify[0].Refresh.Least);
    }

    [Fact]
    public void All_zones_of_the_account_become_all_that_are_notified()
    {
        var (config, errors) = Read("""{ "listen_ip": "127.1", "notify_servers": ["192.0.2.1"], "domains_to_manage_from_aws": true, "zone_refresh_wait_interval": 90000.5 }""");
        Assert.Empty(errors);
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, [new ConfigText("imported", config!)]);
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, loaded.Hash);
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal(["*"], loaded.Config!.Sources.Notify[0].Zones!.Select(z => z.Text));
        Assert.Equal("127.0.0.1", loaded.Config.Sources.Notify[0].Listen[0].ToString());
        Assert.Equal(TimeSpan.FromSeconds(90001), loaded.Config.Sources.Notify[0].Refresh.Least);
    }

    [Theory]
    [InlineData("[]", "FILE: is no JSON object")]
    [InlineData("{\n", "FILE:2: is no JSON")]
    [InlineData("{}", "FILE: notify_servers has no address, and zones come from there; write it")]
    [InlineData("{\"notify_servers\": [\"192.0.2.1\"], \"domains_to_manage_from_aws\": false}", "FILE: domains_to_manage has no zone; write those that `aws route53 list-hosted-zones` lists and that are meant")]
    [InlineData("{\"notify_servers\": [\"192.0.2.1\"], \"domains_to_manage\": [\"a\"], \"zone_refresh_wait_interval\": \"x\"}", "FILE: zone_refresh_wait_interval is no time in seconds")]
    [InlineData("{\"notify_servers\": [\"\\ud800\"]}", "FILE: has a string that is no text")]
    [InlineData("{\"notify_servers\": [\"ns1\"], \"domains_to_manage\": [\"a\"]}", "FILE: notify_servers: 'ns1' is no address")]
    [InlineData("{\"notify_servers\": [\"192.0.2.1\"], \"domains_to_manage\": [\"a..b\", 1, \"*.x\"]}", "FILE: domains_to_manage: 'a..b' is no zone name")]
    [InlineData("{\"notify_servers\": [\"192.0.2.1\"], \"domains_to_manage\": [\"a\"], \"listen_port\": 70000}", "FILE: listen_port is no port")]
    [InlineData("{\"notify_servers\": [\"192.0.2.1\"], \"domains_to_manage\": [\"a\"], \"listen_ip\": \"any\"}", "FILE: listen_ip is no address: 'any'")]
    public void What_cannot_be_understood_is_told(string text, string error)
    {
        var (config, errors) = Read(text);
        Assert.Null(config);
        Assert.Equal(error, errors[0]);
    }
}
