using System.Diagnostics;
using System.Globalization;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>What the daemon's user, or the person who asks, may not use: each is named, with what to do.</summary>
public sealed class PermissionLabTests : IAsyncDisposable
{
    const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    const UnixFileMode Search = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    readonly string directory = Harness.Lab.FreshDirectory("permission");
    readonly Harness.Bird bird = new();
    LabProcess? server;
    LabProcess? oops;

    string Open => Path.Combine(directory, "open");

    string Closed => Path.Combine(directory, "closed");

    public async ValueTask DisposeAsync()
    {
        if (oops is not null)
            await oops.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
        await bird.DisposeAsync();
    }

    [Fact]
    public async Task Each_path_that_may_not_be_used_is_named_with_what_to_do()
    {
        LabRequires.Programs("bird", "knotd");
        await using OtherUser users = await OtherUser.PrepareAsync();
        await PrepareAsync();

        string secret = await ConfigAsync("secret", Open, Open);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead);
        foreach (string verb in (string[])["check", "run"])
        {
            (int refused, string why) = await RunAsync(users, verb, "--config", secret);
            Assert.Equal(2, refused);
            Assert.Equal($"{secret}:1:1: the file cannot be read (permission denied); check its path and permissions, or name another with --config FILE", why);
        }

        string config = await ConfigAsync("closed", Closed + "/state", Closed + "/run");
        (int code, string text) = await RunAsync(users, "check", "--live", "--config", config);
        Assert.Equal(1, code);
        foreach (string folder in (string[])[$"state directory {Closed}/state", $"runtime directory {Closed}/run", $"folder of edge's file: {bird.IncludeDirectory}"])
            Assert.Contains($"FAIL  {folder} cannot be written: permission denied; the user that runs oops needs it", text, StringComparison.Ordinal);
        Assert.Contains($"FAIL  action edge: bird: permission denied (is the daemon's user in the socket's group, `bird` on Debian?) at {bird.Socket}", text, StringComparison.Ordinal);

        // Without a control socket nobody could ask it, or stop it: it does not start, and says so at once.
        var watch = Stopwatch.StartNew();
        (code, text) = await RunAsync(users, "run", "--config", config);
        Assert.Equal(1, code);
        Assert.Contains($"oops: cannot start: no control socket in {Closed}/run: permission denied; see `oops check --live`", text, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), text);
    }

    [Fact]
    public async Task Without_its_state_directory_the_routers_socket_and_the_include_it_runs_and_says_what_it_cannot_do()
    {
        LabRequires.Programs("bird", "knotd");
        await using OtherUser users = await OtherUser.PrepareAsync();
        await PrepareAsync();
        await LaunchAsync(users, await ConfigAsync("run", Closed + "/state", Open));
        await StatusAsync(users, $"journal: {Closed}/state/journal.db: permission denied");
        await StatusAsync(users, $"router/edge: edge cannot be read: bird: permission denied (is the daemon's user in the socket's group, `bird` on Debian?) at {bird.Socket}");
        // The router can be asked now, and is told to announce; its file still cannot be written.
        File.SetUnixFileMode(bird.Socket, Everybody);
        await StatusAsync(users, $"cannot write {bird.IncludeDirectory}/bird-edge.conf: permission denied");
        (int code, string text) = await RunAsync(users, "hold", "--socket", Open + "/control.sock");
        Assert.Equal(4, code);
        Assert.Contains($"refused: it would not survive a restart, the journal has stopped: {Closed}/state/journal.db: permission denied", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pidfile_that_root_has_left_is_a_warning_and_a_second_daemon_is_still_refused()
    {
        LabRequires.Programs("bird", "knotd");
        await using OtherUser users = await OtherUser.PrepareAsync();
        await PrepareAsync();
        await File.WriteAllTextAsync(Open + "/oops.pid", "");
        string config = await ConfigAsync("left", Open + "/state", Open);
        await LaunchAsync(users, config);
        Assert.Contains($"{Open}/oops.pid cannot be locked: permission denied; oops runs, but another that starts at the same instant would too; it is another user's: chown {Open}/oops.pid to the user that runs oops before the next start",
            oops!.Tail(), StringComparison.Ordinal);

        (int code, string text) = await RunAsync(users, "run", "--config", config);
        Assert.Equal(1, code);
        Assert.Contains($"cannot start: {Open}/state/oops.lock: another oops is running, pid {oops.Pid}, and has its journal here", text, StringComparison.Ordinal);
        (code, text) = await RunAsync(users, "run", "--config", await ConfigAsync("second", Open + "/other", Open));
        Assert.Equal(1, code);
        Assert.Contains("cannot start: ", text, StringComparison.Ordinal);
        Assert.Contains(Open + "/control.sock", text, StringComparison.Ordinal);

        // Another user's is told of by the kernel alone, and nothing is to be taken away from it. The stranger may enter the folder and not open what is locked there.
        (code, text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Stranger, OtherUser.Stranger, "run", "--config", await ConfigAsync("stranger", Open + "/state", Open + "/strange")));
        Assert.Equal(1, code);
        Assert.Contains($"cannot start: {Open}/state/oops.lock: another oops is running, pid {oops.Pid}, as another user, and has its journal here", text, StringComparison.Ordinal);
        Assert.DoesNotContain("remove", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_neither_root_nor_the_daemon_nor_of_its_group_is_refused_with_exit_4_and_may_read_where_the_socket_lets_him()
    {
        LabRequires.Programs("bird", "knotd");
        await using OtherUser users = await OtherUser.PrepareAsync();
        await PrepareAsync();
        await LaunchAsync(users, await ConfigAsync("peer", Open + "/state", Open));
        string socket = Open + "/control.sock";
        string[][] verbs =
        [
            ["drain", "anycast"], ["undrain"], ["hold", "--file", Open + "/elsewhere/hold"], ["unhold", "--file", Open + "/elsewhere/hold"], ["confirm"], ["reload"], ["release", "192.0.2.0/24"],
            ["override", "server-down", "ns1", "met", "--reason", "x"], ["signal", "closed", "ns1", "met"],
        ];

        // As it is made, 0660: the kernel refuses whoever is not of the group.
        Assert.Equal(Everybody & ~(UnixFileMode.OtherRead | UnixFileMode.OtherWrite), File.GetUnixFileMode(socket));
        foreach (string[] verb in (string[][])[["status"], verbs[0], verbs[2]])
        {
            (int refused, string why) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Stranger, OtherUser.Stranger, [.. verb, "--socket", socket]));
            Assert.Equal((4, $"oops: {socket}: no permission; be root or a member of its group"), (refused, why));
        }

        // Opened to everybody by somebody: reading is allowed, SO_PEERCRED refuses the rest.
        File.SetUnixFileMode(socket, Everybody);
        (int code, string text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Stranger, OtherUser.Stranger, "status", "--socket", socket));
        Assert.True(code == 0, text);
        foreach (string[] verb in verbs)
        {
            (code, text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Stranger, OtherUser.Stranger, [.. verb, "--socket", socket]));
            // A drain first says what else covers, which may be read.
            Assert.Equal((4, "oops: only root, oops itself and members of the socket's group may do this"), (code, text.Split('\n')[^1]));
            Assert.Equal(verb[0] == "drain" ? 2 : 1, text.Split('\n').Length);
        }

        // Who is in the group may.
        (code, text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Stranger, OtherUser.Daemon, "hold", "--socket", socket));
        Assert.True(code == 0, text);
    }

    async Task PrepareAsync()
    {
        Directory.CreateDirectory(Open);
        File.SetUnixFileMode(Open, Everybody | Search);
        Directory.CreateDirectory(Closed);
        File.SetUnixFileMode(Closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await bird.WriteConfigAsync();
        await bird.LaunchAsync();
        File.SetUnixFileMode(bird.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        server = LabProcess.Start(Path.Combine(directory, "server.log"), "sleep", "1000");
        await File.WriteAllTextAsync(Path.Combine(directory, "server.pid"), server.Pid.ToString(CultureInfo.InvariantCulture));
    }

    async Task<string> ConfigAsync(string name, string state, string run)
    {
        string path = Path.Combine(directory, name + ".yaml");
        await File.WriteAllTextAsync(path, $$"""
            mode: act
            servers: { ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{directory}}/server.pid, zones: { list: [one.test] } } }
            conditions: { closed: { kind: external, polarity: bad, class: local, proof: true } }
            sources: { process: [ { server: ns1, executable: [sleep] } ] }
            actions: { bird: [ { name: edge, socket: {{bird.Socket}}, include: "{{bird.Include}}" } ] }
            routes: { anycast: { prefixes: [{{Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running], withdraw-when: [server-down], rise: 0s } }
            state-directory: {{state}}
            runtime-directory: {{run}}

            """);
        return path;
    }

    async Task LaunchAsync(OtherUser users, string config)
    {
        oops = LabProcess.Start(Path.Combine(directory, "oops.log"), users.Line(OtherUser.Daemon, OtherUser.Daemon, "run", "--config", config));
        await StatusAsync(users, "mode act");
    }

    Task<(int Code, string Text)> RunAsync(OtherUser users, params string[] arguments) => OopsDaemon.RunProgramAsync(users.Line(OtherUser.Daemon, OtherUser.Daemon, arguments));

    async Task StatusAsync(OtherUser users, string part)
    {
        string last = "";
        await Wait.UntilAsync($"status says: {part}", async () =>
        {
            last = (await RunAsync(users, "status", "--socket", Open + "/control.sock")).Text;
            return last.Contains(part, StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), () => last + "\n" + oops?.Tail());
    }
}
