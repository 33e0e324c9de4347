using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Oops.Actions.Exabgp;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Actions.Exabgp;

/// <summary>The relay between clients at its socket and an ExaBGP that is two pipes; with a real one it is in the lab.</summary>
public sealed class ExabgpRelayTests : IAsyncLifetime
{
    const int Limit = 256 * 1024;

    /// <summary>What a pipe holds before its writer has to wait.</summary>
    const int Room = 4096;

    /// <summary>Nothing here takes a part of it.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly string folder = Directory.CreateTempSubdirectory("oops-relay-").FullName;
    readonly FakeTime time = new();
    readonly Pipe answers = new(new(pauseWriterThreshold: Room, resumeWriterThreshold: Room / 2));
    readonly Pipe commands = new(new(pauseWriterThreshold: Room, resumeWriterThreshold: Room / 2));
    readonly StreamReader said;
    readonly ConcurrentQueue<string> log = [];
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public ExabgpRelayTests() => said = new(commands.Reader.AsStream(), Encoding.ASCII, false, bufferSize: 128);

    string Where => Path.Combine(folder, "oops.sock");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await answers.Writer.CompleteAsync();
        await stop.CancelAsync();
        await running.WaitAsync(Patience);
        said.Dispose();
        stop.Dispose();
        Directory.Delete(folder, true);
    }

    void Start() => running = Task.Run(() => new ExabgpRelay(Where, answers.Reader.AsStream(), commands.Writer.AsStream(), log.Enqueue, time, Limit).RunAsync(stop.Token));

    static async Task UntilAsync(Func<bool> so)
    {
        for (var left = Patience; !so(); left -= TimeSpan.FromMilliseconds(10))
        {
            Assert.True(left > TimeSpan.Zero);
            await Task.Delay(10);
        }
    }

    Socket? TryConnect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Where));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    async Task<Socket> ClientAsync()
    {
        Socket? client = null;
        await UntilAsync(() => (client = TryConnect()) is not null);
        return client!;
    }

    static void Send(Socket client, string text) => client.Send(Encoding.ASCII.GetBytes(text));

    async Task SaidAsync(string line) => Assert.Equal(line, await said.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken));

    async Task AnswerAsync(byte[] bytes) => await answers.Writer.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    /// <summary>What still comes until the relay closes the connection.</summary>
    static long Rest(Socket client)
    {
        var (buffer, all) = (new byte[64 * 1024], 0L);
        try
        {
            while (client.Receive(buffer) is > 0 and var count) all += count;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed with something of ours unread.
        }

        return all;
    }

    [Fact]
    public async Task Commands_go_forth_and_answers_come_back()
    {
        Start();
        using var client = await ClientAsync();
        Send(client, "ver");
        Send(client, "sion\nshow\n");
        await SaidAsync("version");
        await SaidAsync("show");
        await AnswerAsync("done\n"u8.ToArray());
        var buffer = new byte[5];
        for (var have = 0; have < buffer.Length;) have += client.Receive(buffer.AsSpan(have));
        Assert.Equal("done\n"u8, buffer);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(Where));
        Assert.Empty(log);
    }

    [Fact]
    public async Task ExaBGP_is_read_on_while_a_client_does_not_read_until_that_one_is_closed()
    {
        Start();
        using var client = await ClientAsync();
        Send(client, "show\n");
        await SaidAsync("show");
        const int Pieces = 2048;
        for (var i = 0; i < Pieces; i++) await AnswerAsync(new byte[Room]);
        await UntilAsync(() => !log.IsEmpty);
        Assert.Contains($"does not read, and more than {Limit} bytes wait", Assert.Single(log), StringComparison.Ordinal);
        Assert.InRange(Rest(client), 0, Pieces * Room / 2);

        using var next = await ClientAsync();
        Send(next, "version\n");
        await SaidAsync("version");
        await AnswerAsync("x"u8.ToArray());
        var one = new byte[1];
        Assert.Equal(1, next.Receive(one));
        Assert.Equal((byte)'x', one[0]);
    }

    [Fact]
    public async Task A_client_that_reads_gets_more_than_the_limit()
    {
        Start();
        using var client = await ClientAsync();
        Send(client, "show\n");
        await SaidAsync("show");
        var buffer = new byte[Room];
        for (var i = 0; i < 4 * Limit / Room; i++)
        {
            await AnswerAsync(buffer);
            for (var have = 0; have < Room;) have += client.Receive(buffer.AsSpan(have));
        }

        Assert.Empty(log);
    }

    [Fact]
    public async Task Half_a_line_is_not_passed_on()
    {
        Start();
        using (var client = await ClientAsync())
        {
            Send(client, "announce one\nannounce tw");
            await SaidAsync("announce one");
        }

        using var next = await ClientAsync();
        Send(next, "withdraw three\n");
        await SaidAsync("withdraw three");
    }

    [Fact]
    public async Task A_command_without_an_end_closes_its_connection()
    {
        Start();
        using var client = await ClientAsync();
        for (var i = 0; i < ExabgpRelayClient.LongestLine / Room; i++) Send(client, new('x', Room));
        Assert.Equal(0, Rest(client));
        await UntilAsync(() => !log.IsEmpty);
        Assert.Contains("a command of more than", Assert.Single(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_client_is_served_at_once_and_what_the_one_before_had_said_unread_is_dropped()
    {
        Start();
        using var old = await ClientAsync();
        // ExaBGP does not take it all, so no more is read of this client.
        var line = new string('a', Room);
        Send(old, line + "\n");
        var seen = await commands.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        while (seen.Buffer.Length <= Room)
        {
            commands.Reader.AdvanceTo(seen.Buffer.Start, seen.Buffer.End);
            seen = await commands.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        }

        commands.Reader.AdvanceTo(seen.Buffer.Start, seen.Buffer.Start);
        Send(old, "announce old\n");
        using var idle = await ClientAsync();
        using var next = await ClientAsync();
        Assert.Equal(0, Rest(old));
        Assert.Equal(0, Rest(idle));
        Send(next, "withdraw new\n");
        await SaidAsync(line);
        await SaidAsync("withdraw new");
        Send(next, "last\n");
        await SaidAsync("last");
        Assert.Empty(log);
    }

    [Fact]
    public async Task A_client_that_is_idle_for_a_minute_is_closed()
    {
        var almost = ExabgpRelayClient.Idle - TimeSpan.FromSeconds(1);
        Start();
        using var client = await ClientAsync();
        for (var i = 0; i < 3; i++)
        {
            Send(client, $"{i}\n");
            await SaidAsync($"{i}");
            time.Advance(almost);
        }

        Assert.Equal(0, client.Available);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Rest(client));
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone_until_it_has_gone()
    {
        await File.WriteAllTextAsync(Where, "precious", TestContext.Current.CancellationToken);
        Start();
        await UntilAsync(() => !log.IsEmpty);
        Assert.EndsWith("there is a file that is no socket; it is left alone; tried again", log.First(), StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(Where, TestContext.Current.CancellationToken));
        File.Delete(Where);
        Socket? client = null;
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return (client = TryConnect()) is not null;
        });
        client!.Dispose();
    }

    [Fact]
    public async Task A_socket_where_another_listens_is_left_alone_and_one_where_nobody_does_is_replaced()
    {
        using (var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Under another name, which the runtime removes when it closes it.
            other.Bind(new UnixDomainSocketEndPoint(Where + ".other"));
            File.Move(Where + ".other", Where);
            other.Listen();
            Start();
            await UntilAsync(() => !log.IsEmpty);
            Assert.EndsWith("another program listens there; tried again", log.First(), StringComparison.Ordinal);
            Assert.True(File.Exists(Where));
        }

        Assert.True(File.Exists(Where));
        Socket? client = null;
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return (client = TryConnect()) is not null;
        });
        Send(client!, "version\n");
        await SaidAsync("version");
        client!.Dispose();
    }

    [Fact]
    public async Task It_ends_with_ExaBGP_and_its_socket_goes_with_it()
    {
        Start();
        using var client = await ClientAsync();
        Send(client, "version\n");
        await SaidAsync("version");
        await answers.Writer.CompleteAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(File.Exists(Where));
        Assert.Equal(0, Rest(client));
        Assert.Empty(log);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_still_there_when_it_has_ended()
    {
        await File.WriteAllTextAsync(Where, "precious", TestContext.Current.CancellationToken);
        Start();
        await UntilAsync(() => !log.IsEmpty);
        await answers.Writer.CompleteAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal("precious", await File.ReadAllTextAsync(Where, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_ExaBGP_that_takes_no_commands_closes_that_client_and_does_not_end_it()
    {
        Start();
        await commands.Reader.CompleteAsync(new IOException("gone"));
        await commands.Writer.CompleteAsync();
        using (var client = await ClientAsync())
        {
            Send(client, "version\n");
            Rest(client);
        }

        await UntilAsync(() => !log.IsEmpty);
        Assert.EndsWith("the connection is closed", Assert.Single(log), StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(File.Exists(Where));
    }
}
