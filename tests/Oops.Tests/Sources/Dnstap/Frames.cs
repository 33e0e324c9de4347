using System.Buffers.Binary;
using Oops.Tests.Wire.Dnstap;
using Oops.Wire.Dns;
using Oops.Wire.Dnstap;

namespace Oops.Tests.Sources.Dnstap;

/// <summary>Octets of Frame Streams, made here or taken from what servers sent.</summary>
internal static class Frames
{
    public static byte[] Control(ControlType type, bool withDnstap = false)
    {
        var frame = new byte[ControlFrame.MaxWritten];
        return frame[..ControlFrame.Write(frame, type, withDnstap)];
    }

    public static byte[] Data(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[4 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length);
        payload.CopyTo(frame.AsSpan(4));
        return frame;
    }

    /// <summary>The data frames of a captured file, each with its length in front.</summary>
    public static byte[] Of(string sample) => [.. Samples.Frames(sample).SelectMany(f => Data(f))];

    /// <summary>A message of the type, with a DNS message where there is one.</summary>
    public static byte[] Message(DnstapType type, byte[]? dns = null)
    {
        List<byte> inner = [8, (byte)type];
        if (dns is not null) inner.AddRange([(byte)(((int)type & 1) == 1 ? 0x52 : 0x72), .. Varint(dns.Length), .. dns]);
        return Data([0x72, .. Varint(inner.Count), .. inner, 0x78, 1]);
    }

    /// <summary>The same, of a client at 192.0.2.7 over that transport (2 is TCP, 1 UDP).</summary>
    public static byte[] Of(DnstapType type, byte protocol, byte[] dns)
    {
        List<byte> inner = [8, (byte)type, 0x18, protocol, 0x22, 4, 192, 0, 2, 7, (byte)(((int)type & 1) == 1 ? 0x52 : 0x72), .. Varint(dns.Length), .. dns];
        return Data([0x72, .. Varint(inner.Count), .. inner, 0x78, 1]);
    }

    /// <summary>A SERVFAIL for the name, with these INFO-CODEs.</summary>
    public static byte[] Response(string name, params ushort[] codes)
    {
        var buffer = new byte[4096];
        if (!DnsName.TryParse(name, out var asked)) throw new ArgumentException(name);
        List<byte> message = [0, 1, 0x80, 2, 0, 1, 0, 0, 0, 0, 0, 1, .. asked.Wire, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0];
        var options = codes.SelectMany(c => new byte[] { 0, 15, 0, 4, (byte)(c >> 8), (byte)c, (byte)'w', (byte)'y' }).ToArray();
        return [.. message, (byte)(options.Length >> 8), (byte)options.Length, .. options];
    }

    static byte[] Varint(int value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
