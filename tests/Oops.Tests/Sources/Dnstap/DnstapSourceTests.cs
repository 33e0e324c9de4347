using System.Net;
using System.Net.Sockets;
using Oops.Core;
using Oops.Sources.Dnstap;
using Oops.Wire.Dnstap;
using Xunit;

namespace Oops.Tests.Sources.Dnstap;

public sealed class DnstapSourceTests : IAsyncDisposable
{
    readonly DnstapRig rig = new();

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Fact]
    public async Task A_host_that_lost_its_power_is_asked_whether_it_is_still_there()
    {
        await rig.ListeningAsync(rig.Target with { Path = null, Address = new(IPAddress.Loopback, 0) });
        using var server = await rig.ServerAsync();
        var (near, far) = ($"0100007F:{((IPEndPoint)rig.Source.Listening!).Port:X4}", $"0100007F:{((IPEndPoint)server.LocalEndPoint!).Port:X4}");
        // Of its end of the connection, /proc/net/tcp tells which timer runs: 02 is that of keepalive.
        await rig.UntilAsync("the kernel will ask", () => Connections().Exists(c => c[1] == near && c[2] == far && c[5].StartsWith("02:", StringComparison.Ordinal)));

        static List<string[]> Connections() => [.. System.IO.File.ReadLines("/proc/net/tcp").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }

    [Fact]
    public async Task A_server_that_dials_in_opens_the_channel_and_its_queries_and_errors_are_said()
    {
        await rig.ListeningAsync();
        Assert.Equal($"dnstap: no server has connected to {rig.Path} yet", rig.Engine.Next<ChannelLost>().Why);
        using var server = await rig.ServerAsync();
        rig.Engine.Next<ChannelOpened>();
        await SendAsync(server, Frames.Of("kresd"), Frames.Of("knot"));
        // The window is a second; what was sent is in it.
        Assert.InRange(rig.Engine.Next<ServerSignal>(s => s is { Measure: Measure.QueryRate, Value: > 0 }).Value, 1, 17);
        var codes = rig.Engine.Next<ErrorRates>(r => r.Codes.Length == 5).Codes;
        Assert.Equal([6, 15, 20, 21, 24], codes.Select(c => c.Code));
        Assert.Contains("\"EXRU\"", codes[0].Names, StringComparison.Ordinal);
        // Then nothing comes, which is a fact as long as it is connected.
        rig.Engine.Next<ServerSignal>(s => s is { Measure: Measure.QueryRate, Value: 0 });
        rig.Engine.Next<ErrorRates>(r => r.Codes.IsEmpty);
        Assert.Equal((17, 34), (rig.Source.Counts.Totals.Queries, rig.Source.Counts[FrameFate.Counted]));
    }

    [Fact]
    public async Task STOP_is_answered_with_FINISH_and_the_channel_is_lost()
    {
        await rig.ListeningAsync();
        using var server = await rig.ServerAsync();
        await SendAsync(server, Frames.Of("nsd"), Frames.Control(ControlType.Stop));
        Assert.Equal(Frames.Control(ControlType.Finish), await DnstapRig.RestAsync(server));
        Assert.Equal("dnstap: the server said STOP", rig.Engine.Next<ChannelLost>(l => l.Why.Contains("STOP", StringComparison.Ordinal)).Why);
        Assert.Equal(22, rig.Source.Counts[FrameFate.Counted]);
        // It may come again.
        using var again = await rig.ServerAsync();
        rig.Engine.Next<ChannelOpened>();
    }

    [Fact]
    public async Task A_sender_that_does_not_wait_to_be_accepted_is_heard()
    {
        await rig.ListeningAsync();
        using var server = await rig.DialAsync();
        await SendAsync(server, Frames.Control(ControlType.Start, withDnstap: true), Frames.Of("unbound"));
        await rig.UntilAsync("all is counted", () => rig.Source.Counts.Frame == 48);
    }

    [Fact]
    public async Task Only_the_last_of_several_connections_ends_the_channel()
    {
        await rig.ListeningAsync();
        var one = await rig.ServerAsync();
        rig.Engine.Next<ChannelOpened>();
        using var two = await rig.ServerAsync();
        await SendAsync(one, Frames.Of("dnsdist"));
        await SendAsync(two, Frames.Of("dnsdist"));
        await rig.UntilAsync("both are counted", () => rig.Source.Counts.Totals.Queries == 6);
        one.Dispose();
        rig.Engine.None<ChannelLost>(300);
        two.Dispose();
        Assert.Equal("dnstap: the server closed the connection", rig.Engine.Next<ChannelLost>().Why);
    }

    [Fact]
    public async Task Another_content_type_is_refused_with_the_reason()
    {
        await rig.ListeningAsync();
        using var server = await rig.DialAsync();
        await SendAsync(server, [0, 0, 0, 0, 0, 0, 0, 15, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 3, (byte)'f', (byte)'o', (byte)'o']);
        Assert.Empty(await DnstapRig.RestAsync(server));
        Assert.Contains("another content type", rig.Engine.Next<ChannelLost>(l => l.Why.Contains("offers", StringComparison.Ordinal)).Why, StringComparison.Ordinal);
        Assert.Equal(1, rig.Source.Counts[ConnectionEnd.WrongContent]);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\0\0\0\0\0\0\0\u0004\0\0\0\u0003")] // STOP at the beginning
    [InlineData("\0\0\0\0\u007f\u007f\u007f\u007f")]
    public async Task What_is_no_handshake_is_closed_and_counted(string text)
    {
        await rig.ListeningAsync();
        using var server = await rig.DialAsync();
        await SendAsync(server, System.Text.Encoding.Latin1.GetBytes(text));
        Assert.Empty(await DnstapRig.RestAsync(server));
        await rig.UntilAsync("it is counted", () => rig.Source.Counts[ConnectionEnd.NoHandshake] == 1);
    }

    [Fact]
    public async Task Who_says_nothing_is_closed()
    {
        await rig.ListeningAsync(rig.Target with { Patience = TimeSpan.FromMilliseconds(100) });
        using var server = await rig.DialAsync();
        await server.SendAsync(Frames.Control(ControlType.Ready, withDnstap: true)[..7]);
        Assert.Empty(await DnstapRig.RestAsync(server));
        await rig.UntilAsync("it is counted", () => rig.Source.Counts[ConnectionEnd.NoHandshake] == 1);
    }

    [Fact]
    public async Task Garbage_and_giants_are_counted_and_the_connection_stays()
    {
        await rig.ListeningAsync();
        using var server = await rig.ServerAsync();
        await SendAsync(server, Frames.Data([1, 2, 3, 4]), Frames.Data(new byte[1 << 20]), Frames.Of("knot"), Frames.Data(new byte[FrameTally.Longest]), Frames.Of("bind"));
        await rig.UntilAsync("all is counted", () => rig.Source.Counts.Frame == 52);
        var counts = rig.Source.Counts;
        Assert.Equal((47, 2, 2, 1, 25), (counts[FrameFate.Counted], counts[FrameFate.Ignored], counts[FrameFate.Malformed], counts[FrameFate.Giant], counts.Totals.Queries));
    }

    [Fact]
    public async Task A_stream_that_loses_its_place_is_closed()
    {
        await rig.ListeningAsync();
        using var server = await rig.ServerAsync();
        await SendAsync(server, Frames.Of("knot"), [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
        await DnstapRig.RestAsync(server);
        Assert.Contains("no Frame Stream any more", rig.Engine.Next<ChannelLost>(l => l.Why.Contains("any more", StringComparison.Ordinal)).Why, StringComparison.Ordinal);
        Assert.Equal((1, 24), (rig.Source.Counts[ConnectionEnd.Broken], rig.Source.Counts[FrameFate.Counted]));
    }

    [Fact]
    public async Task A_thousand_connections_are_survived_and_those_beyond_the_bound_counted()
    {
        await rig.ListeningAsync(rig.Target with { Connections = 8 });
        using var server = await rig.ServerAsync();
        await rig.UntilAsync("it has begun", () => rig.Source.Counted.Single(c => c.Name == "open").Value == 1);
        var crowd = new List<Socket>();
        for (var i = 0; i < 1000; i++)
        {
            crowd.Add(await rig.DialAsync());
            if (i % 100 == 0) await SendAsync(server, Frames.Of("knot"));
        }

        await rig.UntilAsync("all are seen", () => rig.Source.Counts.RefusedConnections == 1000 - 7);
        await rig.UntilAsync("the server is heard", () => rig.Source.Counts.Totals.Queries == 120);
        crowd.ForEach(s => s.Dispose());
        using var after = await rig.ServerAsync();
        await SendAsync(after, Frames.Of("nsd"));
        await rig.UntilAsync("the next one too", () => rig.Source.Counts.Totals.Queries == 131);
    }

    [Fact]
    public async Task What_is_sent_is_what_is_counted_and_shed()
    {
        // Behind at once: so that the numbers are tried, not this machine.
        await rig.ListeningAsync(rig.Target with { Behind = TimeSpan.FromTicks(1) });
        using var server = await rig.ServerAsync();
        var chunk = Enumerable.Repeat(Frames.Of("knot"), 200).SelectMany(f => f).ToArray();
        const int Chunks = 50;
        for (var i = 0; i < Chunks; i++) await server.SendAsync(chunk);
        await rig.UntilAsync("all has come", () => rig.Source.Counts.Frame == 24 * 200 * Chunks);
        var (counted, shed) = (rig.Source.Counts[FrameFate.Counted], rig.Source.Counts[FrameFate.Shed]);
        Assert.Equal(24 * 200 * Chunks, counted + shed);
        Assert.Equal(counted, rig.Source.Counts.Totals.Looked);
        Assert.True(shed > 0, "nothing was shed");
        // The machine hears of every one that was shed.
        await rig.UntilAsync("it is told", () => rig.Engine.All.Select(a => a.Input).OfType<Shed>().Sum(s => s.Count) == shed);
    }

    [Fact]
    public async Task A_stale_socket_is_replaced_and_has_its_mode()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(rig.Path + ".dead"));
            // Another name of it survives the removal by the runtime, as a kill -9 would leave the file.
            Assert.Equal(0, Link(rig.Path + ".dead", rig.Path));
        }

        Assert.True(File.Exists(rig.Path));
        await rig.ListeningAsync(rig.Target with { Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(rig.Path));
        using var server = await rig.ServerAsync();
        rig.Engine.Next<ChannelOpened>();
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone()
    {
        await File.WriteAllTextAsync(rig.Path, "precious");
        rig.Start();
        Assert.Contains("a file that is no socket", rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(rig.Path));
        // Once it is gone, all is well.
        File.Delete(rig.Path);
        await rig.UntilAsync("it listens", () => rig.Source.Listening is not null);
    }

    [Fact]
    public async Task Where_another_program_listens_it_is_left_alone()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(rig.Path));
        other.Listen();
        rig.Start();
        Assert.Contains("another program listens there", rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        Assert.True(File.Exists(rig.Path));
    }

    [Fact]
    public async Task A_group_that_is_not_there_is_said()
    {
        rig.Start(rig.Target with { Group = "nobody-has-this-group" });
        Assert.Contains("there is no group nobody-has-this-group", rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        Assert.False(File.Exists(rig.Path));
        await rig.EndAsync();
    }

    [Fact]
    public async Task A_server_over_TCP_is_heard()
    {
        await rig.ListeningAsync(rig.Target with { Path = null, Address = new IPEndPoint(IPAddress.Loopback, 0) });
        using var server = await rig.ServerAsync();
        await SendAsync(server, Frames.Of("dnsdist"));
        await rig.UntilAsync("it is heard", () => rig.Source.Counts.Totals.Queries == 3);
    }

    [Fact]
    public async Task After_its_end_the_socket_is_gone_and_the_connections_are_closed()
    {
        await rig.ListeningAsync();
        using var server = await rig.ServerAsync();
        await rig.EndAsync();
        Assert.Empty(await DnstapRig.RestAsync(server));
        Assert.False(File.Exists(rig.Path));
    }

    static async Task SendAsync(Socket to, params byte[][] pieces)
    {
        foreach (var piece in pieces)
            for (var rest = piece.AsMemory(); !rest.IsEmpty;) rest = rest[await to.SendAsync(rest)..];
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "link", SetLastError = true)]
    static extern int Link([System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string from, [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string to);
}
