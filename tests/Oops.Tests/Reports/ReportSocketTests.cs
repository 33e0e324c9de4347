using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Oops.Native;
using Oops.Reports;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Reports;

public sealed class ReportSocketTests : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly FakeTime time = new();
    readonly CancellationTokenSource ending = new();
    readonly List<string?> told = [];
    Task running = Task.CompletedTask;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string SocketPath => folder.File("reports.sock");

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        ending.Dispose();
        folder.Dispose();
    }

    async Task WriteAsync(params IReadOnlyList<ReportNews> news)
    {
        await using var store = new ReportStore(folder.Path, new(), time);
        Assert.Null(await store.WriteAsync(news, Stop));
    }

    async Task StartAsync(string? group = null)
    {
        var changed = new SemaphoreSlim(0);
        running = new ReportSocket(SocketPath, group, folder.File(ReportStore.FileName), time).RunAsync(why =>
        {
            told.Add(why);
            changed.Release();
        }, ending.Token);
        Assert.True(await changed.WaitAsync(TimeSpan.FromSeconds(20), Stop));
    }

    async Task<Socket> DialAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Stop);
        return socket;
    }

    /// <summary>As `echo ... | socat - UNIX:...` does: all that comes until the end.</summary>
    async Task<string> SayAsync(ReadOnlyMemory<byte> bytes)
    {
        using var socket = await DialAsync();
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(bytes, Stop);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Who is turned away may be so before it has said anything; why is there to be read.
        }

        return await RestAsync(stream);
    }

    Task<string> SayAsync(string text) => SayAsync(Encoding.Latin1.GetBytes(text));

    static async Task<string> RestAsync(NetworkStream stream)
    {
        var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all, Stop);
        }
        catch (IOException)
        {
            // It was closed with some of ours unread.
        }
        return Encoding.Latin1.GetString(all.ToArray());
    }

    ReportNews Now(string name, int code = 9, int secondsAgo = 0) => News.Of(name, code, last: time.GetUtcNow().AddSeconds(-secondsAgo));

    [Fact]
    public async Task A_script_for_Drink_reads_names_with_their_codes_newest_first()
    {
        await WriteAsync(Now("foobar.example", secondsAgo: 5), Now("funny.example"), Now("funny.example", 2, 9), Now("old.example", secondsAgo: 90_000));
        await StartAsync();
        Assert.Equal("REPORT state: funny.example, 9;2 foobar.example, 9\n", await SayAsync("report\n"));
        Assert.Equal([null], told);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(SocketPath));
    }

    [Theory]
    [InlineData("report", "REPORT state: www.example, 9 other.test, 9\n")]
    [InlineData("  report\t\r\n", "REPORT state: www.example, 9 other.test, 9\n")]
    [InlineData("report Example\n", "REPORT state: www.example, 9\n")]
    [InlineData("report example.\n", "REPORT state: www.example, 9\n")]
    [InlineData("report nothing.here\nreport test\n", "REPORT state:\nREPORT state: other.test, 9\n")]
    [InlineData("report ..\n", "ERROR that is no domain name\n")]
    [InlineData("REPORT\n", "ERROR unknown request; there is: report [ZONE], json [ZONE], help\n")]
    [InlineData("\n", "ERROR unknown request; there is: report [ZONE], json [ZONE], help\n")]
    [InlineData("GET / HTTP/1.1\n", "ERROR unknown request; there is: report [ZONE], json [ZONE], help\n")]
    [InlineData("", "")]
    public async Task Each_line_has_its_answer(string asked, string answer)
    {
        await WriteAsync(Now("www.example"), Now("other.test", secondsAgo: 1));
        await StartAsync();
        Assert.Equal(answer, await SayAsync(asked));
    }

    [Fact]
    public async Task Json_is_the_export_and_ends_with_an_empty_line()
    {
        await WriteAsync(Now("www.example"), Now("other.test", secondsAgo: 1));
        await StartAsync();
        var lines = (await SayAsync("json example\n")).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(("", ""), (lines[1], lines[2]));
        using var report = JsonDocument.Parse(lines[0]);
        Assert.Equal(("www.example", 9, "A"), (report.RootElement.GetProperty("name").GetString(), report.RootElement.GetProperty("code").GetInt32(), report.RootElement.GetProperty("types")[0].GetString()));
        Assert.EndsWith("\n\n", await SayAsync("help\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_was_stored_yet_the_list_is_empty_and_a_broken_store_is_an_error()
    {
        await StartAsync();
        Assert.Equal("REPORT state:\n", await SayAsync("report\n"));
        Assert.Equal("\n", await SayAsync("json\n"));
        await File.WriteAllTextAsync(folder.File(ReportStore.FileName), new string('x', 5000), Stop);
        Assert.Matches("^ERROR .*file is not a database.*\n$", await SayAsync("report\n"));
    }

    [Fact]
    public async Task The_list_is_cut_with_a_last_word()
    {
        await WriteAsync([.. Enumerable.Range(0, ReportLines.MostNames + 5).Select(i => Now($"n{i}.example", secondsAgo: i))]);
        await StartAsync();
        var words = (await SayAsync("report\n")).TrimEnd('\n').Split(' ');
        Assert.Equal(("n0.example,", "..."), (words[2], words[^1]));
        Assert.Equal(2 + (2 * ReportLines.MostNames) + 1, words.Length);
    }

    [Fact]
    public async Task Garbage_is_answered_by_an_error_and_no_byte_of_it()
    {
        await StartAsync();
        var random = new Random(23);
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            var answer = await SayAsync(bytes);
            Assert.All(answer.Split('\n')[..^1], line => Assert.StartsWith("ERROR ", line, StringComparison.Ordinal));
            Assert.All(answer, c => Assert.True(c is '\n' or (>= ' ' and < '\x7f')));
        }
        Assert.Equal("REPORT state:\n", await SayAsync("report\n"));
    }

    [Fact]
    public async Task A_line_that_is_too_long_ends_the_connection()
    {
        await StartAsync();
        Assert.Equal("ERROR the line is too long\n", await SayAsync("report " + new string('a', 100_000)));
        Assert.Equal("REPORT state:\n", await SayAsync("report " + new string('a', 63) + "\n"));
    }

    [Fact]
    public async Task Who_says_nothing_is_let_go_and_too_many_at_once_are_told_so()
    {
        await StartAsync();
        List<Socket> idle = [];
        for (var i = 0; i < ReportSocket.MostConnections; i++) idle.Add(await DialAsync());
        // All of them are served: each has answered once.
        foreach (var socket in idle)
        {
            await socket.SendAsync("report\n"u8.ToArray(), Stop);
            Assert.True(await socket.ReceiveAsync(new byte[100], Stop) > 0);
        }
        Assert.Equal("ERROR too many connections\n", await SayAsync("report\n"));
        foreach (var socket in idle)
        {
            var rest = socket.ReceiveAsync(new byte[100], Stop).AsTask();
            // Patience begins with the wait for the next line, and that some moments after the answer.
            while (!rest.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(31));
                await Task.WhenAny(rest, Task.Delay(5, Stop));
            }

            Assert.Equal(0, await rest);
            socket.Dispose();
        }
        while (await SayAsync("report\n") is "ERROR too many connections\n") await Task.Delay(5, Stop);
    }

    [Fact]
    public async Task Who_does_not_read_is_let_go_and_delays_nobody()
    {
        await WriteAsync([.. Enumerable.Range(0, 900).Select(i => Now($"n{i}.{new string('x', 60)}.{new string('y', 60)}.example"))]);
        await StartAsync();
        using var slow = await DialAsync();
        for (var i = 0; i < 20; i++) await slow.SendAsync("report\n"u8.ToArray(), Stop);
        Assert.StartsWith("REPORT state: ", await SayAsync("report\n"), StringComparison.Ordinal);
        // Its socket is full: its answer waits with a patience of its own.
        for (var i = 0; i < 400 && running.IsCompleted is false; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Stop);
        }
        await using var stream = new NetworkStream(slow);
        var all = await RestAsync(stream);
        Assert.InRange(all.Split("REPORT state: ").Length - 1, 1, 19);
    }

    [Fact]
    public async Task A_socket_that_was_left_is_replaced_and_one_that_answers_is_not()
    {
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)) left.Bind(new UnixDomainSocketEndPoint(folder.File("left.sock")));
        await File.WriteAllTextAsync(SocketPath, "no socket", Stop);
        await StartAsync();
        Assert.Contains("no socket", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal("no socket", await File.ReadAllTextAsync(SocketPath, Stop));
        File.Delete(SocketPath);
        while (told.Count < 2)
        {
            time.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(5, Stop);
        }
        Assert.Null(told[1]);
        Assert.Equal("REPORT state:\n", await SayAsync("report\n"));
        List<string?> second = [];
        var other = new ReportSocket(SocketPath, null, folder.File(ReportStore.FileName), time).RunAsync(second.Add, ending.Token);
        while (second.Count == 0) await Task.Delay(5, Stop);
        Assert.Contains("another program listens there", second[0], StringComparison.Ordinal);
        Assert.Equal("REPORT state:\n", await SayAsync("report\n"));
        await ending.CancelAsync();
        await Task.WhenAll(running, other);
        Assert.Null(FileKind.IsSocket(SocketPath));
    }

    [Fact]
    public async Task A_group_that_is_not_there_is_said()
    {
        await StartAsync("no-such-group");
        Assert.Contains("there is no group no-such-group", Assert.Single(told), StringComparison.Ordinal);
    }
}
