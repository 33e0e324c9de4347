using Oops.Actions.Exabgp;
using Xunit;

namespace Oops.Tests.Actions.Exabgp;

/// <summary>The pipes against an ExaBGP that misbehaves, and other users of them.</summary>
public sealed class ExabgpPipesTests
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    static ExabgpTalk Pipes(FakeExabgp exabgp, TimeSpan? timeout = null) => At(exabgp.Pipes, timeout ?? Long);

    static ExabgpTalk At(string path, TimeSpan timeout) => new(new ExabgpPipes(path), timeout, TimeProvider.System);

    static async Task<(string? Why, bool Again, List<string> Lines)> ReadAsync(ExabgpTalk pipes)
    {
        List<string> lines = [];
        var (why, again) = await pipes.ReadAsync(["one", "two"], (question, line) => lines.Add($"{question} {line}"), default);
        return (why, again, lines);
    }

    static string? TwoAnswers(string command) => command switch { "one" => "first\ndone\n", "two" => "second\nthird\ndone\n", _ => null };

    [Fact]
    public async Task Each_command_has_its_answer()
    {
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(c => c == "b" ? "error\n" : null));
        var told = await Pipes(exabgp).TellAsync(["a", "b", "c"], default);
        Assert.Equal([ExabgpWord.Done, ExabgpWord.Error, ExabgpWord.Done], told.Answers);
        Assert.Equal(["a", "b", "c"], exabgp.Commands);
    }

    [Fact]
    public async Task Each_line_is_known_by_its_question()
    {
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(TwoAnswers));
        var (why, _, lines) = await ReadAsync(Pipes(exabgp));
        Assert.Null(why);
        Assert.Equal(["-1 exabgp 4.2.21", "0 first", "1 second", "1 third"], lines);
    }

    [Fact]
    public async Task What_others_left_in_the_pipe_is_no_answer_of_ours()
    {
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(TwoAnswers));
        var pipes = Pipes(exabgp);
        // Somebody who asked and went: their answers wait.
        using var other = exabgp.Thief();
        await exabgp.SendAsync("error\nold\ndone\n" + FakeExabgp.Heading + "done\ndone\n");
        Assert.Equal([ExabgpWord.Done], (await pipes.TellAsync(["a"], default)).Answers);
        await exabgp.SendAsync("exabgp 4.2.21\ndone\n" + FakeExabgp.Heading + "done\nold\ndone\nolder\ndone\n" + FakeExabgp.Heading + "done\n");
        Assert.Equal(["0 first", "1 second", "1 third"], (await ReadAsync(pipes)).Lines.Where(l => l[0] != '-'));
    }

    [Fact]
    public async Task The_answers_to_our_own_last_question_that_came_too_late_are_not_this_ones()
    {
        var table = "old";
        var silent = true;
        await using var exabgp = new FakeExabgp(c => silent && c.EndsWith("oops-mark", StringComparison.Ordinal) ? "" : FakeExabgp.Answering(q => q == "one" ? table + "\ndone\n" : null)(c));
        var pipes = Pipes(exabgp, Short);
        Assert.Contains("no complete answer within 0.2 s", (await ReadAsync(pipes)).Why, StringComparison.Ordinal);
        silent = false;
        table = "new";
        using var other = exabgp.Thief();
        await exabgp.SendAsync("old\ndone\n");
        Assert.Equal(["0 new"], (await ReadAsync(pipes)).Lines.Where(l => l[0] != '-'));
    }

    [Fact]
    public async Task Answers_may_come_byte_by_byte()
    {
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(TwoAnswers)) { ByteByByte = true };
        Assert.Equal(4, (await ReadAsync(Pipes(exabgp))).Lines.Count);
    }

    [Fact]
    public async Task Acks_that_somebody_else_got_are_told()
    {
        // Of three answers, one went elsewhere, and none of the mark.
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(c => c == "b" ? "" : null));
        var told = await Pipes(exabgp).TellAsync(["a", "b", "c"], default);
        Assert.Empty(told.Answers);
        Assert.True(told.Sent);
        Assert.Contains("has got some of them", told.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show neighbor summary oops-mark", "done\n")]
    [InlineData("one", "first\n")]
    [InlineData("one", "error\n")]
    [InlineData("one", FakeExabgp.Heading + "done\n")]
    [InlineData("two", "second\ndone\ndone\n")]
    public async Task Answers_that_lack_a_line_or_have_one_too_many_are_not_taken(string at, string instead)
    {
        var marks = 0;
        await using var exabgp = new FakeExabgp(c =>
        {
            // The last mark only: the first is what begins the answer.
            if (c.EndsWith("oops-mark", StringComparison.Ordinal)) marks++;
            return c == at && (marks == 0 || marks >= 8) ? instead : FakeExabgp.Answering(TwoAnswers)(c);
        });
        var (why, _, _) = await ReadAsync(Pipes(exabgp, TimeSpan.FromSeconds(1)));
        Assert.NotNull(why);
        Assert.Matches("has got some of them|no complete answer", why);
    }

    [Fact]
    public async Task Half_an_answer_and_silence_is_a_timeout_that_names_the_pipe()
    {
        await using var exabgp = new FakeExabgp(c => c == "version" ? "exabgp 4.2." : "");
        var (why, again, _) = await ReadAsync(Pipes(exabgp, Short));
        Assert.Contains($"no complete answer within 0.2 s at {exabgp.Pipes}.out", why, StringComparison.Ordinal);
        Assert.False(again);
    }

    [Fact]
    public async Task One_that_does_not_acknowledge_is_told_what_to_look_at()
    {
        await using var exabgp = new FakeExabgp(c => FakeExabgp.Answering(TwoAnswers)(c).Replace("done\n", "", StringComparison.Ordinal));
        Assert.Contains("`exabgp.api.ack`", (await Pipes(exabgp, Short).TellAsync(["a"], default)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_reads_nothing_does_not_hold_us()
    {
        // A control process that is stopped has the pipe open.
        await using var exabgp = new FakeExabgp(null);
        using var stopped = Oops.Native.NamedPipe.TryOpenToRead(exabgp.Pipes + ".in", out _);
        var many = Enumerable.Range(0, 3000).Select(i => $"withdraw route 192.0.2.{i % 256}/32 next-hop self").ToList();
        var told = await Pipes(exabgp, Short).TellAsync(many, default);
        Assert.Contains("no complete answer", told.Why, StringComparison.Ordinal);
        Assert.True(told.Sent);
    }

    [Fact]
    public async Task One_that_ends_while_it_is_asked_is_told_apart_from_one_that_is_silent()
    {
        await using var exabgp = new FakeExabgp(null);
        var only = Oops.Native.NamedPipe.TryOpenToRead(exabgp.Pipes + ".in", out _)!;
        var read = ReadAsync(Pipes(exabgp, Short));
        only.Dispose();
        Assert.Contains("nobody reads it (ExaBGP is not running", (await read).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_and_an_answer_without_an_end_are_cut_off_at_their_bounds()
    {
        await using var line = new FakeExabgp(c => c == "version" ? new string('x', 20_000) : "");
        Assert.Contains("a line of more than 16 KiB", (await ReadAsync(Pipes(line))).Why, StringComparison.Ordinal);

        var piece = string.Concat(Enumerable.Repeat(new string('x', 999) + "\n", 1000));
        await using var flood = new FakeExabgp(c => c == "one" ? string.Concat(Enumerable.Repeat(piece, 34)) : FakeExabgp.Answering(TwoAnswers)(c));
        Assert.Contains("more than 32 MiB", (await ReadAsync(Pipes(flood))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipes_that_nobody_reads_that_are_not_there_or_are_none_say_what_is_wrong()
    {
        await using var exabgp = new FakeExabgp(null);
        Assert.Contains(".in: nobody reads it (ExaBGP is not running", (await ReadAsync(Pipes(exabgp))).Why, StringComparison.Ordinal);
        var told = await Pipes(exabgp).TellAsync(["a"], default);
        Assert.Contains("nobody reads it", told.Why, StringComparison.Ordinal);
        Assert.False(told.Sent);

        var absent = At(exabgp.Pipes + "-absent", Long);
        Assert.Contains("no such pipe", (await ReadAsync(absent)).Why, StringComparison.Ordinal);
        File.WriteAllText(exabgp.Pipes + "-file.out", "content");
        Assert.Contains("is not a named pipe", (await ReadAsync(At(exabgp.Pipes + "-file", Long))).Why, StringComparison.Ordinal);
        Assert.Equal("content", File.ReadAllText(exabgp.Pipes + "-file.out"));
    }

    [Fact]
    public async Task Stopping_is_the_only_exception_and_leaves_the_pipe_to_the_next_question()
    {
        var silent = true;
        await using var exabgp = new FakeExabgp(c => silent ? "" : FakeExabgp.Answering(_ => null)(c));
        var pipes = Pipes(exabgp);
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pipes.TellAsync(["a", "b"], stop.Token));
        // ExaBGP finds somebody to give its answers to, and goes on with the commands.
        Assert.True(await exabgp.SendAsync("error\nerror\n"));
        silent = false;
        Assert.Equal([ExabgpWord.Done, ExabgpWord.Done], (await pipes.TellAsync(["c", "d"], default)).Answers);
        Assert.False(await exabgp.SendAsync("late\n"));

        silent = true;
        using var again = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pipes.TellAsync(["a"], again.Token));
        pipes.Dispose();
        Assert.False(await exabgp.SendAsync("late\n"));
    }

    [Theory]
    [InlineData("announce\nshutdown")]
    [InlineData("a\r")]
    public async Task A_command_cannot_smuggle_a_second_one(string command)
    {
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(_ => null));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Pipes(exabgp).TellAsync([command], default));
        Assert.Empty(exabgp.Commands);
    }

    [Fact]
    public async Task Many_commands_are_written_in_pieces_that_do_not_mix_with_others()
    {
        await using var exabgp = new FakeExabgp(FakeExabgp.Answering(_ => null));
        var many = Enumerable.Range(0, 500).Select(i => $"announce route 2001:db8:{i:x}::/48 next-hop 2001:db8:99::1 as-path [ 64501 64501 64501 64501 ]").ToList();
        var other = Task.Run(async () =>
        {
            using var pipe = Oops.Native.NamedPipe.TryOpenToWrite(exabgp.Pipes + ".in", out _)!;
            for (var i = 0; i < 50; i++) await pipe.WriteAsync("version\n"u8.ToArray(), default);
        });
        await Pipes(exabgp).TellAsync(many, default);
        await other;
        Assert.Equal(many, exabgp.Commands);
    }
}
