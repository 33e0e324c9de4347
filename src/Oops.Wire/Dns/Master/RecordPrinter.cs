using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Oops.Wire.Dns.Master;

/// <summary>Writes the data of one record as text, and so is the proof that it is what its type asks for: false is malformed data. Without a text it only looks, and allocates nothing.</summary>
internal ref partial struct RecordPrinter(ReadOnlySpan<byte> data, StringBuilder? text)
{
    const string InNames = "\"\\().;@$", InTexts = "\"\\";

    readonly StringBuilder? text = text;
    ReadOnlySpan<byte> rest = data;

    public bool Write(FieldKind[] fields)
    {
        foreach (var field in fields)
        {
            var at = text?.Length ?? 0;
            if (!Field(field)) return false;
            // A blank between two fields, none for one that is empty.
            if (at > 0 && text!.Length > at) text.Insert(at, ' ');
        }

        return rest.IsEmpty;
    }

    bool Field(FieldKind kind) => kind switch
    {
        FieldKind.Name or FieldKind.NameAsIs => Name(),
        FieldKind.U8 or FieldKind.Algorithm or FieldKind.Scheme => TryTake(1, out var one) && Number(one[0]),
        FieldKind.U16 or FieldKind.CertificateType => TryTake(2, out var two) && Number(BinaryPrimitives.ReadUInt16BigEndian(two)),
        FieldKind.U32 or FieldKind.Ttl => TryTake(4, out var four) && Number(BinaryPrimitives.ReadUInt32BigEndian(four)),
        FieldKind.Time => TryTake(4, out var time) && Time(BinaryPrimitives.ReadUInt32BigEndian(time)),
        FieldKind.TypeName => TryTake(2, out var type) && Type(BinaryPrimitives.ReadUInt16BigEndian(type)),
        FieldKind.OneText => Text(),
        FieldKind.TextOrNone => rest.IsEmpty || Text(),
        FieldKind.Texts => Texts(),
        FieldKind.LongText => Quoted(All()),
        FieldKind.Tag => Tag(),
        FieldKind.Hex => !rest.IsEmpty && Hex(All()),
        FieldKind.Base64 => !rest.IsEmpty && Base64(All()),
        FieldKind.Base64OrNone => rest.IsEmpty || Base64(All()),
        FieldKind.Base32Hex => TryCounted(out var hash) && Base32Hex(hash),
        FieldKind.Salt => TryCounted(out var salt) && (salt.IsEmpty ? Say("-") : Hex(salt)),
        FieldKind.Bitmap => Bitmap(),
        FieldKind.OldBitmap => OldBitmap(),
        FieldKind.Ipv4 => TryTake(4, out var v4) && Ipv4(v4),
        FieldKind.Ipv6 => TryTake(16, out var v6) && Ipv6(v6),
        FieldKind.Groups => TryTake(8, out var groups) && Groups(groups),
        FieldKind.Eui48 => TryTake(6, out var eui) && Eui(eui),
        FieldKind.Eui64 => TryTake(8, out var eui) && Eui(eui),
        FieldKind.Location => Location(),
        FieldKind.Prefixes => Prefixes(),
        FieldKind.Gateway => Gateway(),
        FieldKind.Relay => Relay(),
        FieldKind.Host => Host(),
        FieldKind.Parameters => Parameters(),
        _ => !rest.IsEmpty && Say("0x") && Hex(All()),
    };

    bool TryTake(int size, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (rest.Length < size) return false;
        taken = rest[..size];
        rest = rest[size..];
        return true;
    }

    bool TryCounted(out ReadOnlySpan<byte> taken)
    {
        taken = default;
        return TryTake(1, out var size) && TryTake(size[0], out taken);
    }

    ReadOnlySpan<byte> All()
    {
        TryTake(rest.Length, out var all);
        return all;
    }

    bool Say(string what)
    {
        text?.Append(what);
        return true;
    }

    bool Number(uint number)
    {
        text?.Append(CultureInfo.InvariantCulture, $"{number}");
        return true;
    }

    /// <summary>Uncompressed: a pointer is malformed here.</summary>
    bool Name()
    {
        for (var length = 1; ; length += 1 + rest[0], rest = rest[(1 + rest[0])..])
        {
            if (rest.IsEmpty || rest[0] > DnsName.MaxLabel || length + rest[0] > DnsName.MaxLength) return false;
            if (rest[0] == 0)
            {
                rest = rest[1..];
                return length > 1 || Say(".");
            }

            if (rest.Length < 1 + rest[0]) return false;
            if (text is null) continue;
            foreach (var octet in rest.Slice(1, rest[0])) Octet(text, octet, escaped: InNames);
            text.Append('.');
        }
    }

    static void Octet(StringBuilder text, byte octet, string escaped)
    {
        var c = (char)octet;
        if (c is < ' ' or >= '\x7f' || (c == ' ' && escaped == InNames)) text.Append(CultureInfo.InvariantCulture, $"\\{octet:000}");
        else if (escaped.Contains(c, StringComparison.Ordinal)) text.Append('\\').Append(c);
        else text.Append(c);
    }

    bool Quoted(scoped ReadOnlySpan<byte> octets)
    {
        if (text is null) return true;
        text.Append('"');
        foreach (var octet in octets) Octet(text, octet, escaped: InTexts);
        text.Append('"');
        return true;
    }

    bool Text() => TryCounted(out var one) && Quoted(one);

    bool Texts()
    {
        if (!Text()) return false;
        while (!rest.IsEmpty)
        {
            text?.Append(' ');
            if (!Text()) return false;
        }

        return true;
    }

    bool Tag()
    {
        if (!TryCounted(out var tag) || tag.IsEmpty) return false;
        foreach (var octet in tag)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet)) return false;
            text?.Append((char)octet);
        }

        return true;
    }

    bool Time(uint seconds)
    {
        text?.Append(CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddSeconds(seconds):yyyyMMddHHmmss}");
        return true;
    }

    bool Type(ushort type) => type != 0 && (text is null || Say(TypeNames.Of((DnsType)type)));

    bool Hex(scoped ReadOnlySpan<byte> octets) => text is null || Say(Convert.ToHexString(octets));

    bool Base64(scoped ReadOnlySpan<byte> octets) => text is null || Say(Convert.ToBase64String(octets));

    bool Base32Hex(scoped ReadOnlySpan<byte> octets)
    {
        if (text is null) return !octets.IsEmpty;
        uint bits = 0;
        var held = 0;
        foreach (var octet in octets)
        {
            bits = bits << 8 | octet;
            for (held += 8; held >= 5; held -= 5) text.Append("0123456789ABCDEFGHIJKLMNOPQRSTUV"[(int)(bits >> (held - 5) & 31)]);
        }

        if (held > 0) text.Append("0123456789ABCDEFGHIJKLMNOPQRSTUV"[(int)(bits << (5 - held) & 31)]);
        return !octets.IsEmpty;
    }

    // RFC 4034, 4.1.2: windows ascend, none is empty, none ends with a zero.
    bool Bitmap()
    {
        var before = -1;
        var first = true;
        while (!rest.IsEmpty)
        {
            if (!TryTake(1, out var window) || window[0] <= before || !TryCounted(out var map) || map.Length is 0 or > 32 || map[^1] == 0) return false;
            before = window[0];
            if (!Bits(map, before << 8, ref first)) return false;
        }

        return true;
    }

    bool OldBitmap()
    {
        var first = true;
        return rest.Length <= 16 && (rest.IsEmpty || rest[^1] != 0) && Bits(All(), 0, ref first);
    }

    bool Bits(scoped ReadOnlySpan<byte> map, int from, ref bool first)
    {
        // Type 0 is none.
        if (text is null) return from > 0 || map.IsEmpty || map[0] < 0x80;
        for (var i = 0; i < map.Length * 8; i++)
        {
            if ((map[i >> 3] & 0x80 >> (i & 7)) == 0) continue;
            if (from + i == 0) return false;
            if (!first) text.Append(' ');
            first = false;
            text.Append(TypeNames.Of((DnsType)(from + i)));
        }

        return true;
    }
}
