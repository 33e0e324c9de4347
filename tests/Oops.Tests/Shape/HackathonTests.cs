using System.Globalization;
using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>examples/hackathon: flaws of the hackathon's scripts that no machine would show, and that its page tells which test holds which.</summary>
public sealed partial class HackathonTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static string Folder => Path.Combine(Repository.Root, "examples/hackathon");

    public void Dispose() => folder.Dispose();

    // Port 1 of the loopback: nobody answers there, and it is known at once.
    int Run(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        string[] set = ["env", $"PATH={Environment.GetEnvironmentVariable("PATH")}", .. environment.Select(e => $"{e.Name}={e.Value}")];
        using var process = new ChildProcess(folder.Path, [.. set, "/bin/sh", Path.Combine(Folder, script), .. arguments]);
        var status = process.Reap();
        Assert.True(status is { Known: true, Signal: 0 }, status.ToString());
        return status.Code;
    }

    [Theory]
    [InlineData("hackathon.example")]
    [InlineData("$(touch told).example")]
    [InlineData("a;touch told")]
    [InlineData("a b' touch told '")]
    [InlineData("-f/etc/passwd")]
    [InlineData("")]
    public void Without_an_answer_there_is_no_verdict(string zone)
    {
        Assert.Equal(126, Run("my-turn", [zone, "0"], ("OOPS_ADDRESS", "127.0.0.1"), ("OOPS_PORT", "1")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("hackathon.example")]
    [InlineData("$(touch told).example")]
    public void Without_an_answer_the_verifier_refuses(string zone)
    {
        Assert.Equal(1, Run("verify-turn", ["2"], ("VERIFY_ZONE", zone), ("VERIFY_IP_ADDRESS", "127.0.0.1"), ("VERIFY_PORT", "1")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    // An oops that hangs must not cost the update: dig asks twice, for a second each.
    [Fact]
    public void NSD_has_more_patience_with_its_verifier_than_that_has_with_us()
    {
        var script = string.Join('\n', Code("verify-turn"));
        Assert.Contains(" +time=1 +tries=2 ", script, StringComparison.Ordinal);
        var limit = int.Parse(Limit().Match(script).Groups[1].Value, CultureInfo.InvariantCulture);
        var patience = int.Parse(Patience().Match(string.Join('\n', Code("site-c/nsd.conf"))).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(2 + limit, 0, patience - 1);
    }

    [Theory]
    [InlineData("my-turn")]
    [InlineData("verify-turn")]
    public void The_scripts_write_no_file(string script) =>
        Assert.DoesNotContain(Code(script), l => l.Replace("2>/dev/null", "", StringComparison.Ordinal).Contains('>', StringComparison.Ordinal) || l.Contains("tee", StringComparison.Ordinal));

    [Fact]
    public void Nobody_is_believed_without_a_key()
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".md", StringComparison.Ordinal)))
            Assert.DoesNotMatch("NOKEY|0\\.0\\.0\\.0/0|\"any\"", File.ReadAllText(file));
        Assert.Contains("allow-notify: 198.51.100.53 site-c\n", File.ReadAllText(Path.Combine(Folder, "site-c/nsd.conf")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_routers_announce_nothing_by_themselves() =>
        Assert.DoesNotContain(new[] { "site-a/exabgp.conf", "site-b/bird.conf", "site-c/bird.conf" }.SelectMany(Code), l => Static().IsMatch(l) && !l.Contains("203.0.113.", StringComparison.Ordinal));

    [Fact]
    public void A_zone_is_the_same_with_and_without_its_trailing_dot()
    {
        const string Text = "mode: observe\nservers: { ns1: { kind: knot, control: /run/knot/knot.sock, zones: { list: [Hackathon.Example., other.example] } } }\nsources: { knot: [ { server: ns1 } ] }\n";
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Text));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal(["hackathon.example", "other.example"], loaded.Config!.Servers["ns1"].Zones!.List!.Select(z => z.Text));
    }

    [Fact]
    public void The_daemon_is_not_root() => Assert.Contains("\nUser=oops\n", Repository.Text("packaging/oops.service"), StringComparison.Ordinal);

    [Fact]
    public void Each_flaw_is_held_and_each_scenario_holds_one()
    {
        var tests = string.Join('\n', Repository.Code("tests").Select(File.ReadAllText));
        var rows = File.ReadLines(Path.Combine(Folder, "README.md")).Where(l => Flaw().IsMatch(l)).ToList();
        Assert.True(rows.Count > 20, "the table is not found");
        var named = rows.SelectMany(r => Named().Matches(r.Split(" | ")[^1]).Select(m => m.Groups[1].Value)).ToHashSet();
        Assert.All(rows, r => Assert.Matches(Named(), r.Split(" | ")[^1]));
        var scenarios = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/scenarios"), "hackathon-*.scn").Select(f => Path.GetFileNameWithoutExtension(f)!).ToHashSet();
        Assert.Equal(scenarios.Order(), named.Where(n => n.Contains('-', StringComparison.Ordinal)).Order());
        Assert.All(named.Except(scenarios), n => Assert.Matches($@"(void|Task) {n}\b", tests));
    }

    static IEnumerable<string> Code(string file) =>
        File.ReadLines(Path.Combine(Folder, file)).Where(l => !l.TrimStart().StartsWith('#'));

    [GeneratedRegex("timeout ([0-9]+) oops signal")]
    private static partial Regex Limit();

    [GeneratedRegex("verifier-timeout: ([0-9]+)")]
    private static partial Regex Patience();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\| (all|A|B|C) \| [^0-9]")]
    private static partial Regex Flaw();

    [GeneratedRegex(@"\b(static|route)\b.*[0-9]")]
    private static partial Regex Static();
}
