using System.Net;
using Oops.Commands;
using Oops.Native;
using Oops.Reports.Verify;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports.Verify;

/// <summary>How a check is started, and what is made of what it prints.</summary>
public sealed class CheckProcessTests
{
    static readonly DnsName Zone = DnsName.TryParse("broken.test", out var zone) ? zone : default;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static byte[] Labels(params byte[][] labels) => [.. labels.SelectMany(l => l.Prepend((byte)l.Length))];

    static Task<(CheckVerdict Verdict, string Found)> RunAsync(string script, TimeSpan? timeout = null) =>
        new CheckProcess(new() { Program = ["/bin/sh", "-c", script], Timeout = timeout ?? TimeSpan.FromSeconds(10) }, Children.Instance) { Beside = TimeSpan.Zero }.RunAsync(Labels("www"u8.ToArray(), "broken"u8.ToArray(), "test"u8.ToArray()), "1"u8.ToArray(), Zone, [], Stop);

    [Fact]
    public void No_name_is_an_option_or_a_file_of_words_and_the_words_are_understood()
    {
        var name = Labels("@etc"u8.ToArray(), "-x"u8.ToArray(), [27, (byte)'.', (byte)'\\', 255], "_a-b"u8.ToArray(), "broken"u8.ToArray(), "test"u8.ToArray());
        var words = new CheckProcess(new() { Program = ["oops"], Resolvers = [new(IPAddress.IPv6Loopback, 5353)], TrustAnchor = "/etc/anchors" }, Children.Instance).Words(name, "1-28-65280"u8.ToArray(), Zone, [new(IPAddress.Loopback, 53)]);
        Assert.Equal(["oops", "reports", "verify", "--json", "--timeout", "10000ms", "--zone=broken.test", "--resolver=::1@5353", "--server=127.0.0.1@53", "--trust-anchor=/etc/anchors", "--", @"\064etc.\045x.\027\046\092\255._a-b.broken.test", "A", "AAAA"], words);
        var parsed = Root.New().Parse([.. words.Skip(1)]);
        Assert.Empty(parsed.Errors);
        Assert.True(DnsName.TryFromWire([.. name, 0], out var meant));
        Assert.Equal(meant, parsed.GetValue<DnsName>("name"));
        Assert.Equal([DnsType.A, DnsType.Aaaa], parsed.GetValue<DnsType[]>("type"));
    }

    [Theory]
    // AXFR, IXFR, TKEY, TSIG, ANY, OPT, NXNAME: each server answers them with an error, whatever the zone is like.
    [InlineData("252", "")]
    [InlineData("41-128-249-250-251-252-253-254-255", "")]
    [InlineData("1-252", "A")]
    [InlineData("127-256", "TYPE127 URI")]
    public void What_no_zone_can_hold_is_not_asked_for(string types, string asked)
    {
        var octets = System.Text.Encoding.ASCII.GetBytes(types);
        Assert.Equal(asked.Length > 0, CheckProcess.IsCheckable(octets));
        var words = new CheckProcess(new() { Program = ["oops"] }, Children.Instance).Words([], octets, Zone, []);
        Assert.Equal(asked.Split(' ', StringSplitOptions.RemoveEmptyEntries), words.SkipWhile(w => w != "--").Skip(2));
    }

    [Fact]
    public async Task What_it_prints_is_what_was_found()
    {
        const string Report = """{"v":1,"name":"www.broken.test","verdict":"confirmed","why":"A: bogus \u001b[31m","types":[]}""";
        Assert.Equal((CheckVerdict.Confirmed, "A: bogus \\x1b[31m"), await RunAsync($"echo noise; printf '%s\\n' '{Report}'; exit 1"));
    }

    [Theory]
    [InlineData("kill -SEGV $$", "the check failed: killed by SIGSEGV")]
    [InlineData("echo no json; exit 3", "the check failed: exit code 3: no json")]
    [InlineData("echo null", "the check failed: exit code 0: null")]
    [InlineData("head -c 200000 /dev/zero | tr '\\0' x; echo", "the check failed: exit code 0: xxx")]
    public async Task A_check_that_dies_or_babbles_finds_nothing(string script, string found)
    {
        var (verdict, why) = await RunAsync(script);
        Assert.Equal(CheckVerdict.Unknown, verdict);
        Assert.StartsWith(found, why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_hangs_is_killed_and_finds_nothing()
    {
        var pid = Path.Combine(Path.GetTempPath(), $"oops-check-{Guid.NewGuid():N}");
        try
        {
            var (verdict, why) = await RunAsync($"echo $$ > {pid}; exec sleep 1000", TimeSpan.FromMilliseconds(100));
            Assert.Equal(CheckVerdict.Unknown, verdict);
            Assert.StartsWith("the check timed out after 0.1 s", why, StringComparison.Ordinal);
            Assert.False(File.Exists(pid) && Directory.Exists("/proc/" + (await File.ReadAllTextAsync(pid, Stop)).Trim()));
        }
        finally
        {
            File.Delete(pid);
        }
    }
}
