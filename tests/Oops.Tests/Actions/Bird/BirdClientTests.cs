using Oops.Actions.Bird;
using Xunit;

namespace Oops.Tests.Actions.Bird;

public sealed class BirdClientTests
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    static async Task<BirdAnswer> AskAsync(TimeSpan timeout, FakeSession session, string command = "show status")
    {
        await using var bird = new FakeBird(session);
        using var client = new BirdClient(bird.SocketPath, timeout, TimeProvider.System);
        return await client.AskAsync(command, default);
    }

    static FakeSession Once(string reply) => FakeBird.Answering(_ => reply);

    [Theory]
    [InlineData("0003 Reconfigured\n", 3, true)]
    [InlineData("0004 Reconfiguration in progress\n", 4, true)]
    [InlineData("0002-Reading configuration from /etc/bird/bird.conf\n0004 Wird neu eingerichtet\n", 4, true)]
    [InlineData("0002-Reading configuration from /etc/bird/bird.conf\n8002 /etc/bird/bird.conf:3:1 Reconfigured\n", 8002, false)]
    [InlineData("8007 Access denied\n", 8007, false)]
    [InlineData("9001 syntax error, unexpected CF_SYM_UNDEFINED\n", 9001, false)]
    public async Task The_code_of_the_last_line_decides_and_never_the_words(string reply, int code, bool reconfigured)
    {
        BirdAnswer answer = await AskAsync(Long, Once(reply), "configure");
        Assert.Equal((code, reconfigured), (answer.Reply!.Code, answer.Reply.Reconfigured));
        Assert.Equal(code < 8000, answer.Reply.Ok);
        Assert.Equal(answer.Reply.Ok, answer.Refusal is null);
    }

    [Fact]
    public async Task Continuation_lines_have_the_code_of_the_line_before_and_log_lines_are_passed_over()
    {
        BirdAnswer answer = await AskAsync(Long, Once("1007-Table master4:\n 192.0.2.53/32 blackhole\n+2026-11-20 <INFO> noise\n1008-\tType: static\n \tmore\n0000 \n"));
        Assert.Equal([(1007, "Table master4:"), (1007, "192.0.2.53/32 blackhole"), (1008, " Type: static"), (1008, " more"), (0, "")], answer.Reply!.Lines.Select(l => (l.Code, l.Text)));
    }

    [Fact]
    public async Task A_reply_may_arrive_byte_by_byte()
    {
        BirdAnswer answer = await AskAsync(Long, async c =>
        {
            foreach (char b in FakeBird.Greeting)
                await c.SendAsync(b.ToString());
            await c.CommandAsync();
            foreach (char b in "0009-oops_a_plain4: disabled\n0000 \n")
                await c.SendAsync(b.ToString());
        });
        Assert.Equal("oops_a_plain4: disabled", answer.Reply!.Lines[0].Text);
    }

    [Fact]
    public async Task Half_a_line_and_then_silence_is_a_timeout_that_names_the_socket()
    {
        BirdAnswer answer = await AskAsync(Short, async c =>
        {
            await c.SendAsync(FakeBird.Greeting);
            await c.CommandAsync();
            await c.SendAsync("0002-Reading conf");
            await c.HangAsync();
        });
        Assert.Null(answer.Reply);
        Assert.Contains("no complete answer within 0.15 s at /", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_greeting_is_a_timeout_too() =>
        Assert.Contains("no complete answer", (await AskAsync(Short, c => c.HangAsync())).Why, StringComparison.Ordinal);

    [Fact]
    public async Task The_rest_of_a_late_reply_is_never_taken_for_the_next_ones()
    {
        await using var bird = new FakeBird(
            async c =>
            {
                await c.SendAsync(FakeBird.Greeting);
                await c.CommandAsync();
                await c.SendAsync("0002-half\n");
                await c.HangAsync();
            },
            Once("0020 Configuration OK\n"));
        using var client = new BirdClient(bird.SocketPath, Short, TimeProvider.System);
        Assert.Null((await client.AskAsync("configure", default)).Reply);
        Assert.Equal(20, (await client.AskAsync("configure check", default)).Reply!.Code);
        Assert.Equal(2, bird.Connections);
    }

    [Fact]
    public async Task Bytes_that_nobody_asked_for_do_not_answer_the_next_command()
    {
        await using var bird = new FakeBird(Once("0000 \n0009-surprise\n"), Once("0020 Configuration OK\n"));
        using var client = new BirdClient(bird.SocketPath, Long, TimeProvider.System);
        Assert.Equal(0, (await client.AskAsync("show status", default)).Reply!.Code);
        Assert.Equal(20, (await client.AskAsync("configure check", default)).Reply!.Code);
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_a_reply_is_a_reason()
    {
        BirdAnswer answer = await AskAsync(Long, async c =>
        {
            await c.SendAsync(FakeBird.Greeting);
            await c.CommandAsync();
            await c.SendAsync("0002-Reading\n");
            c.Reset();
        });
        Assert.Null(answer.Reply);
        Assert.Matches("in the middle of a reply|connection reset", answer.Why);
    }

    [Fact]
    public async Task A_kept_connection_that_bird_has_closed_is_made_anew()
    {
        await using var bird = new FakeBird(
            async c =>
            {
                await c.SendAsync(FakeBird.Greeting);
                await c.CommandAsync();
                await c.SendAsync("0000 \n");
            },
            Once("0009-x: disabled\n0000 \n"));
        using var client = new BirdClient(bird.SocketPath, Long, TimeProvider.System);
        Assert.NotNull((await client.AskAsync("show status", default)).Reply);
        Assert.Equal(9, (await client.AskAsync("disable x", default)).Reply!.Lines[0].Code);
        Assert.Equal(2, bird.Connections);
    }

    [Fact]
    public async Task The_connection_is_kept_between_commands()
    {
        await using var bird = new FakeBird(Once("0000 \n"));
        using var client = new BirdClient(bird.SocketPath, Long, TimeProvider.System);
        for (int i = 0; i < 5; i++)
            await client.AskAsync("show status", default);
        Assert.Equal(1, bird.Connections);
        Assert.Equal("BIRD 2.0.12 ready.", client.Greeting);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData(" continues nothing\n")]
    [InlineData("12 x\n")]
    [InlineData("\n")]
    [InlineData("00a1 x\n")]
    [InlineData("0001x\n")]
    public async Task What_is_not_birds_protocol_is_an_error_at_once(string greeting) =>
        Assert.Contains("not BIRD's protocol", (await AskAsync(Long, c => c.SendAsync(greeting).ContinueWith(_ => c.HangAsync()).Unwrap())).Why, StringComparison.Ordinal);

    [Fact]
    public async Task Another_greeting_than_0001_is_not_trusted() =>
        Assert.Contains("greeted with 0000", (await AskAsync(Long, c => c.SendAsync("0000 hello\n"))).Why, StringComparison.Ordinal);

    [Fact]
    public async Task A_line_without_an_end_is_cut_off_at_its_bound()
    {
        string piece = new('x', 60000);
        BirdAnswer answer = await AskAsync(Long, async c =>
        {
            await c.SendAsync(FakeBird.Greeting + "0001-");
            for (int i = 0; i < 100; i++)
                await c.SendAsync(piece);
        });
        Assert.Contains("more than 64 KiB", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_without_an_end_is_cut_off_at_its_bound()
    {
        string piece = string.Concat(Enumerable.Repeat("1007-" + new string('x', 995) + "\n", 60));
        BirdAnswer answer = await AskAsync(Long, async c =>
        {
            await c.SendAsync(FakeBird.Greeting);
            for (int i = 0; i < 1000; i++)
                await c.SendAsync(piece);
        });
        Assert.Contains("more than 8 MiB", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_socket_and_one_left_behind_say_that_bird_does_not_run()
    {
        string directory = Directory.CreateTempSubdirectory("nobird").FullName;
        try
        {
            using var absent = new BirdClient(Path.Combine(directory, "bird.ctl"), Long, TimeProvider.System);
            Assert.Contains("BIRD is not running", (await absent.AskAsync("show status", default)).Why, StringComparison.Ordinal);

            string path = Path.Combine(directory, "left.ctl");
            await File.WriteAllTextAsync(path, "");
            using var left = new BirdClient(path, Long, TimeProvider.System);
            Assert.Contains("connection refused", (await left.AskAsync("show status", default)).Why, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    [Fact]
    public async Task Stopping_is_the_only_exception()
    {
        await using var bird = new FakeBird(c => c.HangAsync());
        using var client = new BirdClient(bird.SocketPath, Long, TimeProvider.System);
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.AskAsync("show status", stop.Token));
    }

    [Fact]
    public async Task A_command_cannot_smuggle_a_second_one()
    {
        using var client = new BirdClient("/nonexistent", Long, TimeProvider.System);
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.AskAsync("show status\ndown", default));
    }

    [Fact]
    public async Task Control_characters_of_a_reply_do_not_reach_the_reason() =>
        Assert.Equal("bird: answered 8002  [2J owned", (await AskAsync(Long, Once("8002 \u001b[2J\towned\n"))).Refusal);
}
