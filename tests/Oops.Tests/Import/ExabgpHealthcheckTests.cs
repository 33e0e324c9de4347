using Oops.Import;
using Xunit;

namespace Oops.Tests.Import;

public sealed class ExabgpHealthcheckTests
{
    [Fact]
    public void Its_arguments_become_a_config()
    {
        var imported = ExabgpHealthcheck.Read(["--cmd", "dig +short @192.0.2.53 . SOA | grep -q .", "--name=dns", "--ip", "192.0.2.53/32", "--ip", "2001:db8:53::/48", "-i", "2", "-f", "0.5", "--rise", "2", "--fall", "3", "-t", "1",
            "--withdraw-on-down", "--up-metric", "100", "--down-execute", "logger down", "--no-syslog", "--disable", "/run/dns.off"]);
        Assert.Empty(imported.Errors);
        var text = ImportWriter.Write(imported);
        Assert.Contains("""
                - { server: local, condition: dns, command: [/bin/sh, "-c", "dig +short @192.0.2.53 . SOA | grep -q ."], interval: 500ms, timeout: 1s }
            actions:
              exabgp: [ { name: edge } ]
              exec:
                - { name: dns-1, command: [/bin/sh, "-c", "logger down"] }
            """, text, StringComparison.Ordinal);
        Assert.Contains("""
              # --up-metric 100: the plain form has no MED; let the neighbours' filter set it.
              # It put the addresses on the loopback interface itself; let the system's own network configuration do that.
              dns:
                prefixes: ["192.0.2.53/32", "2001:db8:53::/48"]
                via: edge
                announce-when: [dns]
                rise: 500ms
                withdraw-when: [not dns]
                fall: 2s
            """, text, StringComparison.Ordinal);
        Assert.Contains("  - { on: dns, states: [not-met], do: [ { run: dns-1 } ] }", text, StringComparison.Ordinal);
        Assert.Contains("In place of the file /run/dns.off", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "med 1000")]
    [InlineData("--down-metric=500", "med 500")]
    [InlineData("--down-as-path=64501 64501 64501", "prepend 2")]
    public void What_was_announced_worse_while_it_failed_is_degraded(string option, string degrade)
    {
        var imported = ExabgpHealthcheck.Read([.. ((string[])["--cmd", "true", "--ip", "192.0.2.53", option]).Where(a => a.Length > 0)]);
        Assert.Contains($"degrade: {degrade}\n", ImportWriter.Write(imported), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_has_an_option_in_each_line_and_what_is_beside_it_goes_before()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "# a comment\ncommand = true\nip = 192.0.2.53\nwithdraw-on-down\nrise = 9\n");
            var check = Assert.Single(ExabgpHealthcheck.Read(["--config", file, "--rise", "4"]).Checks);
            Assert.Equal((4, 3, null), (check.Rise, check.Fall, check.Degrade));
            File.WriteAllText(file, "command = true\nnonsense = 1\nrise\n");
            Assert.Equal([$"{file}:2: 'nonsense = 1' is no option of exabgp healthcheck 4.2", $"{file}:3: 'rise' is no option of exabgp healthcheck 4.2 without a value"], ExabgpHealthcheck.ReadFile(file).Errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--cmd|true", "without --ip it announces each address")]
    [InlineData("--ip|192.0.2.53", "without --command there is nothing to check")]
    [InlineData("--cmd|true|--ip|x", "--ip 'x' is no address or network")]
    [InlineData("--cmd|true|--ip|192.0.2.53|--fall|0", "--fall '0' is not a number from 0.1 to 86400")]
    [InlineData("--frobnicate|1", "'--frobnicate' is no option of exabgp healthcheck 4.2")]
    [InlineData("--ip", "'--ip' has no value")]
    public void What_is_wrong_is_said(string arguments, string says) =>
        Assert.Contains(ExabgpHealthcheck.Read(arguments.Split('|')).Errors, e => e.Contains(says, StringComparison.Ordinal));
}
