using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Hung;

/// <summary>Hung, busy, or starved: real servers, stopped, flooded and deprived of their CPU.</summary>
public sealed class HungLabTests : IAsyncLifetime
{
    readonly HungWatch oops = new();
    ServerUnderTest? server;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await oops.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
    }

    async Task<ServerUnderTest> StartAsync(string kind)
    {
        LabRequires.Programs(ServerUnderTest.Programs(kind));
        server = new(kind);
        await server.StartAsync();
        await oops.StartAsync(HungWatch.Fast, server);
        return server;
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("nsd")]
    [InlineData("bind")]
    [InlineData("unbound")]
    [InlineData("powerdns")]
    [InlineData("recursor")]
    [InlineData("dnsdist")]
    [InlineData("kresd")]
    public async Task A_stopped_server_is_down_until_it_answers_again_each_time(string kind)
    {
        var server = await StartAsync(kind);
        for (int round = 0; round < 2; round++)
        {
            server.SignalAll(LabProcess.Stop);
            await oops.UntilAsync(kind, "met");
            Assert.Contains("hung: silent on all probes and idle (all ", (await oops.DownAsync(kind)).Text, StringComparison.Ordinal);
            server.SignalAll(LabProcess.Cont);
            await oops.UntilAsync(kind, "not-met");
        }
    }

    [Fact]
    public async Task A_stopped_main_process_of_nsd_is_no_hang_since_its_child_answers()
    {
        var server = await StartAsync("nsd");
        Assert.True(server.Pids.Count > 1);
        Assert.True(server.Process.Signal(LabProcess.Stop));
        await Wait.StaysAsync("server-down is not met", async () => (await oops.DownAsync("nsd")).State == "not-met", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500));
        Assert.True(await server.AnswersAsync());
    }

    [Fact]
    public async Task A_server_whose_answering_process_is_stopped_is_no_proof_at_once_since_others_of_its_processes_run()
    {
        var server = await StartAsync("nsd");
        foreach (int pid in server.Pids.Where(p => p != server.Process.Pid))
            Assert.Equal(0, LabProcess.Kill(pid, LabProcess.Stop));
        await oops.UntilAsync("nsd", "unknown");
        await Wait.StaysAsync("server-down is unknown", async () => (await oops.DownAsync("nsd")).State == "unknown", TimeSpan.FromSeconds(8), TimeSpan.FromMilliseconds(500));
        server.SignalAll(LabProcess.Cont);
        await oops.UntilAsync("nsd", "not-met");
    }

    [Fact]
    public async Task A_flooded_server_is_not_down_whatever_it_loses()
    {
        LabRequires.Programs("dnsperf");
        var server = await StartAsync("nsd");
        const int Seconds = 15;
        await using var flood = Flood.Above(server, Seconds, 1_000_000);
        var (perSecond, lost) = await flood.EndAsync(Seconds);
        Assert.True(perSecond > 100, $"it answered {perSecond} queries per second");
        Assert.True(lost > 0.05, $"it was not flooded: {lost:P1} lost");
        var (count, lines) = await oops.AlarmsAsync("nsd");
        Assert.True(count == 0, lines);
        await oops.UntilAsync("nsd", "not-met");
    }

    [Fact]
    public async Task A_starved_server_is_not_down()
    {
        LabRequires.Programs("chrt", "taskset");
        var server = await StartAsync("nsd");
        // Of the lowest class, and on one core with others: it gets next to nothing, and waits for it.
        foreach (int pid in server.Pids)
        {
            Assert.Equal(0, (await OopsDaemon.RunProgramAsync("chrt", "--idle", "-p", "0", $"{pid}")).Code);
            Assert.Equal(0, (await OopsDaemon.RunProgramAsync("taskset", "-cp", "0", $"{pid}")).Code);
        }

        await using (new Hogs(4))
            await Task.Delay(TimeSpan.FromSeconds(20));
        var (count, lines) = await oops.AlarmsAsync("nsd");
        Assert.True(count == 0, lines);
        await oops.UntilAsync("nsd", "not-met");
    }
}
