using System.Text;
using Oops.Servers;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Servers;

/// <summary>What no control socket should do ends in bounded time and memory, with a reason and a count.</summary>
public sealed class LineControlTests : IAsyncDisposable
{
    readonly FakeLines server = new();
    readonly FakeTime time = new();
    readonly List<string> lines = [];
    readonly LineControlOptions options;

    public LineControlTests() => options = new("nsd", "NSDCT1", server.Path, TimeSpan.FromSeconds(5));

    [Fact]
    public async Task Lines_come_whole_in_whatever_pieces_they_are_sent()
    {
        var sent = Encoding.ASCII.GetBytes("version: 4.6.1\nverbosity: 0\n\nlast\n");
        server.Answer = _ => new(sent.Select(b => new[] { b }));
        Assert.Null(await AskAsync());
        Assert.Equal(["version: 4.6.1", "verbosity: 0", "", "last"], lines);
        Assert.Equal(["NSDCT1 status"], server.Asked);
        Assert.Equal(1, Count("answers"));
    }

    [Theory]
    [InlineData("half a line", LineFault.Cut, "nsd: the server ended the answer within a line")]
    [InlineData("", LineFault.Cut, "nsd: the server closed the connection without an answer: it is stopping, or does not speak NSDCT1")]
    [InlineData("error version mismatch\n", LineFault.Error, "nsd: the server says: error version mismatch")]
    [InlineData("error \u001b[2J\u00ff\n", LineFault.Error, "nsd: the server says: error ?[2J?")]
    public async Task What_is_no_answer_has_a_reason_and_is_counted(string answer, object fault, string why)
    {
        server.Answer = _ => LineReply.Of(answer);
        Assert.Equal(why, await AskAsync());
        Assert.Equal(1, options.Counts[(LineFault)fault]);
        Assert.Equal(0, Count("answers"));
    }

    [Fact]
    public async Task A_list_of_nothing_is_a_list()
    {
        server.Answer = _ => LineReply.Of("");
        Assert.Null(await AskAsync(list: true));
        Assert.Empty(lines);
    }

    [Fact]
    public async Task An_error_in_the_middle_is_a_line_like_others()
    {
        server.Answer = _ => LineReply.Of("a\nerror b\n");
        Assert.Null(await AskAsync());
        Assert.Equal(["a", "error b"], lines);
    }

    [Fact]
    public async Task Silence_ends_after_the_timeout()
    {
        server.Answer = _ => LineReply.Hang;
        Assert.Equal("nsd: silent for 5 s within an answer", await MovedAsync(AskAsync(), TimeSpan.FromSeconds(1)));
        Assert.Equal(1, options.Counts[LineFault.Silent]);
    }

    [Fact]
    public async Task A_hundred_megabytes_that_are_no_list_are_given_up()
    {
        server.Answer = _ => new(Enumerable.Repeat(Encoding.ASCII.GetBytes(new string('x', 999) + "\n"), 100_000));
        Assert.Equal("nsd: an answer of more than 1048576 octets to `status`", await AskAsync());
        Assert.InRange(lines.Count, 1, 1100);
        Assert.Equal(1, options.Counts[LineFault.TooLong]);
    }

    [Fact]
    public async Task A_line_without_end_is_given_up()
    {
        server.Answer = _ => new(Enumerable.Repeat(Encoding.ASCII.GetBytes(new string('x', 1000)), 100_000));
        Assert.Equal("nsd: a line of more than 16384 octets in the answer to `status`", await AskAsync());
        Assert.Empty(lines);
    }

    [Fact]
    public async Task An_answer_without_end_ends_with_our_patience()
    {
        server.Answer = _ => new(Endless());
        Assert.Equal("nsd: an answer that takes longer than 120 s", await AskAsync(list: true));

        IEnumerable<byte[]> Endless()
        {
            for (var sent = 1; ; sent++)
            {
                yield return Encoding.ASCII.GetBytes(new string('x', 999) + "\n");
                // More than the socket holds, so that the reader has read since the last time.
                if (sent % 2000 == 0) time.Advance(TimeSpan.FromSeconds(2));
            }
        }
    }

    [Fact]
    public async Task A_list_of_any_length_is_read_in_the_memory_of_a_line()
    {
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("zone:\ta.test\n\tstate: master\n", 1000)));
        server.Answer = _ => new(Enumerable.Repeat(piece, 500));
        var count = 0;
        var opened = await LineControl.OpenAsync(options, time, default);
        await using var control = opened.Control!;
        Assert.Null(await control.AskListAsync("zonestatus", _ => { count++; return null; }, () => Task.CompletedTask, default));
        Assert.Equal(1_000_000, count);
        Assert.Equal(500L * piece.Length, control.Got);
    }

    [Fact]
    public async Task What_the_sink_refuses_ends_it()
    {
        server.Answer = _ => LineReply.Of("a\nb\nc\n");
        var opened = await LineControl.OpenAsync(options, time, default);
        await using var control = opened.Control!;
        Assert.Equal("nsd: no such line", await control.AskAsync("status", l => l.SequenceEqual("b"u8) ? "no such line" : null, default));
        Assert.Equal(1, options.Counts[LineFault.Garbled]);
    }

    [Fact]
    public async Task Nobody_there_is_a_fact()
    {
        await server.VanishAsync();
        var opened = await LineControl.OpenAsync(options, time, default);
        Assert.Equal((true, $"nsd: no such socket at {server.Path}"), (opened.Nobody, opened.Why));
        Assert.Equal(1, options.Counts[LineFault.Unreached]);
    }

    [Fact]
    public async Task The_one_that_listens_is_seen() => Assert.Equal(Environment.ProcessId, (await LineControl.OpenAsync(options, time, default)).Control!.PeerPid);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    long Count(string name) => options.Counts.All.Single(c => c.Name == name).Value;

    async Task<string?> AskAsync(bool list = false)
    {
        var opened = await LineControl.OpenAsync(options, time, default);
        await using var control = opened.Control!;
        return list ? await control.AskListAsync("zonestatus", Sink, () => Task.CompletedTask, default) : await control.AskAsync("status", Sink, default);

        string? Sink(ReadOnlySpan<byte> line)
        {
            if (lines.Count < 10_000) lines.Add(Encoding.Latin1.GetString(line));
            return null;
        }
    }

    async Task<string?> MovedAsync(Task<string?> asking, TimeSpan step)
    {
        while (!asking.IsCompleted)
        {
            await Task.Delay(5);
            time.Advance(step);
        }

        return await asking;
    }
}
