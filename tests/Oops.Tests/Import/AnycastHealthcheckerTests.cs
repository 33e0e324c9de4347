using Oops.Config;
using Oops.Import;
using Xunit;

namespace Oops.Tests.Import;

public sealed class AnycastHealthcheckerTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-import").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    Imported Read(params (string File, string Text)[] files)
    {
        foreach (var (file, text) in files) File.WriteAllText(Path.Combine(folder, file), text);
        return AnycastHealthchecker.Read(folder, Path.Combine(folder, "daemon"));
    }

    [Fact]
    public void Where_all_checks_are_disabled_it_says_so_of_each()
    {
        var imported = Read(("daemon", ""), ("dns.conf", "[dns]\ncheck_cmd = /bin/true\nip_prefix = 192.0.2.53/32\n"));
        Assert.Equal(["[dns] is disabled and withdraws 192.0.2.53/32: left out. It is so unless `check_disabled = false` is written.", $"{folder}: no check is in it that is enabled"], imported.Errors);
        Assert.Equal([$"{folder}: no check is in it: *.conf with a section for each"], Read(("dns.conf", "")).Errors);
    }

    [Fact]
    public void Checks_of_a_folder_become_a_config_that_is_good()
    {
        var imported = Read(("daemon", """
            [DEFAULT]
            check_fail = 3
            check_disabled = false
            [daemon]
            bird_variable = ACAST_PS_ADVERTISE
            """), ("dns.conf", """
            [dns.example.net]
            check_cmd = /usr/bin/dig +short @192.0.2.53
              "example.net" SOA
            check_interval = 10
            check_rise: 2
            ip_prefix = 192.0.2.53
            [dns6.example.net]
            check_cmd         = /usr/local/bin/check 'a  b'
            ip_prefix         = 2001:db8:53::/48
            ip_check_disabled = true
            check_timeout     = 0.5
            """), ("old.conf", "[old]\ncheck_cmd = /bin/true\nip_prefix = 192.0.2.99/32\ncheck_disabled = true\n"), ("not-a-check.txt", "[nonsense"));
        Assert.Empty(imported.Errors);
        var text = ImportWriter.Write(imported);
        Assert.Equal($$"""
            # From anycast-healthchecker {{folder}}, by `oops import`. It decides and shows, and touches nothing; when its history is what you would have done, write act.
            mode: observe
            # The service is judged by your commands alone. Write its kind, address and zones, and sources that see a crash in a millisecond: see `oops doctor`.
            servers:
              local: { kind: other }
            conditions:
              dns-example-net: { kind: external, polarity: good, proof: true }
              dns6-example-net: { kind: external, polarity: good, proof: true }
            sources:
              check:
                - { server: local, condition: dns-example-net, command: [/usr/bin/dig, "+short", "@192.0.2.53", "example.net", "SOA"], interval: 10s, timeout: 2s }
                - { server: local, condition: dns6-example-net, command: [/usr/local/bin/check, "a  b"], interval: 10s, timeout: 500ms }
            actions:
              bird: [ { name: edge } ]
            # A command that runs out of time is a suspicion here, which never withdraws on its own; where it shall, put /usr/bin/timeout and the seconds before it. How often a route may come back is limited: see `budget`.
            routes:
              # dns.example.net: 2 in a row announced it, 3 in a row withdrew it.
              # It was announced only while 192.0.2.53 was on lo, which is not looked at here; a source `probe` that asks that address would miss it.
              dns-example-net:
                prefixes: ["192.0.2.53/32"]
                via: edge
                announce-when: [dns-example-net]
                rise: 10s
                withdraw-when: [not dns-example-net]
                fall: 22s
              # dns6.example.net: 2 in a row announced it, 3 in a row withdrew it.
              dns6-example-net:
                prefixes: ["2001:db8:53::/48"]
                via: edge
                announce-when: [dns6-example-net]
                rise: 10s
                withdraw-when: [not dns6-example-net]
                fall: 20500ms
            # [old] is disabled and withdraws 192.0.2.99/32: left out. It is so unless `check_disabled = false` is written.
            # The filter of bird.conf that looks for prefixes in ACAST_PS_ADVERTISE is replaced by the one that `oops sample bird` prints; the static protocols and the list file are not needed any more.

            """, text);
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", text));
        Assert.DoesNotContain(loaded.Errors.Lines, l => !l.Contains("warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("check_cmd = /bin/true", "x.conf:1: [x] ip_prefix is no prefix: ''")]
    [InlineData("ip_prefix = 192.0.2.1", "x.conf:1: [x] check_cmd is not there")]
    [InlineData("ip_prefix = 192.0.2.1\ncheck_cmd = 'a", "x.conf:3: [x] check_cmd has a ' that is not closed")]
    [InlineData("ip_prefix = 192.0.2.1\ncheck_cmd = a\ncheck_interval = often", "x.conf:4: [x] check_interval is not a number from 0.1 to 86400")]
    [InlineData("ip_prefix = 192.0.2.1\ncheck_cmd = a\ncheck_fail = 0", "x.conf:4: [x] check_fail is not a number from 1 to 1000")]
    [InlineData("ip_prefix = 192.0.2.1\nip_prefix = 192.0.2.2\ncheck_cmd = a", "x.conf:3: ip_prefix is written twice in [x]; remove one")]
    [InlineData("nonsense", "x.conf:2: neither [section] nor key = value: 'nonsense'")]
    public void What_is_wrong_is_said_with_its_place(string lines, string says) =>
        Assert.Contains(Read(("x.conf", "[x]\n" + lines)).Errors, e => e.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void A_folder_that_is_empty_or_not_there_is_an_error()
    {
        Assert.Contains("no check is in it", Assert.Single(Read(("daemon", "")).Errors), StringComparison.Ordinal);
        Assert.Contains(AnycastHealthchecker.Read(Path.Combine(folder, "nowhere"), AnycastHealthchecker.DaemonFile).Errors, e => e.Contains("no such file", StringComparison.Ordinal));
    }
}
