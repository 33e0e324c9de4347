using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Oops.Commands;
using Oops.Reports;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports;

/// <summary>From a hostile name on the wire to whatever a person, a program or a script reads of it.</summary>
public sealed class HostileReportTests : IDisposable
{
    static readonly string[] Pieces = ["\x1b[31m", "\x1b]0;title\x07", "\n", "\r", "\0", "%s%n", "\"", "\\", "'", "\xff", "\xe2\x80\xae", "\xc2\x85", ", ", ";", "$(reboot)", "`", "<b>", "[red]", "REPORT state:", "a", ".", "*", "\t", "\x7f"];

    readonly TemporaryFolder folder = new();
    readonly FakeTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_hostile_name_is_shown_and_obeyed_nowhere()
    {
        var stop = TestContext.Current.CancellationToken;
        var random = new Random(9567);
        List<byte[][]> names = [.. Pieces.Select(p => (byte[][])[Encoding.Latin1.GetBytes(p), "example"u8.ToArray()])];
        for (var i = 0; i < 300; i++)
            names.Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pieces[random.Next(Pieces.Length)])))).Select(l => l.Length > 50 ? l[..50] : l)]);
        var news = News.Heard(time, names);
        Assert.True(news.Count > 300);
        await using (var store = new ReportStore(folder.Path, new(), time)) Assert.Null(await store.WriteAsync(news, stop));
        var expected = news.Select(n => n.Name).Distinct().Order(StringComparer.Ordinal).ToList();

        using var reader = ReportReader.Open(folder.File(ReportStore.FileName))!;
        var stored = reader.Read(new() { Limit = 10_000 }).Reports;
        Assert.Equal(expected, stored.Select(r => r.Name!).Order(StringComparer.Ordinal));
        foreach (var report in stored)
        {
            // The name that was asked for can be had back from what is shown.
            Assert.True(DnsName.TryParse(report.Name!, out var name) && name.ToString() == report.Name, report.Name);
            Harmless(ReportsText.Line(report));
            var json = ReportsCommand.Line(report);
            Harmless(json);
            Assert.Equal(report.Name, JsonDocument.Parse(json).RootElement.GetProperty("name").GetString());
        }
        foreach (var by in (string[])["report", "name", "hour"])
            foreach (var cell in stored.SelectMany(r => ReportsText.Cells(r, by))) Harmless(cell);
    }

    [Fact]
    public async Task On_the_socket_of_plain_lines_each_name_is_one_word()
    {
        var stop = TestContext.Current.CancellationToken;
        var news = News.Heard(time, [.. Pieces.Select(p => (byte[][])[Encoding.Latin1.GetBytes(p), "example"u8.ToArray()])]);
        await using (var store = new ReportStore(folder.Path, new(), time)) Assert.Null(await store.WriteAsync(news, stop));
        using var ending = new CancellationTokenSource();
        using var listens = new SemaphoreSlim(0);
        var running = new ReportSocket(folder.File("reports.sock"), null, folder.File(ReportStore.FileName), time).RunAsync(_ => listens.Release(), ending.Token);
        await listens.WaitAsync(stop);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder.File("reports.sock")), stop);
        await using var stream = new NetworkStream(socket);
        using var lines = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync("report\njson\n"u8.ToArray(), stop);
        var report = (await lines.ReadLineAsync(stop))!;
        Harmless(report);
        var words = report["REPORT state: ".Length..].Split(' ');
        Assert.All(words.Where((_, i) => i % 2 == 1), codes => Assert.Equal("9", codes));
        Assert.Equal(news.Select(n => n.Name + ",").Order(StringComparer.Ordinal), words.Where((_, i) => i % 2 == 0).Order(StringComparer.Ordinal));
        for (var i = 0; i < news.Count; i++)
        {
            var line = (await lines.ReadLineAsync(stop))!;
            Harmless(line);
            Assert.Contains(JsonDocument.Parse(line).RootElement.GetProperty("name").GetString(), news.Select(n => n.Name));
        }
        Assert.Equal("", await lines.ReadLineAsync(stop));
        await ending.CancelAsync();
        await running;
    }

    static void Harmless(string line) => Assert.All(line, c => Assert.True(c is >= ' ' and < '\x7f', $"{(int)c:x} in {line}"));
}
