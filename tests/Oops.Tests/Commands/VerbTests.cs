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
    [InlineData("'foo' is no key=value", "signal", "busy", "ns1", "met", "a=b", "foo")]
    [InlineData("'=foo' is no key=value", "signal", "busy", "ns1", "met", "=foo")]
    [InlineData("--file /tmp/other: no oops looks there; it is /run/oops/hold, or `hold` in the runtime-directory of the one that is meant", "hold", "--file", "/tmp/other")]
    [InlineData("--file /etc/passwd: no oops looks there; it is /run/oops/hold, or `hold` in the runtime-directory of the one that is meant", "unhold", "--file", "/etc/passwd")]
    public void What_is_no_argument_is_refused(string error, params string[] words)
    {
        var parsed = Root.New().Parse([.. words, "--socket", Nowhere]);
        Assert.Equal(error, Assert.Single(parsed.Errors).Message);
        Assert.Equal($"see oops {words[0]} --help", Verb.SeeHelp(parsed));
    }

    [Theory]
    [InlineData("signal", "busy", "ns1", "met", "a=b", "c=d e")]
    [InlineData("hold", "--file", "/run/second/hold")]
    [InlineData("hold")]
    [InlineData("zones", "--limit", "1")]
    public void What_is_one_is_taken(params string[] words) => Assert.Empty(Root.New().Parse(words).Errors);

    [Fact]
    public void What_is_wrong_with_a_verb_below_another_is_helped_by_its_own_page()
    {
        var parsed = Root.New().Parse(["reports", "verify", "www.example", "FOO"]);
        Assert.Equal("FOO: an RR type, such as A, DNSKEY or TYPE65280", Assert.Single(parsed.Errors).Message);
        Assert.Equal("see oops reports verify --help", Verb.SeeHelp(parsed));
    }

    [Fact]
    public void A_mistyped_verb_is_helped_by_the_list_of_them() => Assert.Equal("see oops --help", Verb.SeeHelp(Root.New().Parse(["staus"])));

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
        Assert.StartsWith("left /run/second/hold: while it exists, an oops whose runtime-directory is /run/second moves nothing, also after a start, and no other;", HoldCommand.Left("/run/second/hold"), StringComparison.Ordinal);
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
