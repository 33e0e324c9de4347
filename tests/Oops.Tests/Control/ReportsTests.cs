using System.Collections.Immutable;
using System.IO.Pipes;
using System.Text.Json;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Reports;
using Oops.Tests.Reports;
using Xunit;

namespace Oops.Tests.Control;

public sealed class ReportsTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A source of reports, as far as the control socket knows one: by its name.</summary>
    sealed class Reporting : ISource
    {
        public string Name => "error-reports/test";

        public ImmutableArray<ChannelSpec> Covers => [];

        public Task RunAsync(IEngine engine, CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, BootTime.Instance, stop);
    }

    static Task<Living> StartAsync() => Living.StartAsync(source: new Reporting());

    static async Task WriteAsync(Living oops, params IReadOnlyList<ReportNews> news)
    {
        await using var store = new ReportStore(oops.Folder, new(), BootTime.Instance);
        Assert.Null(await store.WriteAsync(news, Stop));
    }

    static ReportNews Now(string name, int code = 9, string? zone = "example", long count = 1) => News.Of(name, code, zone, BootTime.Instance.GetUtcNow(), count);

    static Task<Reading<ReportsAnswer>> AskAsync(Living oops, string query = "") => oops.Client.GetAsync("/reports" + query, ControlJson.Default.ReportsAnswer, Stop);

    [Fact]
    public async Task Reports_keep_their_contract()
    {
        await using var oops = await StartAsync();
        Assert.Equal("""{"v":1,"total":0,"next":0,"reports":[]}""", (await AskAsync(oops)).Text);
        await WriteAsync(oops, Now("www.example", count: 3), Now("x.test", 4711, null));
        var (answer, text) = await AskAsync(oops, "?by=hour&sort=count&since=3600&limit=1&zone=EXAMPLE&code=dnskey-missing&code=6");
        Assert.True(answer is { Total: 1 }, text);
        using var json = JsonDocument.Parse(text);
        var line = json.RootElement.GetProperty("reports")[0];
        Assert.Equal(["v", "hour", "agent", "zone", "name", "types", "code", "code_name", "count", "verified", "paths", "networks", "first", "last", "last_from"], line.EnumerateObject().Select(p => p.Name));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$", line.GetProperty("hour").GetString());
        Assert.Equal((3, "udp", "192.0.2.1"), (line.GetProperty("count").GetInt32(), line.GetProperty("paths")[0].GetString(), line.GetProperty("last_from").GetString()));
        using var zones = JsonDocument.Parse((await AskAsync(oops, "?by=zone&zone=example")).Text);
        Assert.Equal(["v", "zone", "names", "count"], zones.RootElement.GetProperty("reports")[0].EnumerateObject().Select(p => p.Name).Take(4));
    }

    [Theory]
    [InlineData("?by=all")]
    [InlineData("?by=1")]
    [InlineData("?sort=name")]
    [InlineData("?zone=a..b")]
    [InlineData("?zone=")]
    [InlineData("?since=yesterday")]
    [InlineData("?since=NaN")]
    [InlineData("?limit=0")]
    [InlineData("?after=1")]
    [InlineData("?by=hour&after=-1")]
    [InlineData("?code=65536")]
    [InlineData("?code=9%20OR%201=1")]
    [InlineData("?code=9,10")]
    public async Task What_is_not_understood_is_refused(string query)
    {
        await using var oops = await StartAsync();
        Assert.Equal(Verb.Usage, (await AskAsync(oops, query)).Exit);
    }

    [Fact]
    public async Task Without_a_source_of_reports_it_is_said()
    {
        await using var oops = await Living.StartAsync();
        var read = await AskAsync(oops);
        Assert.Equal((Verb.Failed, "this oops takes no error reports: its config has no source error-reports"), (read.Exit, read.Text));
        Assert.Equal(Verb.Failed, await RunAsync(oops, "reports"));
        Assert.Equal(Verb.Failed, await RunAsync(oops, "reports", "--by", "hour", "--json"));
        Assert.Equal(Verb.Failed, await RunAsync(oops, "reports", "--follow"));
    }

    static Task<int> RunAsync(Living oops, params string[] words) => Root.New().Parse([.. words, "--socket", oops.Socket]).InvokeAsync(cancellationToken: Stop);

    [Fact]
    public async Task A_store_that_cannot_be_read_is_the_answer()
    {
        await using var oops = await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(oops.Folder, ReportStore.FileName), new string('x', 5000), Stop);
        Assert.Contains("file is not a database", (await AskAsync(oops)).Text, StringComparison.Ordinal);
        Assert.Equal(Verb.Failed, await RunAsync(oops, "reports"));
    }

    [Theory]
    [InlineData(0, "reports")]
    [InlineData(0, "reports", "--zone", "example", "--code", "9", "--code", "dnssec-bogus", "--since", "2h", "--by", "zone", "--sort", "last", "--top", "3")]
    [InlineData(0, "reports", "--by", "hour", "--json", "-n", "1")]
    [InlineData(2, "reports", "--zone", "a..b")]
    public async Task The_verb_ends_with_the_exit_code_of_the_others(int exit, params string[] words)
    {
        await using var oops = await StartAsync();
        await WriteAsync(oops, Now("a.example"), Now("b.example"));
        Assert.Equal(exit, await RunAsync(oops, words));
    }

    [Theory]
    [InlineData("--follow goes with --zone, --code and --json only", "--follow", "--since", "1h")]
    [InlineData("--code 65536: an INFO-CODE, 0 to 65535, or its name (other, unsupported-dnskey-algorithm, unsupported-ds-digest-type ...)", "--code", "65536")]
    public void What_is_no_argument_is_refused(string error, params string[] words) =>
        Assert.Equal(error, Assert.Single(Root.New().Parse(["reports", .. words]).Errors).Message);

    [Fact]
    public async Task What_is_followed_is_what_is_stored_from_then_on_also_over_a_restart_of_the_store()
    {
        await using var oops = await StartAsync();
        await WriteAsync(oops, Now("before.example"));
        using var ending = new CancellationTokenSource();
        using var output = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new StreamReader(new AnonymousPipeClientStream(PipeDirection.In, output.ClientSafePipeHandle));
        var writer = new StreamWriter(output, leaveOpen: true) { AutoFlush = true };
        var time = new Oops.Tests.Engine.FakeTime();
        var follow = ReportsFollowed.RunAsync(oops.Socket, "&zone=example", json: true, writer, time, ending.Token);
        // It sleeps, so it has asked.
        await SleepsAsync(time, follow);
        await WriteAsync(oops, Now("first.example"), Now("elsewhere.test"));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Contains("\"first.example\"", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
        await SleepsAsync(time, follow);
        await WriteAsync(oops, Now("first.example"), Now("second.example"));
        time.Advance(TimeSpan.FromSeconds(3));
        using var line = JsonDocument.Parse((await reader.ReadLineAsync(Stop))!);
        Assert.Equal(("first.example", 2), (line.RootElement.GetProperty("name").GetString(), line.RootElement.GetProperty("count").GetInt32()));
        Assert.Contains("\"second.example\"", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
        await ending.CancelAsync();
        Assert.Equal(Verb.Done, await follow);
    }

    [Fact]
    public async Task Following_ends_when_nobody_reads()
    {
        await using var oops = await StartAsync();
        using var output = new AnonymousPipeServerStream(PipeDirection.Out);
        var reader = new AnonymousPipeClientStream(PipeDirection.In, output.ClientSafePipeHandle);
        var writer = new StreamWriter(output, leaveOpen: true) { AutoFlush = true };
        var time = new Oops.Tests.Engine.FakeTime();
        var follow = ReportsFollowed.RunAsync(oops.Socket, "", json: false, writer, time, Stop);
        await SleepsAsync(time, follow);
        output.DisposeLocalCopyOfClientHandle();
        await reader.DisposeAsync();
        await WriteAsync(oops, Now("a.example"));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Verb.Done, await follow.WaitAsync(TimeSpan.FromSeconds(20), Stop));
    }

    static async Task SleepsAsync(Oops.Tests.Engine.FakeTime time, Task follow)
    {
        while (time.Timers == 0 && !follow.IsCompleted) await Task.Delay(5, Stop);
    }
}
