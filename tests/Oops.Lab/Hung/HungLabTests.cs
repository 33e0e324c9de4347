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

    async Task StartAsync(string kind)
    {
        LabRequires.Programs(ServerUnderTest.Programs(kind));
        server = new(kind);
        await server.StartAsync();
        await oops.StartAsync(server, HungWatch.Fast);
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
    public async Task A_stopped_server_is_down_until_it_answers_again(string kind)
    {
        await StartAsync(kind);
        for (int round = 0; round < 2; round++)
        {
            server!.SignalAll(LabProcess.Stop);
            await oops.UntilAsync("met");
            Assert.Contains("hung: silent on all probes and idle", (await oops.DownAsync()).Text, StringComparison.Ordinal);
            server.SignalAll(LabProcess.Cont);
            await oops.UntilAsync("not-met");
        }
    }
}
