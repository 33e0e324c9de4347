using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>An OPT record as a view on its message (RFC 6891, 6.1).</summary>
public readonly ref struct Edns
{
    Edns(DnsRecord record)
    {
        UdpSize = (ushort)record.Class;
        RcodeBits = (byte)(record.Ttl >> 24);
        Version = (byte)(record.Ttl >> 16);
        Options = record.Data;
    }

    /// <summary>UDP payload that the sender can take, in octets, as written: below 512 means 512.</summary>
    public ushort UdpSize { get; }

    /// <summary>The upper eight bits of the response code.</summary>
    public byte RcodeBits { get; }

    public byte Version { get; }

    /// <summary>The options, checked to be well formed; walk them with <see cref="TryNext"/>.</summary>
    public ReadOnlySpan<byte> Options { get; }

    /// <summary>False if the options do not fill the record exactly, or the owner is not the root.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRead(ReadOnlySpan<byte> message, scoped in DnsRecord record, out Edns edns)
    {
        edns = default;
        if (record.Type != DnsType.Opt || message[record.Start] != 0)
            return false;
        var rest = record.Data;
        while (!rest.IsEmpty)
        {
            if (!TryNext(ref rest, out _, out _))
                return false;
        }

        edns = new Edns(record);
        return true;
    }

    /// <summary>Takes the next option off <paramref name="rest"/>; false at the end, or when the rest is malformed (then it is not empty).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryNext(scoped ref ReadOnlySpan<byte> rest, out EdnsOption code, out ReadOnlySpan<byte> data)
    {
        code = default;
        data = default;
        if (rest.Length < 4)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (rest.Length - 4 < length)
            return false;
        code = (EdnsOption)BinaryPrimitives.ReadUInt16BigEndian(rest);
        data = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return true;
    }
}
