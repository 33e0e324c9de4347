using Oops.Wire.Dns;

namespace Oops.Zones.Compact;

/// <summary>
/// Names of a zone as octets whose plain order is the canonical order of names (RFC 4034, 6.1): the labels below the apex from right to left, each ended by a zero. A zero within a label is written 1 1, and a one 1 2,
/// which keeps the order. The apex is empty, and every name's key begins with those of the names above it.
/// </summary>
internal static class NameKey
{
    /// <summary>Octets of the longest key: every octet of the longest name written as two.</summary>
    public const int MaxLength = 2 * DnsName.MaxLength;

    const byte End = 0, Escape = 1;

    /// <summary>Writes the key of a name within the zone.</summary>
    /// <param name="name">Within <paramref name="apex"/>.</param>
    /// <param name="apex">The zone.</param>
    /// <param name="into"><see cref="MaxLength"/> octets always suffice.</param>
    /// <returns>Octets written.</returns>
    public static int Write(in DnsName name, in DnsName apex, Span<byte> into)
    {
        Span<byte> starts = stackalloc byte[DnsName.MaxLength / 2 + 1];
        var wire = name.Wire;
        var labels = 0;
        for (var at = 0; at < wire.Length - apex.Wire.Length; at += wire[at] + 1)
            starts[labels++] = (byte)at;
        var length = 0;
        while (--labels >= 0)
        {
            foreach (var octet in wire.Slice(starts[labels] + 1, wire[starts[labels]]))
            {
                if (octet <= Escape)
                {
                    into[length++] = Escape;
                    into[length++] = (byte)(octet + 1);
                }
                else
                {
                    into[length++] = octet;
                }
            }

            into[length++] = End;
        }

        return length;
    }

    /// <summary>The name that a key is of.</summary>
    public static DnsName Read(ReadOnlySpan<byte> key, in DnsName apex)
    {
        Span<byte> wire = stackalloc byte[DnsName.MaxLength];
        var length = WriteWire(key, apex, wire);
        DnsName.TryFromWire(wire[..length], out var name);
        return name;
    }

    /// <summary>Writes the uncompressed lower-case wire form of the name that a key is of: the canonical form (RFC 4034, 6.2).</summary>
    /// <param name="key">A key.</param>
    /// <param name="apex">The zone.</param>
    /// <param name="into">255 octets always suffice.</param>
    /// <returns>Octets written.</returns>
    public static int WriteWire(ReadOnlySpan<byte> key, in DnsName apex, Span<byte> into)
    {
        // From the right: the labels of a key come the other way round.
        var at = DnsName.MaxLength - apex.Wire.Length;
        Span<byte> wire = stackalloc byte[DnsName.MaxLength];
        Span<byte> label = stackalloc byte[DnsName.MaxLabel];
        apex.Wire.CopyTo(wire[at..]);
        while (!key.IsEmpty)
        {
            var end = key.IndexOf(End);
            var escapes = key[..end].Count(Escape);
            var size = 0;
            if (escapes == 0)
            {
                key[..end].CopyTo(label);
                size = end;
            }
            else
            {
                for (var i = 0; i < end; i++)
                    label[size++] = key[i] == Escape ? (byte)(key[++i] - 1) : key[i];
            }

            at -= size + 1;
            wire[at] = (byte)size;
            label[..size].CopyTo(wire[(at + 1)..]);
            key = key[(end + 1)..];
        }

        wire[at..].CopyTo(into);
        return DnsName.MaxLength - at;
    }

    /// <summary>Labels below the apex.</summary>
    public static int Labels(ReadOnlySpan<byte> key) => key.Count(End);

    /// <summary>True if the leftmost label is an asterisk (RFC 4592, 2.1.1).</summary>
    public static bool IsWildcard(ReadOnlySpan<byte> key) => IsLabelled(key, "*\0"u8);

    /// <summary>True if that is the leftmost label.</summary>
    /// <param name="key">A key.</param>
    /// <param name="label">With the zero that ends it.</param>
    public static bool IsLabelled(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label) => key.EndsWith(label) && (key.Length == label.Length || key[^(label.Length + 1)] == End);

    /// <summary>True if a name is below another.</summary>
    public static bool IsBelow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> above) => key.Length > above.Length && key.StartsWith(above);

    /// <summary>The names above one and below the apex, from the top on: octets of the key that are each one's.</summary>
    public static Ancestors Above(ReadOnlySpan<byte> key) => new(key);

    /// <summary>Octets of the name above: the key without its last label. 0: the apex is above.</summary>
    public static int ParentLength(ReadOnlySpan<byte> key) => key.IsEmpty ? 0 : key[..^1].LastIndexOf(End) + 1;

    /// <summary>Goes over the names above one.</summary>
    public ref struct Ancestors(ReadOnlySpan<byte> key)
    {
        readonly ReadOnlySpan<byte> key = key;

        public int Current { get; private set; }

        public readonly Ancestors GetEnumerator() => this;

        public bool MoveNext()
        {
            Current += key[Current..].IndexOf(End) + 1;
            return Current < key.Length;
        }
    }
}
