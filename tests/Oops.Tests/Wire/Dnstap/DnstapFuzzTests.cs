using Oops.Wire.Dnstap;
using Xunit;

namespace Oops.Tests.Wire.Dnstap;

/// <summary>Mutations of what servers sent, through every reader: nothing throws, nothing is allocated, and no octet is consumed twice.</summary>
public sealed class DnstapFuzzTests
{
    [Fact]
    public void No_stream_makes_a_reader_throw_or_allocate()
    {
        var corpus = Samples.Names.Select(Samples.Read).ToArray();
        foreach (var file in corpus) Walk(file, 4096); // a first call may load code
        FuzzRun.Mutate(corpus, 20_000, 1, (bytes, random) => Steady(bytes, random.Next(2) == 0 ? 200 : FrameStream.MaxData));
    }

    [Fact]
    public void No_payload_makes_a_reader_throw_or_allocate()
    {
        var corpus = Samples.Names.SelectMany(Samples.Frames).ToArray();
        foreach (var frame in corpus) Payload(frame);
        FuzzRun.Mutate(corpus, 200_000, 2, (bytes, _) =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Payload(bytes);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    static void Steady(byte[] bytes, int longest)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Walk(bytes, longest);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    static void Walk(ReadOnlySpan<byte> bytes, int longest)
    {
        var reader = new FrameReader(bytes, longest);
        for (var at = -1; ; at = reader.Consumed)
        {
            var kind = reader.Next(out var frame);
            if (kind is FrameKind.Partial or FrameKind.Broken) return;
            if (reader.Consumed <= at || frame.Length > Math.Max(longest, FrameStream.MaxControl)) throw new InvalidOperationException("it does not advance, or gives more than was asked for");
            if (kind == FrameKind.Control) ControlFrame.TryRead(frame, out _);
            else if (kind == FrameKind.Data) Payload(frame);
        }
    }

    static void Payload(ReadOnlySpan<byte> frame)
    {
        if (DnstapMessage.TryRead(frame, out var message) != DnstapReading.Message) return;
        ResponseErrors.TryReadName(message.Query, out _);
        ResponseErrors.TryReadName(message.Response, out _);
        if (!ResponseErrors.TryRead(message.Response, out var errors)) return;
        var texts = 0;
        foreach (var error in errors) texts += error.Text.Length;
        if (texts > frame.Length) throw new InvalidOperationException("more text than there is");
    }
}
