using System.Globalization;
using System.Text.RegularExpressions;
using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Xunit;

namespace Oops.Lab.Git;

/// <summary>Versions of real servers' zones as commits.</summary>
public sealed partial class GitLabTests
{
    const int Hup = 1;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static string Zone(uint serial, string more) => string.Create(CultureInfo.InvariantCulture, $"""
        $ORIGIN example.
        $TTL 300
        @ SOA ns1 host {serial} 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.1
        * TXT "wild \" card" "two"
        Case MX 5 MAIL
        sub NS ns.sub
        ns.sub AAAA 2001:db8::53
        https HTTPS 1 . alpn=h2
        {more}

        """);

    [Theory]
    [InlineData("knot")]
    [InlineData("named")]
    public async Task Three_versions_are_three_commits_and_each_is_what_a_transfer_gives(string kind)
    {
        LabRequires.Programs(["git", "kdig", .. ZoneServer.Programs(kind), .. kind == "knot" ? (string[])["knotc"] : []]);
        await using var source = new ZoneServer(kind, "example");
        await source.StartAsync(Zone(1, "a A 192.0.2.10"));
        string tree = Harness.Lab.FreshDirectory("git-" + kind);
        await OopsDaemon.DoProgramAsync("git", "init", "-q", "-b", "main", tree);
        await using var oops = new OopsDaemon();
        // As examples/zone-git.yaml, with the server of this lab.
        await oops.StartAsync((await File.ReadAllTextAsync(Path.Combine(Root, "examples", "zone-git.yaml")))
            .Replace("address: 192.0.2.1", "address: 127.0.0.1@5302", StringComparison.Ordinal).Replace("/var/lib/oops/zones", tree, StringComparison.Ordinal).Replace(", example.org", "", StringComparison.Ordinal).Replace("example.net", "example", StringComparison.Ordinal)
            .Replace("{ least: 512s, most: 32768s }", "{ least: 1s, most: 1s }", StringComparison.Ordinal));
        await Wait.UntilAsync("the zone is known", async () => (await oops.RunAsync("zones", "--json")).Text.Contains("\"serial\":1", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(100), () => oops.Process.Tail(20));
        var seen = new List<string>();
        foreach (uint serial in (uint[])[2, 3, 4])
        {
            await ZoneText.WriteAsync(Path.Combine(source.Folder, "zone"), Zone(serial, string.Create(CultureInfo.InvariantCulture, $"a A 192.0.2.1{serial}\nb{serial} A 192.0.2.2")));
            if (kind == "knot")
                await Knotd.KnotcAsync(Path.Combine(source.Folder, "knot.sock"), Side.Node, "zone-reload", "example");
            else
                Assert.True(source.Process.Signal(Hup));
            string log = "";
            await Wait.UntilAsync("it is committed", async () => (log = await GitAsync(tree, "log", "--format=%s by %an")).StartsWith(string.Create(CultureInfo.InvariantCulture, $"example IN SOA {serial} by oops"), StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => $"{log}\n{oops.Process.Tail(20)}");
            Assert.Equal(await TransferAsync(), Sorted(await GitAsync(tree, "show", "HEAD:example")));
            seen.Add(log);
        }

        Assert.Equal("example IN SOA 4 by oops\nexample IN SOA 3 by oops\nexample IN SOA 2 by oops", seen[^1]);
        Assert.Contains("+a.example. 300 IN A 192.0.2.14", await GitAsync(tree, "show"), StringComparison.Ordinal);
        string text = "";
        await Wait.UntilAsync("it is told", async () => (text = (await oops.RunAsync("history")).Text).Contains("example serial 4: committed as main", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => text);

        // By hand, what the daemon has committed is there; without the daemon's repository it is printed, with the same octets.
        Assert.Equal((0, "example serial 4: is there already"), await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "transfer", "example", "--from", "127.0.0.1@5302", "--git", tree));
        Assert.Equal((0, await GitAsync(tree, "show", "HEAD:example")), await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "transfer", "example", "--from", "127.0.0.1@5302"));
        Assert.Equal(1, (await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "transfer", "nowhere", "--from", "127.0.0.1@5302")).Code);
    }

    static string Root { get; } = FindRoot();

    static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "oops.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("oops.slnx is nowhere above");
    }

    /// <summary>What `kdig AXFR` gives, each record once, in lines that can be compared. It writes alpn without quotes.</summary>
    static async Task<string> TransferAsync() => Sorted((await OopsDaemon.RunProgramAsync("kdig", "-p", "5302", "@127.0.0.1", "example", "AXFR", "+noall", "+answer")).Text);

    static string Sorted(string text) => string.Join('\n', text.Split('\n').Where(static l => l.Length > 0 && l[0] != ';').Select(static l => Blanks().Replace(l.Trim(), " ").Replace("\"h2\"", "h2", StringComparison.Ordinal).ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal));

    static async Task<string> GitAsync(string tree, params string[] words)
    {
        (_, string text) = await OopsDaemon.RunProgramAsync(["git", "-C", tree, .. words]);
        return text;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
