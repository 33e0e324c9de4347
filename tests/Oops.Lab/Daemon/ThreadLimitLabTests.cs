using System.Globalization;
using Oops.Commands;
using Oops.Control;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>The limit of threads and processes is reached while the daemon runs: other processes of the machine may have eaten them, and then a DNS server may be dying, too.</summary>
public sealed class ThreadLimitLabTests : IAsyncDisposable
{
    readonly string directory = Harness.Lab.FreshDirectory("threads");
    readonly List<LabProcess> processes = [];

    // The runtime ends a thread of its pool after 20 s without work.
    static readonly Dictionary<string, string> Impatient = new() { ["DOTNET_ThreadPool_ThreadTimeoutMs"] = "200" };

    string Socket => directory + "/run/control.sock";

    public async ValueTask DisposeAsync()
    {
        foreach (LabProcess process in processes)
            await process.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_thread_to_be_had_it_lives_answers_and_believes_the_kernel_and_commands_are_back_with_the_threads()
    {
        LabRequires.Programs("prlimit", "setpriv", "sleep");
        await using OtherUser users = await OtherUser.PrepareAsync();
        LabProcess server = Launch("server", "sleep", "1000");
        LabProcess oops = Launch("oops", users.Line(OtherUser.Daemon, OtherUser.Daemon, "run", "--config", await ConfigAsync(server)));
        await ExplainsAsync("condition/well/ns1", "met");

        await LimitAsync(oops, "2");
        await ExplainsAsync("condition/well/ns1", "unknown");
        await ExplainsAsync("condition/server-down/ns1", "not-met");
        // Each is work for the pool, whose threads have gone meanwhile if nothing keeps them.
        for (int i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700));
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(oops)));
        }

        Assert.True(oops.Signal(LabProcess.Hup));
        await Wait.UntilAsync("the config is read again", () => oops.Tail(100).Contains("the config is unchanged", StringComparison.Ordinal), state: () => oops.Tail());
        await server.EndAsync(LabProcess.KillNow);
        await ExplainsAsync("condition/server-down/ns1", "met");

        await LimitAsync(oops, "1000");
        await ExplainsAsync("condition/well/ns1", "met");
        await oops.EndAsync();
        Assert.True(oops.ExitCode == 0, oops.Tail());
    }

    async Task AskAsync(LabProcess oops)
    {
        using var client = new ControlClient(Socket);
        (StatusAnswer? status, string text) = await client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.True(status is not null, text + oops.Tail());
    }

    LabProcess Launch(string name, params string[] argv)
    {
        processes.Add(LabProcess.Start(Path.Combine(directory, name + ".log"), Side.Node, Impatient, argv));
        return processes[^1];
    }

    // The soft limit only: whoever owns the process may raise it again.
    async Task LimitAsync(LabProcess oops, string most)
    {
        (int code, string text) = await OopsDaemon.RunProgramAsync("setpriv", $"--reuid={OtherUser.Daemon}", $"--regid={OtherUser.Daemon}", "--clear-groups",
            "prlimit", "--pid", oops.Pid.ToString(CultureInfo.InvariantCulture), $"--nproc={most}:");
        Assert.True(code == 0, text);
    }

    async Task<string> ConfigAsync(LabProcess server)
    {
        foreach (string folder in (string[])["run", "state"])
        {
            Directory.CreateDirectory(Path.Combine(directory, folder));
            File.SetUnixFileMode(Path.Combine(directory, folder), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        }

        await File.WriteAllTextAsync(directory + "/server.pid", server.Pid.ToString(CultureInfo.InvariantCulture));
        await File.WriteAllTextAsync(directory + "/oops.yaml", $$"""
            mode: observe
            servers: { ns1: { kind: other, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{directory}}/server.pid, zones: { list: [one.test] } } }
            conditions: { well: { kind: external, polarity: good } }
            sources:
              process: [ { server: ns1, executable: [sleep] } ]
              check: [ { server: ns1, condition: well, command: [/bin/true], interval: 200ms } ]
            state-directory: {{directory}}/state
            runtime-directory: {{directory}}/run

            """);
        return directory + "/oops.yaml";
    }

    async Task ExplainsAsync(string subject, string state)
    {
        string last = "";
        await Wait.UntilAsync($"{subject} is {state}", async () =>
        {
            last = (await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "explain", subject, "--json", "--socket", Socket)).Text;
            return last.Contains($"\"state\":\"{state}\"", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), () => last + "\n" + string.Join('\n', processes.Select(p => p.Tail())));
    }
}
