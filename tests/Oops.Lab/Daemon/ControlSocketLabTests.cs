using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>Both ends of the control socket with a peer that does not behave.</summary>
public sealed class ControlSocketLabTests
{
    /// <summary>A little over the server's patience with a client: 5 s for a head, and as much for a body that does not come.</summary>
    static readonly TimeSpan ServerEnds = TimeSpan.FromSeconds(12);

    [Fact]
    public async Task A_client_that_sends_half_a_request_and_hangs_blocks_nobody_and_is_shown_the_door()
    {
        await using var node = new Node { More = "metrics: { listen: 127.0.0.1@9153 }" };
        await node.StartAsync();
        string[] halves = ["GET /sta", "POST /hold HTTP/1.1\r\nHost: oops\r\nContent-Length: 100\r\n\r\n{\"for\":", "GET /status HTTP/1.1\r\nHost: oops\r\n"];
        var hanging = new List<Socket>();
        try
        {
            for (int i = 0; i < 90; i++)
                hanging.Add(await ConnectAsync(node.Oops.ControlSocket, halves[i % 3]));
            // Those of the metrics' address are counted for themselves: even all of them leave the control socket alone.
            for (int i = 0; i < 220; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                hanging.Add(socket);
                await socket.ConnectAsync("127.0.0.1", 9153);
            }

            var watch = Stopwatch.StartNew();
            Assert.Equal(RouteState.Announced, (await node.RouteAsync()).State);
            (int code, string text) = await node.Oops.RunAsync("hold");
            Assert.True(code == 0, text);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"{watch.Elapsed.TotalSeconds:0.0} s");

            using var late = new CancellationTokenSource(ServerEnds);
            foreach (Socket socket in hanging)
                await EndAsync(socket, late.Token);
        }
        finally
        {
            foreach (Socket socket in hanging)
                socket.Dispose();
        }

        Assert.Equal(RouteState.Announced, (await node.RouteAsync()).State);
        // Half a request was none: the one hold is ours.
        Assert.Equal(0, (await node.Oops.RunAsync("unhold")).Code);
        Assert.DoesNotContain("hold: held by", await node.StatusAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_that_start_at_the_same_instant_over_a_dead_socket_one_runs_and_the_other_names_it()
    {
        await using var oops = new OopsDaemon();
        await oops.StartAsync("mode: observe\nservers: { ns1: { kind: knot } }");
        await oops.Process.EndAsync(LabProcess.KillNow);
        Assert.True(File.Exists(oops.ControlSocket));
        string log = Path.GetDirectoryName(oops.ConfigPath)!;
        await using var one = LabProcess.Start(log + "/one.log", Side.Node, null, OopsDaemon.Binary!, "run", oops.ConfigPath);
        await using var two = LabProcess.Start(log + "/two.log", Side.Node, null, OopsDaemon.Binary!, "run", oops.ConfigPath);
        string State() => one.Tail() + two.Tail();
        await Wait.UntilAsync("one of them has ended", () => Task.FromResult(!one.Running || !two.Running), state: State);
        var (runs, ended) = one.Running ? (one, two) : (two, one);
        Assert.Contains($"cannot start: {oops.RuntimeDirectory}/oops.pid: another oops is running, pid {runs.Pid}", ended.Tail(), StringComparison.Ordinal);
        Assert.Equal(Verb.Failed, ended.ExitCode);
        await Wait.UntilAsync("the other answers", async () => (await oops.RunAsync("status")).Code == 0, state: State);
        Assert.True(runs.Running, State());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"v\":1,\"te", true, Verb.TimedOut, "no complete answer within")]
    [InlineData("HTTP/1.1 20", true, Verb.TimedOut, "no complete answer within")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"v\":1,\"te", false, Verb.Failed, "the connection was lost before the answer was complete")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", true, Verb.Failed, "does not speak as oops does")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", true, Verb.Failed, "does not speak as oops does")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 30\r\n\r\n{\"v\":1,\"error\":\"oops is busy\"}", true, Verb.Failed, "oops is busy")]
    public async Task A_control_socket_that_answers_half_a_line_or_something_else_ends_the_command_with_the_reason(string answer, bool hangs, int exit, string why)
    {
        using var server = new HalfServer(answer, hangs);
        // In-process, so as to be impatient; what a verb makes of it is the next test's. A connection each: the server has one answer.
        using var client = new ControlClient(server.Path, TimeSpan.FromSeconds(1));
        using var other = new ControlClient(server.Path);
        var outcomes = new List<(int Exit, string Text)>();
        try
        {
            var (_, text) = await client.GetAsync("/status", ControlJson.Default.StatusAnswer, TestContext.Current.CancellationToken);
            outcomes.Add((Verb.Failed, text));
        }
        catch (NoDaemonException e)
        {
            outcomes.Add((e.Exit, e.Message));
        }

        try
        {
            VerbAnswer said = await other.PostAsync("drain", new(), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            outcomes.Add((said.Exit, said.Text));
        }
        catch (NoDaemonException e)
        {
            outcomes.Add((e.Exit, e.Message));
        }

        Assert.All(outcomes, o =>
        {
            Assert.Equal(exit, o.Exit);
            Assert.Contains(why, o.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_daemon_that_hangs_ends_status_with_exit_3_and_leaves_the_break_glass_file_to_hold()
    {
        LabRequires.Programs();
        using var server = new HalfServer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"v\":1,\"te", hangs: true);
        string file = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(server.Path)!, "hold");
        var watch = Stopwatch.StartNew();
        Task<(int Code, string Text)> status = OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "status", "--socket", server.Path);
        (int code, string text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "hold", "--file", file, "--socket", server.Path);
        Assert.True(code == 0 && File.Exists(file), text);
        Assert.Contains("no complete answer within 8 s", text, StringComparison.Ordinal);
        Assert.Contains("birdc", text, StringComparison.Ordinal);
        Assert.Equal((3, $"oops: {server.Path}: no complete answer within 12 s"), await status);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(25), $"{watch.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task A_hundred_thousand_signals_at_once_are_all_answered_and_a_crash_among_them_is_withdrawn_as_fast_as_ever()
    {
        const int Connections = 4;
        const int Each = 25_000;
        await using var node = new Node();
        await node.StartAsync();
        long before = ResidentKilobytes(node.Oops.Process.Pid);
        var watch = Stopwatch.StartNew();
        Task<int>[] floods = [.. Enumerable.Range(0, Connections).Select(_ => FloodAsync(node.Oops.ControlSocket, Each))];
        Task<int[]> all = Task.WhenAll(floods);

        var killed = Stopwatch.StartNew();
        node.Knot.Process.Signal(LabProcess.KillNow);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4, Node.Soon);
        TimeSpan withdrawn = killed.Elapsed;
        bool during = !all.IsCompleted;

        Assert.Equal(Connections * Each, (await all.WaitAsync(TimeSpan.FromSeconds(60))).Sum());
        watch.Stop();
        long after = ResidentKilobytes(node.Oops.Process.Pid);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Connections * Each / watch.Elapsed.TotalSeconds:0} signals/s over the control socket; withdrawn {withdrawn.TotalMilliseconds:0} ms after the kill{(during ? ", amid them" : "")}; {before / 1024} -> {after / 1024} MB resident"));
        Assert.True(withdrawn < TimeSpan.FromSeconds(1), $"{withdrawn.TotalMilliseconds:0} ms");
        Assert.True(after - before < 150 * 1024, $"{before} -> {after} kB");

        // The last word stands.
        Assert.Equal(0, (await node.Oops.RunAsync("signal", "closed", "ns1", "met", "last=word")).Code);
        (int code, string text) = await node.Oops.RunAsync("explain", "condition/closed/ns1");
        Assert.True(code == 0 && text.Contains("last=word", StringComparison.Ordinal), text);
        Assert.DoesNotContain("faults", await node.StatusAsync(), StringComparison.Ordinal);
    }

    /// <summary>Requests without waiting for answers, as many as the socket takes; gives how many answers were 200.</summary>
    static async Task<int> FloodAsync(string path, int count)
    {
        using Socket socket = await ConnectAsync(path, "");
        byte[][] requests = [.. new[] { "met", "not-met" }.Select(state =>
        {
            string body = $$"""{"condition":"closed","subject":"ns1","state":"{{state}}"}""";
            return Encoding.ASCII.GetBytes($"POST /signal HTTP/1.1\r\nHost: oops\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        })];
        byte[] batch = [.. Enumerable.Range(0, 100).SelectMany(i => requests[i % 2])];
        Task sending = Task.Run(async () =>
        {
            for (int sent = 0; sent < count; sent += 100)
                for (ReadOnlyMemory<byte> rest = batch; rest.Length > 0;)
                    rest = rest[await socket.SendAsync(rest)..];
        });
        int answered = 0;
        var buffer = new byte[65536];
        int kept = 0;
        while (answered < count)
        {
            int got = await socket.ReceiveAsync(buffer.AsMemory(kept));
            if (got == 0)
                break;
            ReadOnlySpan<byte> text = buffer.AsSpan(0, kept + got);
            for (int at; (at = text.IndexOf("HTTP/1.1 200"u8)) >= 0; answered++)
                text = text[(at + 12)..];
            // A part of the next one may be at the end.
            ReadOnlySpan<byte> tail = text[Math.Max(0, text.Length - 11)..];
            kept = tail.Length;
            tail.CopyTo(buffer);
        }

        await sending;
        return answered;
    }

    static long ResidentKilobytes(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    static async Task<Socket> ConnectAsync(string path, string text)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        if (text.Length > 0)
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return socket;
    }

    /// <summary>Waits for the other side's end of the connection, whatever it says before.</summary>
    static async Task EndAsync(Socket socket, CancellationToken late)
    {
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, late) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>A control socket that says one thing to whoever comes, and then nothing.</summary>
    sealed class HalfServer : IDisposable
    {
        readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        readonly List<Socket> open = [];

        public HalfServer(string answer, bool hangs)
        {
            Path = System.IO.Path.Combine(Harness.Lab.FreshDirectory("half"), "control.sock");
            listener.Bind(new UnixDomainSocketEndPoint(Path));
            listener.Listen();
            _ = AcceptAsync(Encoding.ASCII.GetBytes(answer), hangs);
        }

        public string Path { get; }

        public void Dispose()
        {
            listener.Dispose();
            lock (open)
                open.ForEach(s => s.Dispose());
        }

        async Task AcceptAsync(byte[] answer, bool hangs)
        {
            var buffer = new byte[4096];
            try
            {
                while (true)
                {
                    Socket socket = await listener.AcceptAsync();
                    lock (open)
                        open.Add(socket);
                    await socket.ReceiveAsync(buffer);
                    await socket.SendAsync(answer);
                    if (!hangs)
                        socket.Dispose();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
