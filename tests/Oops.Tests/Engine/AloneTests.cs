using Microsoft.Extensions.Logging;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class AloneTests : IDisposable
{
    const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly TemporaryFolder folder = new();
    readonly StringWriter logged = new();

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
        Assert.Equal($"{folder.File("state")}/oops.lock: another oops is running, pid {Environment.ProcessId}, and has its journal here; one with a runtime-directory of its own needs a state-directory of its own", why);
        using var third = (await TakeAsync("other", "another")).Alone;
        Assert.NotNull(third);
    }

    [Fact]
    public async Task Who_has_locked_a_file_is_known_also_without_opening_it()
    {
        var first = (await TakeAsync("run", "state")).Alone!;
        // What stat(2) and the list of locks call the device is not the same on each file system.
        if (ProcessLock.HolderOf(folder.File("run/oops.pid")) is not { } holder) Assert.Skip("the device of the temporary folder has another name in /proc/locks");
        else Assert.Equal(Environment.ProcessId, holder);
        Assert.Null(ProcessLock.HolderOf(folder.File("run")));
        Assert.Null(ProcessLock.HolderOf(folder.File("nothing")));
        first.Dispose();
        Assert.Null(ProcessLock.HolderOf(folder.File("run/oops.pid")));
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
    public async Task One_that_does_not_get_both_leaves_the_pidfile_as_it_was()
    {
        using var first = (await TakeAsync("run", "state")).Alone;
        var pidfile = await MakeAsync("other/oops.pid", "4194304\n");
        Assert.Null((await TakeAsync("other", "state")).Alone);
        Assert.Equal("4194304\n", await File.ReadAllTextAsync(pidfile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nobody_else_can_open_what_is_locked_and_so_lock_it()
    {
        // As an earlier version, or a person, may have left it.
        var wide = await MakeAsync("run/oops.pid", "");
        File.SetUnixFileMode(wide, OwnersOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        using var alone = (await TakeAsync("run", "state")).Alone;
        Assert.NotNull(alone);
        Assert.All([wide, folder.File("state/oops.lock")], f => Assert.Equal(OwnersOnly, File.GetUnixFileMode(f)));
        // A folder is locked by whoever may read it, so it can say nothing.
        foreach (var name in (string[])["run", "state"])
        {
            using var stranger = new ChildProcess("flock", "--nonblock", folder.File(name), "true");
            Assert.Equal("exit code 0", stranger.Reap().ToString());
        }

        Assert.Empty(logged.ToString());
    }

    [Theory]
    [InlineData("run/oops.pid")]
    [InlineData("state/oops.lock")]
    public async Task A_symbolic_link_is_not_followed_and_a_warning_says_what_to_remove(string name)
    {
        var target = await MakeAsync("precious", "data");
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        File.CreateSymbolicLink(folder.File(name), target);
        (await TakeAsync("run", "state")).Alone!.Dispose();
        Assert.Equal("data", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken));
        AssertWarned(name, "too many levels of symbolic links", $"it is no regular file: remove {folder.File(name)} before the next start");
    }

    [Fact]
    public async Task A_fifo_or_a_folder_in_its_place_holds_nobody_up()
    {
        Directory.CreateDirectory(folder.File("run"));
        using (var make = new ChildProcess("mkfifo", folder.File("run/oops.pid"))) make.Reap();
        Directory.CreateDirectory(folder.File("state/oops.lock"));
        (await TakeAsync("run", "state").WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)).Alone!.Dispose();
        var lines = logged.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("/run/oops.pid cannot be locked: no such device or address; ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($"; it is no regular file: remove {folder.File("state/oops.lock")} before the next start", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_can_be_locked_we_run_all_the_same_and_say_so_once_for_each()
    {
        await MakeAsync("file", "");
        using var alone = (await TakeAsync("file/run", "file/state")).Alone;
        Assert.NotNull(alone);
        var lines = logged.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"<4>{folder.File("file/run/oops.pid")} cannot be locked: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"<4>{folder.File("file/state/oops.lock")} cannot be locked: ", lines[1], StringComparison.Ordinal);
    }

    void AssertWarned(string name, string why, string remedy) =>
        Assert.Equal($"<4>{folder.File(name)} cannot be locked: {why}; oops runs, but another that starts at the same instant would too; {remedy}\n", logged.ToString());

    async Task<string> MakeAsync(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        await File.WriteAllTextAsync(folder.File(name), content, TestContext.Current.CancellationToken);
        return folder.File(name);
    }

    async Task<(Alone? Alone, string Why)> TakeAsync(string run, string state)
    {
        await using var log = new StderrLog(logged, BootTime.Instance, LogLevel.Information, journald: true);
        var config = new OopsConfig { Mode = Oops.Core.Mode.Observe, Servers = new Dictionary<string, ServerConfig>(), RuntimeDirectory = folder.File(run), StateDirectory = folder.File(state) };
        return await Alone.TakeAsync(config, BootTime.Instance, log);
    }
}
