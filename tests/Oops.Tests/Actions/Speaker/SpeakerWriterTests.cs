using System.Net;
using System.Net.Sockets;
using Oops.Actions.Speaker;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

public sealed class SpeakerWriterTests : IDisposable
{
    readonly Socket ours, theirs;

    public SpeakerWriterTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 8192 };
        ours.Connect(listener.LocalEndPoint!);
        theirs = listener.Accept();
        ours.Blocking = false;
    }

    public void Dispose()
    {
        ours.Dispose();
        theirs.Dispose();
    }

    [Fact]
    public async Task What_the_socket_does_not_take_waits_and_comes_in_its_order()
    {
        string? broken = null;
        var writer = new SpeakerWriter(ours, TimeProvider.System, why => broken = why);
        const int Pieces = 600, Size = 10_000;
        for (var i = 0; i < Pieces; i++) writer.Write(Enumerable.Repeat((byte)i, Size).ToArray());
        Assert.True(writer.Waiting > 0);

        var got = new byte[Pieces * Size];
        for (var n = 0; n < got.Length;) n += await theirs.ReceiveAsync(got.AsMemory(n));
        for (var i = 0; i < got.Length; i++) Assert.Equal((byte)(i / Size), got[i]);
        await Recorder.Eventually(() => writer.Waiting == 0);
        Assert.Equal(TimeSpan.Zero, writer.Stuck);
        Assert.Null(broken);
    }

    [Fact]
    public void Who_reads_nothing_at_all_is_left()
    {
        string? broken = null;
        var writer = new SpeakerWriter(ours, TimeProvider.System, why => broken = why);
        for (var i = 0; i < 100 && broken is null; i++) writer.Write(new byte[1_000_000]);
        Assert.Equal("it does not read", broken);
        Assert.True(writer.Stuck > TimeSpan.Zero);
        writer.Close();
        writer.Write([1]);
        Assert.Equal(0, writer.Waiting);
    }
}
