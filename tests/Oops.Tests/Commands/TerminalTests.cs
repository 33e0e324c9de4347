using Microsoft.Extensions.Logging;
using Oops.Commands;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("plain.example", "plain.example")]
    [InlineData("\u001b[2Jevil", "\\u001b[2Jevil")]
    [InlineData("a\u202eb", "a\\u202eb")]
    [InlineData("line\nbreak", "line\\u000abreak")]
    [InlineData("müller.example", "müller.example")]
    public void What_a_terminal_would_obey_is_shown(string text, string shown) => Assert.Equal(shown, Terminal.Safe(text));

    [Fact]
    public async Task A_log_line_stays_one_line_with_its_priority()
    {
        var text = new StringWriter();
        await using (var log = new StderrLog(text, TimeProvider.System, LogLevel.Information, journald: true))
        {
            log.Line(LogLevel.Warning, "zone a\nb\u001b[0m");
            log.Line(LogLevel.Debug, "not wanted");
        }

        Assert.Equal("<4>zone a b [0m\n", text.ToString());
    }

    [Theory]
    [InlineData("8:1706183", "socket:[1706183]", true)]
    [InlineData("8:1706183", "socket:[1706184]", false)]
    [InlineData("8:1706183", "/dev/pts/1", false)]
    [InlineData("8:", "socket:[]", false)]
    [InlineData("", "socket:[]", false)]
    [InlineData(null, "socket:[8]", false)]
    [InlineData("8:9", null, false)]
    public void Priorities_are_for_the_journals_own_socket_and_not_for_a_terminal_of_a_session_that_has_one(string? stream, string? target, bool journal) =>
        Assert.Equal(journal, StderrLog.IsSocket(stream, target));

    [Fact]
    public void Every_verb_of_the_contract_is_there()
    {
        string[] verbs = ["run", "check", "doctor", "status", "zones", "explain", "history", "watch", "reports", "keys", "verify", "sync", "transfer", "notify", "signal", "override", "drain", "undrain", "hold", "unhold", "confirm", "release", "reload", "replay", "observed", "simulate", "import", "sample", "schema", "exabgp-relay", "version", "help"];
        Assert.Equal(verbs, Root.New().Subcommands.Select(c => c.Name));
        Assert.All(Root.New().Subcommands, c => Assert.NotEmpty(c.Description!));
    }
}
