using Oops.Actions.Frr;
using Xunit;

namespace Oops.Tests.Actions.Frr;

/// <summary>The VTY socket, with a bgpd that answers as recorded and with ones that misbehave.</summary>
public sealed class FrrClientTests
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    static async Task<FrrAnswer> AskAsync(TimeSpan timeout, Func<FrrConnection, Task> session)
    {
        await using var frr = new FakeFrr(session);
        using var client = new FrrClient(frr.Path, timeout, TimeProvider.System);
        return await client.BeginAsync("show version", default);
    }

    [Theory]
    [InlineData("version", 0, "FRRouting 8.4.4 (ns1) on Linux(6.18.44-fc-v509).")]
    [InlineData("unknown", 2, "% [BGP] Unknown command: frobnicate")]
    [InlineData("not-there", 13, "% Can't find static route specified")]
    [InlineData("other-as", 13, "BGP is already running; AS is 64501")]
    [InlineData("no-instance", 1, "{")]
    public async Task An_answer_as_recorded_may_arrive_in_any_pieces(string name, int status, string shown)
    {
        var bytes = FakeFrr.Recorded(name);
        foreach (var size in (int[])[1, 3, bytes.Length])
        {
            var answer = await AskAsync(Long, async c =>
            {
                await c.CommandAsync();
                foreach (var piece in bytes.Chunk(size)) await c.SendAsync(piece);
                await c.HangAsync();
            });
            Assert.Equal((status, shown), (answer.Reply!.Status, answer.Reply.ToString()));
            Assert.Equal(status is 0, answer.Refusal("x") is null);
            Assert.Equal(status is 1 or 13, answer.Reply.Undone);
        }
    }

    [Fact]
    public async Task Half_an_answer_and_then_silence_is_a_timeout_that_names_the_socket() =>
        Assert.Contains("frr: no complete answer within 0.15 s at /", (await AskAsync(Short, async c =>
        {
            await c.CommandAsync();
            await c.SendAsync("FRRouting 8.4.4\n\0\0");
            await c.HangAsync();
        })).Why, StringComparison.Ordinal);

    [Fact]
    public async Task Silence_is_a_timeout_too() => Assert.Contains("no complete answer", (await AskAsync(Short, c => c.HangAsync())).Why, StringComparison.Ordinal);

    [Fact]
    public async Task One_that_closes_instead_of_answering_is_a_reason() =>
        Assert.Contains("bgpd closed the connection without an answer", (await AskAsync(Long, c => c.CommandAsync())).Why, StringComparison.Ordinal);

    [Fact]
    public async Task One_that_closes_in_the_middle_is_a_reason() =>
        Assert.Contains("bgpd closed the connection in the middle of an answer", (await AskAsync(Long, async c =>
        {
            await c.CommandAsync();
            await c.SendAsync("FRRouting\0\0\0");
        })).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("text\0text")]
    [InlineData("text\0\0x")]
    [InlineData("text\0\0\0\0\0")]
    [InlineData("a\0\0\0\0b\0\0\0\0")]
    public async Task What_is_no_trailer_is_an_error_at_once(string bytes) =>
        Assert.Contains("something that is not the protocol of a VTY socket", (await AskAsync(Long, async c =>
        {
            await c.CommandAsync();
            await c.SendAsync(bytes);
            await c.HangAsync();
        })).Why, StringComparison.Ordinal);

    [Fact]
    public async Task A_flood_is_cut_off_at_its_bound()
    {
        var piece = new string('x', 60000);
        Assert.Contains("an answer of more than 8 MiB", (await AskAsync(Long, async c =>
        {
            await c.CommandAsync();
            while (true) await c.SendAsync(piece);
        })).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rest_of_a_late_answer_is_never_taken_for_the_next_ones()
    {
        await using var frr = new FakeFrr(
            async c =>
            {
                await c.CommandAsync();
                await c.SendAsync("half");
                await c.HangAsync();
            },
            async c =>
            {
                await c.CommandAsync();
                await c.AnswerAsync("whole");
                await c.HangAsync();
            });
        using var client = new FrrClient(frr.Path, Short, TimeProvider.System);
        Assert.Null((await client.BeginAsync("show version", default)).Reply);
        Assert.Equal("whole", (await client.BeginAsync("show version", default)).Reply!.Text);
        Assert.Equal(2, frr.Connections);
    }

    [Fact]
    public async Task The_connection_is_kept_and_made_anew_for_a_dialogue_when_bgpd_has_closed_it()
    {
        await using var frr = new FakeFrr(
            async c =>
            {
                await c.CommandAsync();
                await c.AnswerAsync("one");
                await c.CommandAsync();
                await c.AnswerAsync("two");
                await c.CommandAsync();
            },
            async c =>
            {
                await c.CommandAsync();
                await c.AnswerAsync("three");
                await c.HangAsync();
            });
        using var client = new FrrClient(frr.Path, Long, TimeProvider.System);
        Assert.Equal("one", (await client.BeginAsync("a", default)).Reply!.Text);
        Assert.Equal("two", (await client.AskAsync("b", default)).Reply!.Text);
        Assert.Equal("three", (await client.BeginAsync("c", default)).Reply!.Text);
        Assert.Equal(2, frr.Connections);
    }

    [Fact]
    public async Task Within_a_dialogue_a_command_goes_to_the_same_connection_or_nowhere()
    {
        await using var frr = new FakeFrr(async c =>
        {
            await c.CommandAsync();
            await c.AnswerAsync("one");
            await c.CommandAsync();
        });
        using var client = new FrrClient(frr.Path, Long, TimeProvider.System);
        Assert.NotNull((await client.BeginAsync("enable", default)).Reply);
        Assert.Contains("closed the connection", (await client.AskAsync("configure terminal", default)).Why, StringComparison.Ordinal);
        Assert.Contains("the connection was lost", (await client.AskAsync("router bgp", default)).Why, StringComparison.Ordinal);
        Assert.Equal(1, frr.Connections);
    }

    [Fact]
    public async Task Bytes_that_nobody_asked_for_do_not_answer_the_next_command()
    {
        var sent = new TaskCompletionSource();
        await using var frr = new FakeFrr(
            async c =>
            {
                await c.CommandAsync();
                await c.AnswerAsync("one");
                await c.AnswerAsync("surprise");
                sent.SetResult();
                await c.HangAsync();
            },
            async c =>
            {
                await c.CommandAsync();
                await c.AnswerAsync("two");
                await c.HangAsync();
            });
        using var client = new FrrClient(frr.Path, Long, TimeProvider.System);
        // Both in one piece is an error; one after the other is noticed before the next command.
        var first = await client.BeginAsync("a", default);
        await sent.Task;
        Assert.True(first.Reply is { Text: "one" } || first.Why is not null);
        Assert.Equal("two", (await client.BeginAsync("b", default)).Reply!.Text);
    }

    [Fact]
    public async Task An_absent_socket_and_one_left_behind_say_that_bgpd_does_not_run()
    {
        var directory = Directory.CreateTempSubdirectory("nofrr").FullName;
        try
        {
            using var absent = new FrrClient(Path.Combine(directory, "bgpd.vty"), Long, TimeProvider.System);
            Assert.Contains("frr: no socket (bgpd is not running: is `bgpd=yes` in /etc/frr/daemons?) at", (await absent.BeginAsync("show version", default)).Why, StringComparison.Ordinal);
            var path = Path.Combine(directory, "left.vty");
            await File.WriteAllTextAsync(path, "");
            using var left = new FrrClient(path, Long, TimeProvider.System);
            Assert.Contains("connection refused", (await left.BeginAsync("show version", default)).Why, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    [Fact]
    public async Task Stopping_is_the_only_exception()
    {
        await using var frr = new FakeFrr(c => c.HangAsync());
        using var client = new FrrClient(frr.Path, Long, TimeProvider.System);
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.BeginAsync("show version", stop.Token));
    }

    [Fact]
    public async Task A_command_cannot_smuggle_a_second_one()
    {
        using var client = new FrrClient("/nonexistent", Long, TimeProvider.System);
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.BeginAsync("show version\nenable", default));
    }

    [Fact]
    public async Task Control_characters_of_an_answer_do_not_reach_the_reason_nor_does_a_long_one()
    {
        Task<FrrAnswer> Refused(string text) => AskAsync(Long, async c =>
        {
            await c.CommandAsync();
            await c.AnswerAsync(text, 2);
            await c.HangAsync();
        });
        Assert.Equal("frr: answered \"%  [2J owned\" to `x`", (await Refused("\n% \u001b[2J\towned\nmore\n")).Refusal("x"));
        Assert.Equal($"frr: answered \"{new string('a', 200)} ...\" to `x`", (await Refused(new string('a', 1000))).Refusal("x"));
        Assert.Equal("frr: answered \"status 2\" to `x`", (await Refused("")).Refusal("x"));
    }
}
