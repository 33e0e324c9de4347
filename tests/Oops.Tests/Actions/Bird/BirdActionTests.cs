using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Oops.Actions.Bird;
using Oops.Config;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Bird;

/// <summary>The action against a BIRD that misbehaves; how it works with a real one is in the lab.</summary>
public sealed class BirdActionTests : IDisposable
{
    static readonly ImmutableArray<IPNetwork> Prefixes = [IPNetwork.Parse("192.0.2.0/24")];

    readonly string directory = Directory.CreateTempSubdirectory("birdaction").FullName;

    public BirdActionTests() => File.WriteAllText(Path.Combine(directory, "bird.conf"), "");

    public void Dispose() => Directory.Delete(directory, true);

    string Include => Path.Combine(directory, "bird-edge.conf");

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern uint Umask(uint mask);

    /// <summary>A clock that can be put forward; its timers are the system's.</summary>
    sealed class Skewed : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Ahead.Ticks;
    }

    BirdAction Action(FakeBird bird, TimeSpan? timeout = null, TimeProvider? time = null) => new(
        new BirdConfig { Name = "edge", Socket = bird.SocketPath, Include = Path.Combine(directory, "bird-*.conf"), Config = Path.Combine(directory, "bird.conf"), Asn = 64501, Timeout = timeout ?? TimeSpan.FromSeconds(10) },
        [new RouterRoute("a", Prefixes) { Degrade = new Degradation(Prepend: 1) }], time ?? TimeProvider.System);

    static RouterIntent Intent(RouteForm form) => new("edge", 1, "a test", [new RouteWanted("a", Prefixes, form, new Degradation(Prepend: 1))]);

    /// <summary>A BIRD with our protocols in these states; everything else is answered with success.</summary>
    static Func<string, string> Bird(string plain, Func<string, string?>? other = null) => command =>
        other?.Invoke(command) ?? command switch
        {
            "show status" => "1000-BIRD 2.0.12\n1011-Router ID is 10.99.0.1\n Last reboot on 2040-11-20 13:27:05.225\n Last reconfiguration on 2040-11-20 13:27:05.225\n0013 Daemon is up and running\n",
            "show protocols" => $"2002-Name       Proto      Table      State  Since         Info\n1002-device1    Device     ---        up     13:27:05.225  \n oops_a_plain4 Static     master4    {plain}    13:27:05.728  \n oops_a_degraded4 Static master4 down 13:27:05.728\n oops_a_draining4 Static master4 down 13:27:05.728\n up BGP --- up 13:27:06.029 Established\n0000 \n",
            "configure" => "0002-Reading configuration from /etc/bird/bird.conf\n0003 Reconfigured\n",
            _ => "0000 \n",
        };

    async Task<Outcome> ApplyAsync(RouteForm form, Func<string, string> reply, List<string>? commands = null)
    {
        await using var bird = new FakeBird(FakeBird.Answering(command =>
        {
            commands?.Add(command);
            return reply(command);
        }));
        using BirdAction action = Action(bird);
        return await action.ApplyAsync(Intent(form), default);
    }

    [Fact]
    public async Task To_withdraw_it_disables_first_then_writes_then_configures()
    {
        var commands = new List<string>();
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Withdrawn, Bird("down", command =>
        {
            if (command.StartsWith("disable", StringComparison.Ordinal))
                Assert.False(File.Exists(Include));
            return null;
        }), commands));
        Assert.Equal(["disable \"oops_a_plain?\"", "disable \"oops_a_degraded?\"", "disable \"oops_a_draining?\"", "show status", "show protocols", "configure", "show status", "show protocols"], commands);
        Assert.Contains("# route a withdrawn", await File.ReadAllTextAsync(Include), StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_announce_it_writes_first_then_configures_and_enables_what_is_still_down()
    {
        var commands = new List<string>();
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Plain, Bird("down", command => command == "configure" && File.Exists(Include) ? null : command == "configure" ? "8002 too early\n" : null), commands));
        Assert.Equal(["show status", "show protocols", "configure", "show status", "show protocols", "enable oops_a_plain4"], commands);
    }

    [Theory]
    [InlineData("0002-Reading\n0004 Reconfiguration in progress\n", null)]
    [InlineData("0019 Nothing to do\n", null)]
    [InlineData("0002-Reading\n8002 /etc/bird/bird.conf:3:1 syntax error\n", "bird: did not take the configuration: 8002 /etc/bird/bird.conf:3:1 syntax error")]
    [InlineData("8007 Access denied\n", "bird: did not take the configuration: 8007 Access denied")]
    [InlineData("9001 syntax error\n", "bird: did not take the configuration: 9001 syntax error")]
    public async Task The_code_of_configure_decides(string reply, string? why)
    {
        Outcome outcome = await ApplyAsync(RouteForm.Plain, Bird("up", command => command == "configure" ? reply : null));
        Assert.Equal(why, (outcome as Retry)?.Why);
        Assert.Equal(why is null, outcome is Done);
    }

    [Fact]
    public async Task What_moves_to_another_action_stays_where_it_is_while_bird_reads_the_files()
    {
        BirdConfig Config(string name, FakeBird bird) => new() { Name = name, Socket = bird.SocketPath, Include = Path.Combine(directory, "bird-*.conf"), Config = Path.Combine(directory, "bird.conf"), Asn = 64501 };
        var moves = new RouteWanted("b", [IPNetwork.Parse("198.51.100.0/24")], RouteForm.Plain, new Degradation(Prepend: 1));
        await File.WriteAllTextAsync(Include, BirdInclude.Render("edge", [moves], 64501));
        await using var to = new FakeBird(FakeBird.Answering(Bird("up")));
        using var rand = new BirdAction(Config("rand", to), [new RouterRoute("b", moves.Prefixes)], TimeProvider.System, [Include]);
        Task<Outcome>? moving = null;
        bool moved = false;
        await using var from = new FakeBird(FakeBird.Answering(Bird("up", command =>
        {
            if (command == "configure")
            {
                moving = Task.Run(() => rand.ApplyAsync(new RouterIntent("rand", 1, "a test", [moves]), default).AsTask());
                moved = SpinWait.SpinUntil(() => !File.ReadAllText(Include).Contains("# route b ", StringComparison.Ordinal), TimeSpan.FromMilliseconds(300));
            }
            return null;
        })));
        using var edge = new BirdAction(Config("edge", from), [new RouterRoute("a", Prefixes)], TimeProvider.System, [Path.Combine(directory, "bird-rand.conf")]);
        await edge.ApplyAsync(Intent(RouteForm.Plain), default);
        Assert.False(moved);
        await moving!;
        Assert.DoesNotContain("# route b ", await File.ReadAllTextAsync(Include), StringComparison.Ordinal);
        Assert.Contains("# route b plain", await File.ReadAllTextAsync(Path.Combine(directory, "bird-rand.conf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_that_refuses_the_file_still_has_our_own_protocols_switched()
    {
        var commands = new List<string>();
        Assert.IsType<Retry>(await ApplyAsync(RouteForm.Plain, Bird("down", command => command == "configure" ? "8002 bad\n" : null), commands));
        Assert.Equal("enable oops_a_plain4", commands[^1]);
    }

    [Fact]
    public async Task A_restricted_socket_is_a_retry_that_says_so()
    {
        var retry = Assert.IsType<Retry>(await ApplyAsync(RouteForm.Plain, Bird("down", command => command.StartsWith("enable", StringComparison.Ordinal) ? "8007 Access denied\n" : null)));
        Assert.Equal("bird: answered 8007 Access denied", retry.Why);
    }

    [Fact]
    public async Task What_is_as_wanted_already_is_not_written_and_not_configured()
    {
        string text = BirdInclude.Render("edge", [new RouteWanted("a", Prefixes, RouteForm.Plain, new Degradation(Prepend: 1))], 64501);
        await File.WriteAllTextAsync(Include, text);
        File.SetLastWriteTimeUtc(Include, new DateTime(2020, 1, 1));
        var commands = new List<string>();
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Plain, Bird("up", command => command.StartsWith("eval", StringComparison.Ordinal) ? $"0023 {BirdInclude.ConstantOf(text)}\n" : null), commands));
        Assert.Equal(["show status", "show protocols", "eval oops_text_edge"], commands);
        Assert.Equal(2020, File.GetLastWriteTimeUtc(Include).Year);
    }

    [Fact]
    public async Task A_bird_that_runs_with_another_text_is_made_to_load_it()
    {
        await File.WriteAllTextAsync(Include, BirdInclude.Render("edge", [new RouteWanted("a", Prefixes, RouteForm.Plain, new Degradation(Prepend: 1))], 64501));
        var commands = new List<string>();
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Plain, Bird("up", command => command.StartsWith("eval", StringComparison.Ordinal) ? "0023 1\n" : null), commands));
        Assert.Contains("configure", commands);
    }

    [Fact]
    public async Task While_bird_hangs_the_withdraw_is_in_the_file_and_the_reason_is_told()
    {
        await using var bird = new FakeBird(async c =>
        {
            await c.SendAsync(FakeBird.Greeting + "0009-half");
            await c.HangAsync();
        });
        using BirdAction action = Action(bird, TimeSpan.FromMilliseconds(150));
        var retry = Assert.IsType<Retry>(await action.ApplyAsync(Intent(RouteForm.Withdrawn), default));
        Assert.Contains("no complete answer", retry.Why, StringComparison.Ordinal);
        Assert.Contains("# route a withdrawn", await File.ReadAllTextAsync(Include), StringComparison.Ordinal);
        var unseen = Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default));
        Assert.Contains("no complete answer", unseen.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_a_retry_and_the_withdraw_is_done_all_the_same()
    {
        Directory.CreateDirectory(Include);
        var commands = new List<string>();
        var retry = Assert.IsType<Retry>(await ApplyAsync(RouteForm.Withdrawn, Bird("up"), commands));
        Assert.StartsWith("cannot write", retry.Why, StringComparison.Ordinal);
        Assert.Equal("disable \"oops_a_plain?\"", commands[0]);
        Assert.DoesNotContain("configure", commands);
    }

    [Fact]
    public async Task The_form_that_is_exported_is_what_is_seen()
    {
        await using var bird = new FakeBird(FakeBird.Answering(Bird("up", command => command switch
        {
            "show route 192.0.2.0/24 export up" => "1007-Table master4:\n 192.0.2.0/24        blackhole [oops_a_draining4 13:27:08.237] * (220)\n0000 \n",
            "show protocols" => "2002-Name Proto Table State Since Info\n1002-oops_a_plain4 Static master4 up 13:27:05.728\n oops_a_degraded4 Static master4 down 13:27:05.728\n oops_gone_plain4 Static master4 up 13:27:05.728\n up BGP --- up 13:27:06.029 Established\n0000 \n",
            "show static oops_a_plain4" => "1009-192.0.2.0/24\tblackhole\n0000 \n",
            "show static oops_a_degraded4" => "1009-203.0.113.0/24\tblackhole\n0000 \n",
            "show static oops_gone_plain4" => "1009-198.51.100.0/24\tblackhole\n 192.0.2.0/24\tblackhole\n0000 \n",
            _ => null,
        })));
        using BirdAction action = Action(bird);
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal((RouteForm.Draining, "exported to up"), (observed.Routes[0].Form, observed.Routes[0].Detail));
        Assert.Equal([IPNetwork.Parse("198.51.100.0/24")], observed.Orphans);
        Assert.Empty(observed.Followed);
        Assert.StartsWith("rebooted 2040-11-20T", observed.Router, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ACCEPT", true)]
    [InlineData("to_upstream", true)]
    [InlineData("to_others", false)]
    [InlineData("REJECT", false)]
    [InlineData("(unnamed)", false)]
    public async Task What_ours_hides_is_told_where_the_filter_would_let_it_out(string filter, bool told)
    {
        const string Row = " 192.0.2.0/24 blackhole [oops_a_plain4 13:27:08.237] * (200)\n";
        const string Hidden = "                     blackhole [static1 13:27:08.237] (200)\n                     unreachable [far 13:27:08.237] (100)\n";
        await using var bird = new FakeBird(FakeBird.Answering(Bird("up", command => command switch
        {
            "show protocols" => "2002-Name Proto Table State Since Info\n1002-oops_a_plain4 Static master4 up 13:27:05.728\n static1 Static master4 up 13:27:05.728\n far BGP --- up 13:27:06.029 Established\n up BGP --- up 13:27:06.029 Established\n0000 \n",
            "show route 192.0.2.0/24 export up" => "1007-Table master4:\n" + Row + "0000 \n",
            "show route 192.0.2.0/24" or "show route 192.0.2.0/24 filter to_upstream" => "1007-Table master4:\n" + Row + Hidden + "0000 \n",
            "show route 192.0.2.0/24 filter to_others" => "1007-Table master4:\n" + Row + "0000 \n",
            "show protocols all up" => $"2002-Name Proto Table State Since Info\n1002-up BGP --- up 13:27:06.029 Established\n1006-  BGP state: Established\n   Channel ipv4\n     Input filter:   REJECT\n     Output filter:  {filter}\n   Channel ipv6\n     Output filter:  ACCEPT\n0000 \n",
            _ => null,
        })));
        using BirdAction action = Action(bird);
        RouteSeen seen = Assert.Single(Assert.IsType<RouterObserved>(await action.ReadAsync(null, default)).Routes);
        Assert.Equal((RouteForm.Plain, told ? "192.0.2.0/24 also comes from protocol static1" : null), (seen.Form, seen.Others));
    }

    [Fact]
    public async Task The_include_can_be_read_by_the_routers_user_whatever_our_umask()
    {
        uint before = Umask(Convert.ToUInt32("077", 8));
        try
        {
            Assert.Null(new LedgerFile(Path.Combine(directory, "new", "bird-edge.conf")).Write("# text\n"));
        }
        finally
        {
            Umask(before);
        }
        Assert.Equal("# text\n", await File.ReadAllTextAsync(Path.Combine(directory, "new", "bird-edge.conf")));
        Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(Path.Combine(directory, "new", "bird-edge.conf")), 8));
        Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(Path.Combine(directory, "new")), 8));
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(directory, "new")));
    }

    [Fact]
    public async Task While_nothing_changes_a_read_back_is_two_commands()
    {
        const string Status = "1000-BIRD 2.0.12\n Last reboot on 2040-11-20 13:27:05.225\n Last reconfiguration on 2040-11-20 13:27:05.225\n0013 Daemon is up and running\n";
        string status = Status;
        string plain = "up";
        var commands = new List<string>();
        await using var bird = new FakeBird(FakeBird.Answering(command =>
        {
            commands.Add(command);
            return command == "show status" ? status : Bird(plain, c => c == "show route 192.0.2.0/24 export up" && plain == "up" ? "1007-Table master4:\n 192.0.2.0/24 blackhole [oops_a_plain4 13:27:08.237] * (200)\n0000 \n" : null)(command);
        }));
        var time = new Skewed();
        using BirdAction action = Action(bird, time: time);
        Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default));
        commands.Clear();
        // The same instant, printed 1 ms apart.
        status = Status.Replace(".225", ".226", StringComparison.Ordinal);
        Assert.Null(await action.ReadAsync(Intent(RouteForm.Plain), default));
        Assert.Equal(["show status", "show protocols"], commands);
        // Not as wanted.
        Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Withdrawn), default));
        Assert.Null(await action.ReadAsync(Intent(RouteForm.Plain), default));
        // Reconfigured, then restarted.
        status = Status.Replace("reconfiguration on 2040-11-20", "reconfiguration on 2040-11-21", StringComparison.Ordinal);
        var reconfigured = Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default));
        status = Status.Replace("11-20", "11-21", StringComparison.Ordinal);
        Assert.NotEqual(reconfigured.Router, Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default)).Router);
        Assert.Null(await action.ReadAsync(Intent(RouteForm.Plain), default));
        // Switched by hand.
        plain = "down";
        Assert.Equal(RouteForm.Withdrawn, Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default)).Routes[0].Form);
        plain = "up";
        Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default));
        Assert.Null(await action.ReadAsync(Intent(RouteForm.Plain), default));
        // Applied.
        await action.ApplyAsync(Intent(RouteForm.Plain), default);
        Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default));
        Assert.Null(await action.ReadAsync(Intent(RouteForm.Plain), default));
        // Not answered.
        status = "8007 Access denied\n";
        Assert.IsType<RouterUnseen>(await action.ReadAsync(Intent(RouteForm.Plain), default));
        status = Status.Replace("11-20", "11-21", StringComparison.Ordinal);
        Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default));
        // Long ago.
        Assert.Null(await action.ReadAsync(Intent(RouteForm.Plain), default));
        time.Ahead += TimeSpan.FromSeconds(30);
        Assert.IsType<RouterObserved>(await action.ReadAsync(Intent(RouteForm.Plain), default));
    }

    [Fact]
    public async Task A_read_back_that_is_cancelled_leaves_nothing_behind_for_the_withdraw_after_it()
    {
        var asked = new TaskCompletionSource();
        await using var bird = new FakeBird(
            async c =>
            {
                await c.SendAsync(FakeBird.Greeting);
                await c.CommandAsync();
                await c.SendAsync("1000-BIRD 2.0.12\n");
                asked.SetResult();
                await c.HangAsync();
            },
            FakeBird.Answering(Bird("down")));
        using BirdAction action = Action(bird);
        using var superseded = new CancellationTokenSource();
        Task<Input?> read = action.ReadAsync(null, superseded.Token).AsTask();
        await asked.Task;
        await superseded.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(Outcome.Done, await action.ApplyAsync(Intent(RouteForm.Withdrawn), default));
        Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(2, bird.Connections);
    }

    [Fact]
    public void The_readmes_example_and_the_sample_are_good_configs()
    {
        string readme = Repository.Text("src/Oops/Actions/Bird/README.md");
        string yaml = readme.Split("```yaml\n")[1].Split("```")[0];
        Loaded<OopsConfig> loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("README.md", yaml));
        Assert.Equal("", string.Join('\n', loaded.Errors.All));
        using BirdAction action = Assert.IsType<BirdAction>(loaded.Config!.Actions.Bird[0].Create(loaded.Config));
        Assert.Equal("/run/oops/bird-edge.conf", action.IncludePath);

        string sample = Repository.Text("src/Oops/Actions/Bird/sample.yaml");
        string all = sample.Replace("\n      # ", "\n      ", StringComparison.Ordinal).Replace("actions:", "", StringComparison.Ordinal);
        string whole = yaml[..yaml.IndexOf("actions:", StringComparison.Ordinal)] + "actions:\n" + all + yaml[yaml.IndexOf("routes:", StringComparison.Ordinal)..];
        Loaded<OopsConfig> full = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("sample.yaml", whole));
        Assert.Equal("", string.Join('\n', full.Errors.All));
        Assert.Equal(64501, full.Config!.Actions.Bird[0].Asn);
    }

    [Theory]
    [InlineData("include: /run/oops/edge.conf")]
    [InlineData("include: /run/*/edge.conf")]
    [InlineData("include: '/run/oops/*.conf'")]
    [InlineData("sessions: ['up; down']")]
    [InlineData("asn: 0")]
    public void A_config_that_cannot_work_is_refused(string option)
    {
        Loaded<OopsConfig> loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("x.yaml", "mode: act\nservers: { ns1: { kind: knot } }\nactions:\n  bird:\n    - name: edge\n      " + option + "\n"));
        Assert.NotEmpty(loaded.Errors.All);
    }
}
