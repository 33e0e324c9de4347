using System.Text;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class DatagramSocketTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly DatagramSocket sender = new();
    readonly byte[] buffer = new byte[4096];

    string Path => System.IO.Path.Combine(folder.Path, "s");

    [Fact]
    public void A_datagram_comes_with_its_senders_pid()
    {
        using var receiver = Bound();
        Assert.Equal(0, sender.Send("READY=1"u8, Path, Environment.ProcessId, []));
        Assert.True(receiver.TryReceive(buffer, out var datagram));
        Assert.Equal(("READY=1", Environment.ProcessId, false), (Encoding.ASCII.GetString(buffer, 0, datagram.Length), datagram.Pid, datagram.IsCut));
        Assert.False(receiver.TryReceive(buffer, out _));
    }

    [Fact]
    public void Another_process_is_the_one_that_the_kernel_saw()
    {
        using var receiver = Bound();
        using var other = new ChildProcess("perl", "-MSocket", "-e", "socket(S, AF_UNIX, SOCK_DGRAM, 0); send(S, 'X', 0, sockaddr_un($ARGV[0])); sleep 60", Path);
        Assert.Equal(other.Pid, Next(receiver).Pid);
    }

    [Fact]
    public void Descriptors_come_along_and_are_closed_once()
    {
        using var receiver = Bound();
        using var file = Descriptor.TryOpenToRead("/dev/null", out _)!;
        Assert.Equal(0, sender.Send("BARRIER=1"u8, Path, Environment.ProcessId, [file, file]));
        var datagram = Next(receiver);
        Assert.Equal(2, datagram.Files.Length);
        foreach (var came in datagram.Files)
        {
            Assert.Equal("/dev/null", new FileInfo($"/proc/self/fd/{came.DangerousGetHandle()}").LinkTarget);
            came.Dispose();
        }
    }

    [Fact]
    public void As_many_descriptors_as_the_kernel_lets_through_are_taken()
    {
        using var receiver = Bound();
        using var file = Descriptor.TryOpenToRead("/dev/null", out _)!;
        Assert.Equal(0, sender.Send("FDSTORE=1"u8, Path, Environment.ProcessId, Enumerable.Repeat(file, 253).ToArray()));
        var datagram = Next(receiver);
        Assert.Equal(253, datagram.Files.Length);
        foreach (var came in datagram.Files) came.Dispose();
    }

    [Fact]
    public void What_is_longer_than_the_buffer_is_cut()
    {
        using var receiver = Bound();
        Assert.Equal(0, sender.Send(new byte[buffer.Length + 1], Path, Environment.ProcessId, []));
        Assert.True(Next(receiver).IsCut);
    }

    [Fact]
    public void A_full_queue_makes_nobody_wait()
    {
        using var receiver = Bound();
        var sent = 0;
        while (sent < 100_000 && sender.Send("X"u8, Path, Environment.ProcessId, []) is var errno && errno == 0) sent++;
        Assert.Equal(Errno.Again, sender.Send("X"u8, Path, Environment.ProcessId, []));
        for (var i = 0; i < sent; i++) Assert.True(receiver.TryReceive(buffer, out _));
    }

    [Fact]
    public void What_nobody_listens_at_any_more_is_replaced_and_goes_with_its_socket()
    {
        using (var left = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Dgram, 0))
        {
            left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path + ".left"));
            File.Move(Path + ".left", Path);
        }

        using (Bound())
            Assert.Equal(0, sender.Send("X"u8, Path, Environment.ProcessId, []));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void What_is_somebody_elses_is_not_taken()
    {
        using var receiver = Bound();
        using var second = new DatagramSocket();
        Assert.Contains("is there already", second.Bind(Path), StringComparison.Ordinal);
        var file = System.IO.Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "kept");
        Assert.Contains("is there already", second.Bind(file), StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(file));
    }

    [Fact]
    public void An_abstract_name_is_an_address_and_an_absent_folder_a_reason()
    {
        using var receiver = new DatagramSocket();
        var name = "@oops-test-" + Guid.NewGuid().ToString("n");
        Assert.Null(receiver.Bind(name));
        Assert.Equal(0, sender.Send("X"u8, name, Environment.ProcessId, []));
        using var other = new DatagramSocket();
        Assert.Contains("No such file", other.Bind("/nonexistent/s"), StringComparison.Ordinal);
        Assert.Equal(Errno.NoEntry, sender.Send("X"u8, "/nonexistent/s", Environment.ProcessId, []));
    }

    public void Dispose()
    {
        sender.Dispose();
        folder.Dispose();
    }

    DatagramSocket Bound()
    {
        var receiver = new DatagramSocket();
        Assert.Null(receiver.Bind(Path));
        return receiver;
    }

    Datagram Next(DatagramSocket receiver)
    {
        using var epoll = new Epoll();
        epoll.Add(receiver.Handle, EpollEvents.In, 1);
        Assert.Equal(1, epoll.Wait(new EpollReady[1], TimeSpan.FromSeconds(10)));
        Assert.True(receiver.TryReceive(buffer, out var datagram));
        epoll.Remove(receiver.Handle);
        return datagram;
    }
}
