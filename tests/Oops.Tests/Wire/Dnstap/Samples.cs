using Oops.Wire.Dnstap;
using Xunit;

namespace Oops.Tests.Wire.Dnstap;

/// <summary>The captured files of tests/vectors/dnstap; where they come from is in its README.</summary>
internal static class Samples
{
    public static readonly string[] Names = ["knot", "nsd", "bind", "unbound", "recursor", "dnsdist", "kresd"];

    /// <summary>The whole file.</summary>
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "dnstap", name + ".fstrm"));

    /// <summary>Its data frames, without their lengths.</summary>
    public static List<byte[]> Frames(string name)
    {
        List<byte[]> frames = [];
        var file = Read(name);
        var reader = new FrameReader(file, FrameStream.MaxData);
        while (reader.Next(out var frame) is var kind && kind != FrameKind.Partial)
        {
            Assert.NotEqual(FrameKind.Broken, kind);
            if (kind == FrameKind.Data) frames.Add(frame.ToArray());
        }

        Assert.Equal(file.Length, reader.Consumed);
        return frames;
    }
}
