using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class BootClockTests
{
    [Fact]
    public void It_moves_forward_and_is_the_time_since_boot()
    {
        var first = BootClock.Now;
        Assert.True(BootClock.Now >= first);
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(first.Ticks / (double)TimeSpan.TicksPerSecond, uptime - 5, uptime + 1);
    }

    [Fact]
    public void The_wall_clock_agrees_with_the_runtimes() =>
        Assert.InRange((DateTimeOffset.UtcNow - BootClock.Wall).TotalSeconds, -1, 1);

    [Fact]
    public void Synchronisation_can_be_asked_for()
    {
        // Its value depends on the machine; that it can be read twice alike does not.
        Assert.Equal(BootClock.IsWallSynchronised, BootClock.IsWallSynchronised);
    }
}

public sealed class PeerCredentialsTests
{
    [Fact]
    public void A_unix_peer_is_known_by_pid_and_user()
    {
        using var folder = new TemporaryFolder();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder.File("s")));
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(folder.File("s")));
        Assert.True(PeerCredentials.TryRead(client, out var peer));
        Assert.Equal(Environment.ProcessId, peer.Pid);
        using var accepted = listener.Accept();
        Assert.True(PeerCredentials.TryRead(accepted, out var caller));
        Assert.Equal(peer, caller);
    }

    [Fact]
    public void Other_sockets_have_none()
    {
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.False(PeerCredentials.TryRead(udp, out _));
        udp.Dispose();
        Assert.False(PeerCredentials.TryRead(udp, out _));
    }
}

public sealed class DurableTests : IDisposable
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_is_replaced_whole_with_exactly_the_mode()
    {
        var path = folder.File("x.conf");
        Assert.True(Durable.TryWrite(path, "one\n"u8, UnixFileMode.UserRead | UnixFileMode.UserWrite, out _));
        using var reader = new StreamReader(path);
        Assert.True(Durable.TryWrite(path, "two\n"u8, Mode, out _));
        Assert.Equal("two\n", File.ReadAllText(path));
        Assert.Equal(Mode, File.GetUnixFileMode(path));
        Assert.Equal("one\n", reader.ReadToEnd());
        Assert.Equal(["x.conf"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_crash_left_behind_is_in_nobodys_way()
    {
        File.WriteAllText(folder.File(".x.conf.tmp"), "half");
        Assert.True(Durable.TryWrite(folder.File("x.conf"), "whole"u8, Mode, out _));
        Assert.Equal("whole", File.ReadAllText(folder.File("x.conf")));
    }

    [Fact]
    public void A_missing_folder_and_a_folder_in_the_way_are_reasons()
    {
        Assert.False(Durable.TryWrite(folder.File("none/x"), "x"u8, Mode, out var why));
        Assert.Contains("none/x", why, StringComparison.Ordinal);
        Directory.CreateDirectory(folder.File("dir"));
        Assert.False(Durable.TryWrite(folder.File("dir"), "x"u8, Mode, out why));
        Assert.NotEmpty(why);
        Assert.Equal(["dir"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
