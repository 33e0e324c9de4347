using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class AloneTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_second_is_told_of_the_first_by_its_pid_and_is_the_first_once_that_one_has_ended()
    {
        // What one that was killed has left.
        Directory.CreateDirectory(folder.File("run"));
        await File.WriteAllTextAsync(folder.File("run/oops.pid"), "4194304\n", TestContext.Current.CancellationToken);
        var (first, why) = await TakeAsync("run", "state");
        Assert.True(first is not null, why);
        var (second, reason) = await TakeAsync("run", "state");
        Assert.Null(second);
        Assert.Equal($"{folder.File("run")}/oops.pid: another oops is running, pid {Environment.ProcessId}", reason);
        first.Dispose();
        (second, why) = await TakeAsync("run", "state");
        Assert.True(second is not null, why);
        second.Dispose();
    }

    [Fact]
    public async Task One_with_a_runtime_directory_of_its_own_does_not_write_into_the_others_journal()
    {
        using var first = (await TakeAsync("run", "state")).Alone;
        var (second, why) = await TakeAsync("other", "state");
        Assert.Null(second);
        Assert.Contains("has its journal here", why, StringComparison.Ordinal);
        using var third = (await TakeAsync("other", "another")).Alone;
        Assert.NotNull(third);
    }

    [Fact]
    public async Task A_child_keeps_no_lock()
    {
        var first = (await TakeAsync("run", "state")).Alone!;
        using var child = ChildProcess.Sleep();
        first.Dispose();
        using var second = (await TakeAsync("run", "state")).Alone;
        Assert.NotNull(second);
    }

    [Fact]
    public async Task Where_nothing_can_be_locked_we_run_all_the_same()
    {
        await File.WriteAllTextAsync(folder.File("file"), "", TestContext.Current.CancellationToken);
        using var alone = (await TakeAsync("file/run", "file/state")).Alone;
        Assert.NotNull(alone);
    }

    Task<(Alone? Alone, string Why)> TakeAsync(string run, string state) =>
        Alone.TakeAsync(new() { Mode = Oops.Core.Mode.Observe, Servers = new Dictionary<string, ServerConfig>(), RuntimeDirectory = folder.File(run), StateDirectory = folder.File(state) }, BootTime.Instance);
}
