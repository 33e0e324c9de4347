using System.Text;
using Oops.Actions.Git;
using Oops.Config;
using Oops.Core;
using Oops.Native;
using Oops.Tests.Native;
using Oops.Tests.Sync;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Xunit;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Tests.Actions.Git;

/// <summary>With the real git, and a primary that serves what the test says.</summary>
public sealed class GitActionTests : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly FakePrimary primary = new();
    readonly Children children = new(TimeProvider.System);
    readonly List<GitAction> made = [];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string Tree => folder.File("zones");

    public async ValueTask DisposeAsync()
    {
        foreach (var action in made)
            action.Dispose();
        await primary.DisposeAsync();
        folder.Dispose();
    }

    async Task<string> GitAsync(params string[] words)
    {
        var result = await children.RunAsync(new() { Argv = ["git", .. words], Environment = CommandEnvironment.With([], ("LC_ALL", "C")), Folder = folder.Path }, TimeSpan.FromSeconds(20), TimeSpan.Zero, Stop);
        Assert.True(result.Ok, string.Join('\n', result.Errors));
        return string.Join('\n', result.Output);
    }

    async Task<GitAction> NewAsync(Action<GitConfig>? change = null)
    {
        Assert.SkipWhen(!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(static p => File.Exists(Path.Combine(p, "git"))), "there is no git");
        if (!Directory.Exists(Tree))
            await GitAsync("init", "-q", "-b", "main", Tree);
        var config = new GitConfig { Name = "history", Folder = Tree, From = [new() { Address = new Endpoint(primary.Address.Address, primary.Address.Port) }], Author = "Ada <ada@example.net>", GitTimeout = TimeSpan.FromSeconds(20) };
        change?.Invoke(config);
        var action = new GitAction(config, new OopsConfig { Mode = Mode.Act, Servers = new Dictionary<string, ServerConfig>() }, children);
        made.Add(action);
        return action;
    }

    void Serve(string lines, uint serial) => MadeZone.Serve(primary, MadeZone.Of(lines, serial));

    static ReactionIntent Intent(long sequence = 1, uint? serial = null, string? zone = "example", DateTimeOffset? when = null) => new("history", sequence, "zone-updated") { Rule = 0, Condition = "zone-updated", Server = "ns1", Zone = zone, State = State.Met, Serial = serial, When = when };

    static async Task<string?> DoneAsync(GitAction action, ReactionIntent? intent = null) => Assert.IsType<Done>(await action.ApplyAsync(intent ?? Intent(), Stop)).Detail;

    static async Task<string> RetryAsync(GitAction action, ReactionIntent? intent = null) => Assert.IsType<Retry>(await action.ApplyAsync(intent ?? Intent(), Stop)).Why;

    [Fact]
    public async Task Each_version_is_a_commit_and_the_same_version_is_none()
    {
        var action = await NewAsync();
        Serve("a A 192.0.2.1", 1);
        Assert.StartsWith("example serial 1: committed as main (root-commit) ", await DoneAsync(action), StringComparison.Ordinal);
        Serve("a A 192.0.2.2", 2);
        Assert.EndsWith(": 1 file changed, 2 insertions(+), 2 deletions(-)", await DoneAsync(action, Intent(2, 2)), StringComparison.Ordinal);
        Assert.Equal("example serial 2: is there already", await DoneAsync(action, Intent(3, 1)));
        Assert.Equal("example IN SOA 2 by Ada <ada@example.net>, Ada\nexample IN SOA 1 by Ada <ada@example.net>, Ada", await GitAsync("-C", Tree, "log", "--format=%s by %an <%ae>, %cn"));
        Assert.Equal("example. 300 IN SOA ns1.example. host.example. 2 3600 600 86400 300\nexample. 300 IN NS ns1.example.\na.example. 300 IN A 192.0.2.2\nns1.example. 300 IN A 192.0.2.1\n", await File.ReadAllTextAsync(Path.Combine(Tree, "example"), Stop));
        Assert.Equal("", await GitAsync("-C", Tree, "status", "--porcelain"));
    }

    [Fact]
    public async Task An_older_version_than_the_one_that_was_told_of_is_tried_again()
    {
        Serve("", 1);
        Assert.Equal("example: the zone came with serial 1, older than 2, which was told of", await RetryAsync(await NewAsync(), Intent(serial: 2)));
        Assert.False(File.Exists(Path.Combine(Tree, "example")));
    }

    [Fact]
    public async Task An_older_version_than_another_server_gave_is_no_commit()
    {
        await using var other = new FakePrimary();
        var action = await NewAsync(c => c.From = [.. c.From!, new() { Address = new Endpoint(other.Address.Address, other.Address.Port) }]);
        Serve("", 6);
        await DoneAsync(action);
        primary.Serve = async (_, wire) => await wire.RawAsync([0, 40, .. new byte[10]]);
        MadeZone.Serve(other, MadeZone.Of("", 5));
        Assert.Equal($"example serial 5 of {other.Address.Address}@{other.Address.Port} is not carried: {primary.Address.Address}@{primary.Address.Port} has given serial 6, which is newer", await DoneAsync(action, Intent(2)));
        MadeZone.Serve(other, MadeZone.Of("", 7));
        await DoneAsync(action, Intent(3));
        Assert.Equal("example IN SOA 7\nexample IN SOA 6", await GitAsync("-C", Tree, "log", "--format=%s"));
    }

    [Fact]
    public async Task A_file_that_is_no_version_of_the_zone_is_left_alone_and_what_a_person_has_staged_stays_staged()
    {
        var action = await NewAsync();
        Serve("", 1);
        await File.WriteAllTextAsync(Path.Combine(Tree, "example"), "#!/bin/sh\n", Stop);
        Assert.Equal($"example serial 1: {Tree}/example holds something else than this zone; move it away", Assert.IsType<Failed>(await action.ApplyAsync(Intent(), Stop)).Why);
        // As `dig` writes it for nsnotify2git, also where it failed.
        await File.WriteAllTextAsync(Path.Combine(Tree, "example"), "Example.\t\t300 IN SOA ns1.example. (\n", Stop);
        await File.WriteAllTextAsync(Path.Combine(Tree, "README"), "mine\n", Stop);
        await GitAsync("-C", Tree, "add", "README");
        await DoneAsync(action);
        Assert.Equal("A  README", await GitAsync("-C", Tree, "status", "--porcelain"));
    }

    [Fact]
    public async Task A_lock_is_told_with_its_age_and_when_it_is_gone_it_goes_on()
    {
        var action = await NewAsync();
        Serve("", 1);
        var held = Path.Combine(Tree, ".git", "index.lock");
        await File.WriteAllTextAsync(held, "", Stop);
        Assert.Matches($"^example serial 1: git: {held} is there, for [0-9]+s: another git is at work, or one crashed; if none runs there, remove it$", await RetryAsync(action));
        File.Delete(held);
        await DoneAsync(action);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_hook_runs_unless_it_is_wanted_and_one_that_hangs_is_ended(bool hooks)
    {
        var action = await NewAsync(c => (c.Hooks, c.GitTimeout) = (hooks, hooks ? TimeSpan.FromSeconds(1) : c.GitTimeout));
        Serve("", 1);
        var hook = Path.Combine(Tree, ".git", "hooks", "pre-commit");
        await File.WriteAllTextAsync(hook, "#!/bin/sh\nsleep 600\n", Stop);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!hooks)
        {
            await DoneAsync(action);
            return;
        }

        Assert.StartsWith("example serial 1: git: timed out after 1 s", await RetryAsync(action), StringComparison.Ordinal);
        // git removes its lock when it is ended: nothing stands in the way of the next.
        File.Delete(hook);
        await DoneAsync(action);
    }

    [Fact]
    public async Task A_remote_that_is_away_is_told_and_gets_everything_when_it_is_back_without_another_transfer()
    {
        var remote = folder.File("remote.git");
        var action = await NewAsync(c => c.Push = remote);
        Serve("", 1);
        var why = await RetryAsync(action);
        Assert.Matches("^example serial 1: committed as main .*; not pushed to .*remote.git: git: fatal: '.*remote.git' does not appear to be a git repository; fatal: Could not read from remote repository.$", why);
        // The next one at once gets the same answer without another try: many zones wait for one push.
        await GitAsync("init", "-q", "--bare", "-b", "main", remote);
        Assert.EndsWith("Could not read from remote repository.", await RetryAsync(action), StringComparison.Ordinal);
        var asked = primary.Connections;
        Assert.Equal($"example; pushed to {remote}", await UntilDoneAsync(action));
        Assert.Equal(asked, primary.Connections);
        Assert.Equal("example IN SOA 1", await GitAsync("--git-dir", remote, "log", "--format=%s", "main"));
    }

    [Fact]
    public async Task A_number_that_a_crash_has_given_twice_is_another_change()
    {
        var action = await NewAsync(c => c.Push = folder.File("away.git"));
        Serve("", 1);
        Assert.StartsWith("example serial 1: committed", await RetryAsync(action, Intent(7, when: DateTimeOffset.UnixEpoch)), StringComparison.Ordinal);
        Serve("", 2);
        Assert.StartsWith("example serial 2: committed", await RetryAsync(action, Intent(7, when: DateTimeOffset.UnixEpoch.AddSeconds(1))), StringComparison.Ordinal);
    }

    /// <summary>Tries until the pause after a push that failed is over.</summary>
    static async Task<string?> UntilDoneAsync(GitAction action)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await action.ApplyAsync(Intent(), Stop) is Done done)
                return done.Detail;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Stop);
        }

        return null;
    }

    [Fact]
    public async Task Many_zones_at_once_take_their_turns()
    {
        var action = await NewAsync();
        Serve("a A 192.0.2.1", 1);
        await DoneAsync(action);
        var outcomes = await Task.WhenAll(Enumerable.Range(2, 4).Select(async i => await action.ApplyAsync(Intent(i), Stop)));
        Assert.All(outcomes, static o => Assert.Equal("example serial 1: is there already", Assert.IsType<Done>(o).Detail));
    }

    [Theory]
    [InlineData("-rf.example")]
    [InlineData("*.example")]
    [InlineData("0/25.2.0.192.in-addr.arpa")]
    [InlineData(":(exclude)x.example")]
    [InlineData(".")]
    public async Task A_name_that_git_or_a_path_would_take_for_something_else_is_one_file(string zone)
    {
        await NewAsync();
        using var repository = new GitRepository(new(Tree, GitAuthor.Of("Ada <ada@example.net>")!), children, TimeProvider.System);
        var file = GitFile.Of(DnsNameTests.Name(zone))!;
        var done = await repository.CommitAsync(file.Name, file.Owner, s => s.Write(Encoding.ASCII.GetBytes($"{file.Owner} 1 IN A 192.0.2.1\n")), file.Message(1), Stop);
        Assert.True(done.Ok, done.Words);
        Assert.StartsWith("committed as main (root-commit) ", done.Words, StringComparison.Ordinal);
        Assert.Equal(file.Name + @"\x00", await GitAsync("-C", Tree, "ls-tree", "--name-only", "-z", "HEAD"));
        Assert.Equal([Path.Combine(Tree, ".git"), Path.Combine(Tree, file.Name)], Directory.GetFileSystemEntries(Tree).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_no_repository_is_told_and_what_is_about_no_zone_fails()
    {
        var action = await NewAsync(c => c.Folder = folder.Path);
        Serve("", 1);
        Assert.Equal("example serial 1: git: fatal: not a git repository (or any of the parent directories): .git", await RetryAsync(action));
        Assert.Equal("history commits zones; this is about none", Assert.IsType<Failed>(await action.ApplyAsync(Intent(zone: null), Stop)).Why);
    }
}
