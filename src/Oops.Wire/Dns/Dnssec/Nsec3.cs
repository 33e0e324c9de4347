using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Oops.Wire.Dns.Dnssec;

/// <summary>The data of an NSEC3 record (RFC 5155, 3.2): a view on it.</summary>
public readonly ref struct Nsec3
{
    /// <summary>SHA-1: the only hash there is (RFC 5155, 11).</summary>
    public const byte Sha1Algorithm = 1;

    /// <summary>Octets of a hash.</summary>
    public const int HashSize = SHA1.HashSizeInBytes;

    /// <summary>Characters of a hash in an owner's first label: base32hex without padding.</summary>
    public const int LabelSize = 32;

    readonly ReadOnlySpan<byte> data;

    Nsec3(ReadOnlySpan<byte> data) => this.data = data;

    public byte Algorithm => data[0];

    public byte Flags => data[1];

    public bool OptOut => (Flags & 1) != 0;

    /// <summary>No other flag than Opt-Out: whoever meets one that he does not know ignores the record (RFC 5155, 8.2).</summary>
    public bool IsKnown => Flags <= 1;

    public ushort Iterations => BinaryPrimitives.ReadUInt16BigEndian(data[2..]);

    public ReadOnlySpan<byte> Salt => data.Slice(5, data[4]);

    /// <summary>The next owner's hash in the order of hashes.</summary>
    public ReadOnlySpan<byte> Next => data.Slice(6 + data[4], data[5 + data[4]]);

    public ReadOnlySpan<byte> Types => data[(6 + data[4] + data[5 + data[4]])..];

    /// <summary>What NSEC3PARAM says too: algorithm, iterations, salt.</summary>
    public bool HasParameters(ReadOnlySpan<byte> param) => param.Length >= 5 && param[0] == Algorithm && param[2..].SequenceEqual(data[2..(5 + data[4])]);

    /// <summary>False: it is not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out Nsec3 nsec3)
    {
        nsec3 = default;
        if (data.Length < 6 || data.Length < 6 + data[4] || data.Length < 6 + data[4] + data[5 + data[4]] || data[5 + data[4]] == 0)
            return false;
        nsec3 = new Nsec3(data);
        return true;
    }

    /// <summary>True if the data of an NSEC3PARAM record hold what they must.</summary>
    public static bool IsParam(ReadOnlySpan<byte> data) => data.Length >= 5 && data.Length == 5 + data[4];

    /// <summary>The hash of a name (RFC 5155, 5).</summary>
    /// <param name="name">Lower-case wire form.</param>
    /// <param name="salt">Up to 255 octets.</param>
    /// <param name="iterations">Additional rounds.</param>
    /// <param name="hash">Takes <see cref="HashSize"/> octets.</param>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 5155 (11) has no other hash; it hides names a little and protects nothing")]
    public static void Hash(ReadOnlySpan<byte> name, ReadOnlySpan<byte> salt, int iterations, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[DnsName.MaxLength + 255];
        name.CopyTo(input);
        salt.CopyTo(input[name.Length..]);
        SHA1.HashData(input[..(name.Length + salt.Length)], hash);
        for (; iterations > 0; iterations--)
        {
            hash[..HashSize].CopyTo(input);
            salt.CopyTo(input[HashSize..]);
            SHA1.HashData(input[..(HashSize + salt.Length)], hash);
        }
    }

    /// <summary>Writes a hash as the label of an owner: base32hex in lower case, without padding (RFC 5155, 3).</summary>
    public static void WriteLabel(ReadOnlySpan<byte> hash, Span<byte> label)
    {
        for (var i = 0; i < LabelSize; i++)
        {
            var bit = i * 5;
            var two = hash[bit >> 3] << 8 | ((bit >> 3) + 1 < hash.Length ? hash[(bit >> 3) + 1] : 0);
            label[i] = "0123456789abcdefghijklmnopqrstuv"u8[two >> (11 - (bit & 7)) & 31];
        }
    }

    /// <summary>Reads a hash from the label of an owner; false: it is none.</summary>
    public static bool TryReadLabel(ReadOnlySpan<byte> label, Span<byte> hash)
    {
        if (label.Length != LabelSize)
            return false;
        hash[..HashSize].Clear();
        for (var i = 0; i < LabelSize; i++)
        {
            var value = label[i] switch
            {
                >= (byte)'0' and <= (byte)'9' => label[i] - '0',
                >= (byte)'a' and <= (byte)'v' => label[i] - 'a' + 10,
                >= (byte)'A' and <= (byte)'V' => label[i] - 'A' + 10,
                _ => -1,
            };
            if (value < 0)
                return false;
            var bit = i * 5;
            var shifted = value << (11 - (bit & 7));
            hash[bit >> 3] |= (byte)(shifted >> 8);
            if ((bit >> 3) + 1 < HashSize)
                hash[(bit >> 3) + 1] |= (byte)shifted;
        }

        return true;
    }
}
