using System.Buffers.Binary;
using Oops.Wire.Dnstap;
using Xunit;

namespace Oops.Tests.Wire.Dnstap;

public sealed class FrameTests
{
    [Fact]
    public void A_control_frame_reads_as_it_was_written()
    {
        Span<byte> to = stackalloc byte[ControlFrame.MaxWritten];
        foreach (var type in Enum.GetValues<ControlType>())
        {
            foreach (var with in new[] { true, false })
            {
                var reader = new FrameReader(to[..ControlFrame.Write(to, type, with)], 100);
                Assert.Equal(FrameKind.Control, reader.Next(out var frame));
                Assert.True(ControlFrame.TryRead(frame, out var control));
                Assert.Equal(new ControlFrame(type, with ? 1 : 0, with), control);
                Assert.Equal(FrameKind.Partial, reader.Next(out _));
            }
        }
    }

    [Fact]
    public void START_is_what_the_servers_write()
    {
        Span<byte> to = stackalloc byte[ControlFrame.MaxWritten];
        var written = to[..ControlFrame.Write(to, ControlType.Start, withDnstap: true)];
        Assert.Equal(Samples.Read("knot")[..written.Length], written.ToArray());
    }

    [Fact]
    public void The_stop_of_a_file_is_its_last_frame()
    {
        foreach (var name in Samples.Names)
            Assert.Equal([0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 3], Samples.Read(name)[^12..]);
    }

    [Fact]
    public void Another_content_type_among_several_is_no_matter_and_alone_it_is_not_ours()
    {
        byte[] other = [0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 3, (byte)'f', (byte)'o', (byte)'o'];
        Assert.True(ControlFrame.TryRead(other, out var alone));
        Assert.Equal(new ControlFrame(ControlType.Ready, 1, HasDnstap: false), alone);
        Assert.True(ControlFrame.TryRead([.. other, 0, 0, 0, 1, 0, 0, 0, 22, .. FrameStream.Dnstap], out var both));
        Assert.Equal(new ControlFrame(ControlType.Ready, 2, HasDnstap: true), both);
    }

    [Theory]
    [InlineData("")]
    [InlineData("000000")]
    [InlineData("00000000")] // no such type
    [InlineData("00000006")]
    [InlineData("0000000400")] // half a field
    [InlineData("000000040000000200000000")] // an unknown field
    [InlineData("0000000400000001FFFFFFFF")]
    [InlineData("000000040000000100000005AABBCCDD")]
    public void A_malformed_control_frame_is_refused(string hex) => Assert.False(ControlFrame.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void Cut_anywhere_a_stream_waits_for_the_rest()
    {
        var file = Samples.Read("unbound");
        var whole = Samples.Frames("unbound").Count;
        for (var cut = 0; cut <= file.Length; cut += 7)
        {
            var first = new FrameReader(file.AsSpan(0, cut), FrameStream.MaxData);
            var frames = Count(ref first);
            var second = new FrameReader(file.AsSpan(first.Consumed), FrameStream.MaxData);
            Assert.Equal(whole, frames + Count(ref second));
        }

        static int Count(ref FrameReader reader)
        {
            var count = 0;
            while (reader.Next(out _) is var kind && kind != FrameKind.Partial) count += kind == FrameKind.Data ? 1 : 0;
            return count;
        }
    }

    [Theory]
    [InlineData(100u, FrameKind.Partial)]
    [InlineData(101u, FrameKind.Long)]
    [InlineData(1u << 20, FrameKind.Long)]
    [InlineData((1u << 20) + 1, FrameKind.Broken)]
    [InlineData(uint.MaxValue, FrameKind.Broken)]
    public void Of_a_frame_that_is_too_long_only_its_head_is_taken(uint length, FrameKind kind)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(head, length);
        var reader = new FrameReader(head, 100);
        Assert.Equal(kind, reader.Next(out _));
        Assert.Equal(kind == FrameKind.Long ? 4 : 0, reader.Consumed);
        if (kind == FrameKind.Long) Assert.Equal((int)length, reader.Length);
    }

    [Theory]
    [InlineData("00000000", FrameKind.Partial)]
    [InlineData("0000000000000000", FrameKind.Broken)]
    [InlineData("0000000000000201", FrameKind.Broken)]
    [InlineData("00000000FFFFFFFF", FrameKind.Broken)]
    [InlineData("0000000000000200", FrameKind.Partial)]
    public void The_length_of_a_control_frame_is_not_trusted(string hex, FrameKind kind) => Assert.Equal(kind, new FrameReader(Convert.FromHexString(hex), 100).Next(out _));

    [Theory]
    [InlineData("", DnstapReading.Malformed)]
    [InlineData("7801", DnstapReading.Malformed)] // no message
    [InlineData("72020801", DnstapReading.Malformed)] // no type
    [InlineData("720208017801", DnstapReading.Message)]
    [InlineData("720208017802", DnstapReading.Other)]
    [InlineData("7203080178", DnstapReading.Malformed)]
    [InlineData("72FFFFFFFFFFFFFFFFFF01", DnstapReading.Malformed)]
    [InlineData("7202087F7801", DnstapReading.Message)] // a type of later years
    [InlineData("72020B017801", DnstapReading.Malformed)] // a group
    [InlineData("720208017801FF", DnstapReading.Malformed)]
    [InlineData("720308FF017801", DnstapReading.Message)]
    [InlineData("0001720208017801", DnstapReading.Malformed)] // field 0
    [InlineData("FAFFFFFF0F007202080178017801", DnstapReading.Message)] // an unknown field with the highest number
    public void A_payload_is_a_message_only_if_all_of_it_is_well_formed(string hex, DnstapReading reading) =>
        Assert.Equal(reading, DnstapMessage.TryRead(Convert.FromHexString(hex), out _));
}
