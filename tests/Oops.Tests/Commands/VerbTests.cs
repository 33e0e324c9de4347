using System.Net.Sockets;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Journal;
using Oops.Tests.Control;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class VerbTests
{
    /// <summary>Nobody listens there: what a word itself is wrong about is said before anybody is asked.</summary>
    const string Nowhere = "/nowhere/control.sock";

    [Theory]
    [InlineData("--limit -1: a number from 1", "zones", "--limit", "-1")]
    [InlineData("--limit 0: a number from 1", "history", "-n", "0")]
    [InlineData("--limit x: a number from 1", "zones", "--limit", "x")]
    [InlineData("--since: 10 has no unit; write 10s for seconds", "history", "--since", "10")]
    [InlineData("--for: 'soon' is not a duration such as 250ms, 30s, 5m, 1h30m or 1d", "drain", "--for", "soon")]
    [InlineData("--timeout is how long --wait waits; write --wait too, or --for SPAN for how long the drain lasts", "drain", "--timeout", "5m")]
    [InlineData("'foo' is no key=value", "signal", "busy", "ns1", "met", "a=b", "foo")]
    [InlineData("'=foo' is no key=value", "signal", "busy", "ns1", "met", "=foo")]
    [InlineData("--file /tmp/other: no oops looks there; it is /run/oops/hold, or `hold` in the runtime-directory of the one that is meant", "hold", "--file", "/tmp/other")]
    [InlineData("--file /etc/passwd: no oops looks there; it is /run/oops/hold, or `hold` in the runtime-directory of the one that is meant", "unhold", "--file", "/etc/passwd")]
    public void What_is_no_argument_is_refused(string error, params string[] words)
    {
        var parsed = Root.New().Parse([.. words, "--socket", Nowhere]);
        Assert.Equal(error, Assert.Single(parsed.Errors).Message);
        Assert.Equal($"see oops {words[0]} --help", Mistyped.SeeHelp(parsed));
    }

    [Theory]
    [InlineData("signal", "busy", "ns1", "met", "a=b", "c=d e")]
    [InlineData("hold", "--file", "/run/second/hold")]
    [InlineData("hold")]
    [InlineData("zones", "--limit", "1")]
    public void What_is_one_is_taken(params string[] words) => Assert.Empty(Root.New().Parse(words).Errors);

    [Fact]
    public void What_is_mistyped_is_said_with_the_verb_whose_help_is_right()
    {
        Assert.Equal("oops: Required argument 'arguments' missing for command: 'exabgp-healthcheck'.\noops: see oops import exabgp-healthcheck --help\n", Told("import", "exabgp-healthcheck"));
        Assert.Equal("oops: Unrecognized command or argument 'x'.\noops: see oops status --help\n", Told("status", "x"));
    }

    [Theory]
    [InlineData("no option --serve (did you mean --server?)\noops: see oops drain --help", "drain", "--serve", "ns1")]
    [InlineData("no option --resaon (did you mean --reason?)\noops: see oops hold --help", "hold", "--resaon", "x")]
    [InlineData("no option --nope\noops: see oops run --help", "run", "--nope")]
    [InlineData("no option --jsn (did you mean --json?)\noops: see oops status --help", "status", "--jsn=1")]
    [InlineData("no option --josn (did you mean --json?)\noops: see oops explain --help", "explain", "--josn", "--help")]
    [InlineData("no option -x\noops: see oops confirm --help", "confirm", "-x", "r")]
    [InlineData("no option --verison (did you mean --version?)\noops: see oops --help", "--verison")]
    [InlineData("no option --command\noops: see oops import exabgp-healthcheck --help", "import", "exabgp-healthcheck", "--command", "dig")]
    public void A_mistyped_option_is_no_name_of_a_route_or_a_file(string said, params string[] words) => Assert.Equal($"oops: {said}\n", Told(words));

    [Theory]
    [InlineData("import", "exabgp-healthcheck", "--", "--cmd", "dig")]
    [InlineData("hold", "--reason", "-dash")]
    [InlineData("hold", "--reason=-dash")]
    [InlineData("drain", "-w", "all")]
    public void What_begins_with_a_dash_and_may_is_taken(params string[] words) => Assert.Null(Told(words));

    [Theory]
    [InlineData("staus")]
    [InlineData("staus", "--help")]
    public void A_mistyped_verb_is_helped_by_the_list_of_them(params string[] words)
    {
        Assert.StartsWith("oops: no verb 'staus' (did you mean 'status'?); there are: run, check, ", Told(words), StringComparison.Ordinal);
        Assert.EndsWith("\noops: see oops --help\n", Told(words), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_tool_to_import_from_is_helped_by_the_list_of_them() =>
        Assert.Equal("oops: no `import` of 'exabgp'; there are: anycast-healthchecker, exabgp-healthcheck, nsnotifyd, dnsnotify2route53\noops: see oops import --help\n", Told("import", "exabgp", "--help"));

    [Theory]
    // The program has the name of whoever runs it.
    [InlineData(" [command] [options]")]
    [InlineData(" import [command] [options]", "import")]
    public void A_verb_that_needs_another_shows_its_help_when_it_stands_alone(string usage, params string[] words) => Assert.Contains(Told(words)!.Split('\n'), l => l.StartsWith("  ", StringComparison.Ordinal) && l.EndsWith(usage, StringComparison.Ordinal));

    [Theory]
    [InlineData("--help")]
    [InlineData("import", "--help")]
    [InlineData("status", "--help")]
    [InlineData("--version")]
    public void Who_asks_for_help_gets_what_was_asked_for(params string[] words) => Assert.Null(Told(words));

    [Theory]
    [InlineData("Commands:")]
    [InlineData("--json", "status")]
    [InlineData("exabgp-healthcheck", "import")]
    [InlineData("--force", "drain")]
    public void Help_is_a_verb_that_shows_what_the_option_does(string shown, params string[] words)
    {
        using var help = new StringWriter();
        using var option = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, HelpCommand.Show(words, help, error));
        Root.New().Parse([.. words, "--help"]).Invoke(new System.CommandLine.InvocationConfiguration { Output = option });
        Assert.Equal((option.ToString(), ""), (help.ToString(), error.ToString()));
        Assert.Contains(shown, help.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_of_what_is_no_verb_is_helped_as_it_is()
    {
        using var error = new StringWriter();
        Assert.Equal(2, HelpCommand.Show(["staus"], TextWriter.Null, error));
        Assert.StartsWith("oops: no verb 'staus' (did you mean 'status'?); there are: run, ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_for_the_version_says_what_the_verb_says() => Assert.IsType<VersionCommand.Option>(Root.New().Options.OfType<System.CommandLine.VersionOption>().Single().Action);

    /// <summary>Null: it can be run.</summary>
    static string? Told(params string[] words)
    {
        using var error = new StringWriter();
        return Mistyped.Told(Root.New().Parse(words), error) ? error.ToString() : null;
    }

    [Fact]
    public void What_is_wrong_with_a_verb_below_another_is_helped_by_its_own_page()
    {
        var parsed = Root.New().Parse(["reports", "verify", "www.example", "FOO"]);
        Assert.Equal("FOO: an RR type, such as A, DNSKEY or TYPE65280", Assert.Single(parsed.Errors).Message);
        Assert.Equal("see oops reports verify --help", Mistyped.SeeHelp(parsed));
    }

    [Theory]
    [InlineData(1, "history", "nosuch")]
    [InlineData(0, "history", "anycast4")]
    [InlineData(1, "zones", "nosuch.zone")]
    [InlineData(1, "zones", "nosuch.zone", "--json")]
    [InlineData(1, "zones", "--server", "ns9")]
    [InlineData(2, "zones", "--state", "bad")]
    [InlineData(0, "zones", "nl")]
    [InlineData(0, "zones", "nl", "--state", "not-met")]
    [InlineData(1, "explain", "route/nope")]
    [InlineData(2, "explain", "condition/server-down")]
    [InlineData(1, "drain", "nope")]
    [InlineData(1, "confirm", "nope")]
    [InlineData(1, "signal", "nosuch", "ns1", "met")]
    [InlineData(0, "override", "server-down", "ns1", "--end")]
    public async Task Not_found_is_1_and_not_understood_is_2(int exit, params string[] words)
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal(exit, await Root.New().Parse([.. words, "--socket", oops.Socket]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("sample")]
    [InlineData("schema")]
    public async Task A_part_of_the_config_that_is_not_there_is_1(string verb) =>
        Assert.Equal(1, await Root.New().Parse([verb, "nosuch"]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public void What_a_file_left_elsewhere_stops_is_not_overstated()
    {
        Assert.StartsWith("left /run/oops/hold: while it exists, oops moves nothing", HoldCommand.Left("/run/oops/hold"), StringComparison.Ordinal);
        Assert.StartsWith("left /run/second/hold: while it exists, an oops whose runtime-directory, or the folder of whose control socket, is /run/second moves nothing, also after a start, and no other;", HoldCommand.Left("/run/second/hold"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_oops_that_was_named_by_its_socket_the_file_is_left_beside_that_and_stops_no_other()
    {
        Assert.Equal("/run/oops/hold", HoldCommand.FileOf(null, "/run/oops/control.sock"));
        Assert.Equal("/run/oops/hold", HoldCommand.FileOf("/run/oops/hold", "/run/second/control.sock"));
        var folder = Directory.CreateTempSubdirectory("oops-hold-").FullName;
        try
        {
            Assert.Equal(0, await Root.New().Parse(["hold", "--socket", Path.Combine(folder, "control.sock")]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
            Assert.True(File.Exists(Path.Combine(folder, "hold")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Without_oops_a_hold_of_one_route_leaves_no_file_that_holds_all()
    {
        var folder = Directory.CreateTempSubdirectory("oops-hold-").FullName;
        var file = Path.Combine(folder, "hold");
        try
        {
            Assert.Equal(4, await Root.New().Parse(["hold", "nope", "--socket", Nowhere, "--file", file]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
            Assert.False(File.Exists(file));
            Assert.Equal(0, await Root.New().Parse(["hold", "all", "--socket", Nowhere, "--file", file]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
            Assert.True(File.Exists(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void How_a_route_is_moved_by_hand_is_said_of_bird_where_there_may_be_one()
    {
        var folder = Directory.CreateTempSubdirectory("oops-hold-").FullName;
        var file = Path.Combine(folder, "oops.yaml");
        try
        {
            Assert.StartsWith("without oops a route via BIRD is moved by hand: birdc ", HoldCommand.ByHand(file), StringComparison.Ordinal);
            File.WriteAllText(file, "mode: observe\nservers: {ns1: {kind: knot}}\n");
            Assert.Null(HoldCommand.ByHand(file));
            File.WriteAllText(file, "mode: observe\nservers: {ns1: {kind: knot}}\nactions: {bird: [{name: edge}]}\n");
            Assert.StartsWith("without oops a route is moved by hand: birdc ", HoldCommand.ByHand(file), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(true, true, "Running", "")]
    [InlineData(false, true, "Running", ", still running")]
    [InlineData(false, false, "Running", ", it did not end orderly")]
    [InlineData(false, true, "Gone", ", it did not end orderly")]
    [InlineData(false, true, "Unknown", ", still running, or it did not end orderly")]
    public void A_run_of_a_living_daemon_has_not_ended(bool ended, bool newest, string life, string text) =>
        Assert.Equal(text, ReplayCommand.EndOf(new Run(1, "boot", default, default, "1", "c", [], null, default, ended), newest, Enum.Parse<Life>(life)));

    [Fact]
    public async Task Whether_a_daemon_lives_is_known_by_its_socket()
    {
        var folder = Directory.CreateTempSubdirectory("oops-life-").FullName;
        var path = Path.Combine(folder, "control.sock");
        try
        {
            Assert.Equal(Life.Gone, (await SocketLife.LookAsync(path, TestContext.Current.CancellationToken)).Life);
            using (var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                listening.Bind(new UnixDomainSocketEndPoint(path));
                // A crash leaves the file, and nobody who listens.
                Assert.Equal(Life.Gone, (await SocketLife.LookAsync(path, TestContext.Current.CancellationToken)).Life);
                listening.Listen();
                Assert.Equal(Life.Running, (await SocketLife.LookAsync(path, TestContext.Current.CancellationToken)).Life);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
