using Microsoft.Extensions.Logging;
using Oops.Commands;
using Oops.Engine;
using Oops.Journal;
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
    [InlineData(0, "0s")]
    [InlineData(0.8, "800ms")]
    [InlineData(1.5, "1.5s")]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h")]
    [InlineData(90_000, "1d1h")]
    public void A_span_is_written_as_in_the_config(double seconds, string text) => Assert.Equal(text, Words.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Every_verb_of_the_contract_is_there()
    {
        string[] verbs = ["run", "check", "status", "zones", "explain", "history", "watch", "signal", "override", "drain", "undrain", "hold", "unhold", "confirm", "release", "reload", "replay", "sample", "schema", "version"];
        Assert.Equal(verbs, Root.New().Subcommands.Select(c => c.Name));
        Assert.All(Root.New().Subcommands, c => Assert.NotEmpty(c.Description!));
    }
}
