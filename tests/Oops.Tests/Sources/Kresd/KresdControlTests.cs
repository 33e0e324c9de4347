using System.Net.Sockets;
using System.Text;
using Oops.Sources.Kresd;
using Xunit;

namespace Oops.Tests.Sources.Kresd;

/// <summary>What a control socket answers: recorded of kresd 5.6.0, and what it should not.</summary>
public sealed class KresdControlTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"oops-{Guid.NewGuid():N}.sock");

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("> ", "'5.6.0 4'", "5.6.0", 4)]
    [InlineData("", "5.6.0 4", "5.6.0", 4)]
    [InlineData("> ", "'5.7.0 12345678901'", "5.7.0", 12345678901)]
    public void Version_and_count_are_read_piece_by_piece(string prompt, string text, string version, long queries)
    {
        var bytes = Answer(prompt, text);
        for (var cut = 0; cut < bytes.Length; cut++) Assert.Null(KresdControl.Read(bytes.AsSpan(0, cut)));
        Assert.Equal(new KresdAnswer(version, queries, null), KresdControl.Read(bytes));
    }

    [Fact]
    public void Without_its_module_stats_it_answers_and_counts_nothing() =>
        Assert.Equal(new KresdAnswer("5.6.0", null, null), KresdControl.Read(Answer("> ", "'5.6.0 -1'")));

    [Theory]
    [InlineData("[string \"return table_print(nosuch.thing())\"]:1: attempt to index global 'nosuch' (a nil value)")]
    [InlineData("nil")]
    [InlineData("")]
    [InlineData("'5.6.0'")]
    [InlineData("5.6.0 nan")]
    [InlineData("x 4")]
    [InlineData("5.6.0 99999999999999999999")]
    [InlineData("\u001b[31m 4")]
    public void Another_text_is_no_answer_and_is_told_in_safe_letters(string text)
    {
        var answer = KresdControl.Read(Answer("> ", text))!.Value;
        Assert.Null(answer.Version);
        Assert.Null(answer.Queries);
        Assert.StartsWith("kresd: an answer that is not understood", answer.Why, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', answer.Why);
    }

    [Theory]
    [InlineData("> > Lua 5.1")]
    [InlineData("HTTP/1.1 400 Bad Request")]
    [InlineData("220 mail ready")]
    public void What_is_no_control_socket_is_told(string text) =>
        Assert.Equal("kresd: not the answer of a control socket", KresdControl.Read(Encoding.ASCII.GetBytes(text))!.Value.Why);

    [Fact]
    public async Task Nobody_is_a_fact_and_a_silence_is_none()
    {
        var none = await KresdControl.AskAsync(path, TimeSpan.FromSeconds(5), TimeProvider.System, default);
        Assert.Equal((null, true, $"kresd: no such socket at {path}"), (none.Version, none.Nobody, none.Why));
        using var server = Listen();
        var silent = await KresdControl.AskAsync(path, TimeSpan.FromSeconds(0.3), TimeProvider.System, default);
        Assert.Equal((null, false, $"kresd: no answer within 0.3 s at {path}"), (silent.Version, silent.Nobody, silent.Why));
        Assert.Contains("107 bytes", (await KresdControl.AskAsync(new string('x', 200), TimeSpan.FromSeconds(1), TimeProvider.System, default)).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("> ", "closed the session")]
    [InlineData("> \0\0\0\u0010half", "closed the session")]
    [InlineData("> \u007f\0\0\0", "not the answer of a control socket")]
    public async Task Half_an_answer_is_none(string sent, string says)
    {
        using var server = Listen();
        var asked = KresdControl.AskAsync(path, TimeSpan.FromSeconds(10), TimeProvider.System, default).AsTask();
        using (var session = await server.AcceptAsync())
        {
            await session.ReceiveAsync(new byte[1024]);
            await session.SendAsync(Encoding.Latin1.GetBytes(sent));
        }

        Assert.Contains(says, (await asked).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_one_fixed_line_is_sent_after_the_switch_and_our_own_process_is_seen()
    {
        using var server = Listen();
        var asked = KresdControl.AskAsync(path, TimeSpan.FromSeconds(10), TimeProvider.System, default).AsTask();
        using var session = await server.AcceptAsync();
        var got = new byte[1024];
        var length = await session.ReceiveAsync(got);
        var lines = Encoding.ASCII.GetString(got, 0, length).Split('\n');
        Assert.Equal(["__binary", "package_version() .. ' ' .. tostring(stats and stats.get('request.total') and stats.get('request.total') - (stats.get('request.internal') or 0) or -1)", ""], lines);
        await session.SendAsync(Answer("> ", "'5.6.0 7'"));
        Assert.Equal(new KresdAnswer("5.6.0", 7, Environment.ProcessId), await asked);
    }

    [Fact]
    public async Task What_each_instance_has_risen_by_is_added_up_and_a_restart_hides_nothing()
    {
        KresdAnswer[] answers = [new("5", 1000, 1), new("5", 500, 2)];
        var counters = new KresdCounters(_ => new(answers));
        Assert.Equal(0, (await counters.ReadAsync(default)).Queries);
        answers = [new("5", 1100, 1), new("5", 550, 2)];
        Assert.Equal(150, (await counters.ReadAsync(default)).Queries);
        answers = [new("5", 1200, 1), new(null, null, null, "kresd: gone")];
        Assert.Equal((null, "kresd: gone"), ((await counters.ReadAsync(default)).Queries, (await counters.ReadAsync(default)).Why));
        answers = [new("5", 1300, 1), new("5", 20, 3)];
        Assert.Equal(370, (await counters.ReadAsync(default)).Queries);
        answers = [new("5", 1300, 1), new("5", null, 3)];
        Assert.Contains("module stats is not loaded", (await counters.ReadAsync(default)).Why, StringComparison.Ordinal);
    }

    Socket Listen()
    {
        var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(path));
        server.Listen();
        return server;
    }

    static byte[] Answer(string prompt, string text)
    {
        var body = Encoding.Latin1.GetBytes(text);
        return [.. Encoding.ASCII.GetBytes(prompt), 0, 0, 0, (byte)body.Length, .. body];
    }
}
