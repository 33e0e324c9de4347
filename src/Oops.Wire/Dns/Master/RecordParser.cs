using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Oops.Wire.Text;

namespace Oops.Wire.Dns.Master;

/// <summary>Reads the data of one record from the words of an entry: its fields in the order of <see cref="RecordTypes"/>. Allocates only to say what is wrong.</summary>
internal ref partial struct RecordParser
{
    readonly ref readonly DnsName origin;
    readonly Span<byte> into;
    Tokens tokens;
    int length;

    /// <param name="tokens">Stands before the data.</param>
    /// <param name="origin">Of relative names; the default value: there are none.</param>
    /// <param name="into">Takes <see cref="RecordData.MaxSize"/> octets at most.</param>
    public RecordParser(scoped in Tokens tokens, in DnsName origin, Span<byte> into)
    {
        this.tokens = tokens;
        this.origin = ref origin;
        this.into = into.Length > RecordData.MaxSize ? into[..RecordData.MaxSize] : into;
    }

    /// <summary>What is wrong, and what to do; the place is <see cref="At"/>.</summary>
    public string? Why { get; private set; }

    /// <summary>No word is told in <see cref="Why"/>.</summary>
    public bool Hushed { get; init; }

    /// <summary>Where the word at hand begins.</summary>
    public readonly int At => tokens.Start;

    /// <summary>Octets written.</summary>
    public readonly int Length => length;

    ReadOnlySpan<byte> Word => tokens.Word;

    public bool Read(DnsType type)
    {
        var fields = RecordTypes.FieldsOf(type);
        var ahead = tokens;
        if (ahead.Next() && !ahead.Quoted && ahead.Word.SequenceEqual("\\#"u8))
        {
            tokens = ahead;
            return Unknown() && End() && (fields is null || IsOf(type));
        }

        if (fields is null)
            return Next("data") && Fail(@"is data of a type without a form of its own; write \# length hexadecimal (RFC 3597)");
        foreach (var field in fields)
            if (!Field(field)) return false;
        return End();
    }

    bool Field(FieldKind kind) => kind switch
    {
        FieldKind.Name => Name(lower: true),
        FieldKind.NameAsIs => Name(lower: false),
        FieldKind.U8 => Number(byte.MaxValue, out var n) && UInt8(n),
        FieldKind.U16 => Number(ushort.MaxValue, out var n) && UInt16(n),
        FieldKind.U32 => Number(uint.MaxValue, out var n) && UInt32(n),
        FieldKind.Ttl => Ttl(),
        FieldKind.Time => Time(),
        FieldKind.TypeName => Type(out var type) && UInt16((uint)type),
        FieldKind.Algorithm => Algorithm(out var n) && UInt8(n),
        FieldKind.CertificateType => Next("a certificate type") && (Mnemonics.TryCertificate(Word, out var number) ? UInt16((uint)number) : NumberOf(ushort.MaxValue, out var n) && UInt16(n)),
        FieldKind.Scheme => Next("a scheme") && (Mnemonics.TryScheme(Word, out var number) ? UInt8((uint)number) : NumberOf(byte.MaxValue, out var n) && UInt8(n)),
        FieldKind.OneText => Next("a text") && Text(),
        FieldKind.TextOrNone => !tokens.Next() || Text(),
        FieldKind.Texts => Texts(),
        FieldKind.LongText => Next("a text") && Unescape(Word),
        FieldKind.Tag => Tag(),
        FieldKind.Hex => Next("hexadecimal") && Hex(),
        FieldKind.Base64 => Next("base64") && Base64Data(),
        FieldKind.Base64OrNone => Base64OrNone(),
        FieldKind.Base32Hex => Base32Hex(),
        FieldKind.Salt => Salt(),
        FieldKind.Bitmap => Bitmap(),
        FieldKind.OldBitmap => OldBitmap(),
        FieldKind.Ipv4 => Next("an IPv4 address") && Ipv4(),
        FieldKind.Ipv6 => Next("an IPv6 address") && Ipv6(),
        FieldKind.Groups => Groups(),
        FieldKind.Eui48 => Eui(6),
        FieldKind.Eui64 => Eui(8),
        FieldKind.Location => Location(),
        FieldKind.Prefixes => Prefixes(),
        FieldKind.Gateway => Gateway(),
        FieldKind.Relay => Relay(),
        FieldKind.Host => Host(),
        FieldKind.Parameters => Parameters(),
        _ => Nsap(),
    };

    // RFC 3597, 5.
    bool Unknown()
    {
        if (!Next("the length of the data") || !NumberOf(ushort.MaxValue, out var size)) return false;
        var from = length;
        if (tokens.Next() && !Hex()) return false;
        return length - from == size || Fail(length - from < size ? @"less data than \# says; correct its number" : @"more data than \# says; correct its number", quote: false);
    }

    /// <summary>What is written as \# must be what its type asks for (RFC 3597, 5), and its names are known: they may have been written in any case.</summary>
    bool IsOf(DnsType type)
    {
        var data = into[..length];
        if (RecordText.IsWellFormed(type, data) && RecordData.TryExpand(data, new DnsRecord { Type = type, Data = data }, into, out length)) return true;
        return Fail($"the data is none of type {TypeNames.Of(type)}; correct it", quote: false);
    }

    bool End() => !tokens.Next() || Fail("is more than the type has; remove it");

    bool Next(string what) => tokens.Next() || Fail($"{what} is missing; add it", quote: false);

    /// <summary>Another word, unquoted.</summary>
    bool NextPlain(string what) => Next(what) && (!tokens.Quoted || Fail("is quoted; remove the quotes"));

    bool Name(bool lower) => NextPlain("a name") && NameOf(Word, lower);

    bool NameOf(scoped ReadOnlySpan<byte> word, bool lower)
    {
        if (MasterText.Name(word, in origin, lower, into[length..], out var size) is { } wrong) return into.Length - length < DnsName.MaxLength ? Full() : Fail(wrong);
        length += size;
        return true;
    }

    bool Number(uint most, out uint number)
    {
        number = 0;
        return Next("a number") && NumberOf(most, out number);
    }

    bool NumberOf(uint most, out uint number)
    {
        var has = MasterText.TryNumber(Word, out var value) && value <= most;
        number = (uint)value;
        return has || Fail($"is no number of 0 to {most}; correct it");
    }

    bool Ttl() => Next("a number of seconds") && (MasterText.TryTtl(Word, out var seconds) ? UInt32(seconds) : Fail("is no number of seconds; write one of 0 to 4294967295, or with units as 1h30m"));

    bool Time()
    {
        if (!Next("a time")) return false;
        var known = Word.Length == 14 ? TryTime(Word, out var seconds) : MasterText.TryNumber(Word, out seconds) && seconds <= uint.MaxValue;
        return known ? UInt32((uint)seconds) : Fail("is no time; write YYYYMMDDHHmmSS, in UTC");
    }

    /// <summary>Seconds since 1970; what goes beyond 32 bits is taken as RFC 4034 (3.1.5) compares it, and so is what came before: BIND writes a time as the one that is nearest to its clock.</summary>
    static bool TryTime(ReadOnlySpan<byte> word, out ulong seconds)
    {
        seconds = 0;
        if (!MasterText.TryNumber(word, out var digits)) return false;
        var (date, clock) = ((int)(digits / 1_000_000), (int)(digits % 1_000_000));
        var (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
        var (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100);
        if (year < 1900 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        seconds = (uint)((new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond);
        return true;
    }

    bool Type(out DnsType type)
    {
        type = default;
        return NextPlain("a type") && (TypeNames.TryParse(Word, out type) || Fail("is no type; write its name, or TYPE and its number"));
    }

    bool Algorithm(out uint number)
    {
        number = 0;
        if (!Next("an algorithm")) return false;
        if (!Mnemonics.TryAlgorithm(Word, out var known)) return NumberOf(byte.MaxValue, out number);
        number = (uint)known;
        return true;
    }

    bool Text()
    {
        var size = length;
        if (!UInt8(0) || !Unescape(Word)) return false;
        if (length - size - 1 > byte.MaxValue) return Fail("is longer than 255 octets; make several texts of it", quote: false);
        into[size] = (byte)(length - size - 1);
        return true;
    }

    bool Texts()
    {
        if (!Next("a text") || !Text()) return false;
        while (tokens.Next())
            if (!Text()) return false;
        return true;
    }

    bool Unescape(scoped ReadOnlySpan<byte> word)
    {
        if (!tokens.Escaped) return Octets(word);
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if (c == '"') return Fail("has a quote in the middle; write \\\" for one");
            if (c == '\\' && !MasterText.TryEscape(word, ref i, out c)) return Fail("has a backslash that is not followed by three digits of 000 to 255 or by one other character");
            if (!UInt8(c)) return false;
        }

        return true;
    }

    bool Tag()
    {
        if (!Next("a tag")) return false;
        foreach (var c in Word)
            if (!char.IsAsciiLetterOrDigit((char)c)) return Fail("is no tag; write letters and digits only");
        return Word.Length is > 0 and <= byte.MaxValue ? UInt8((uint)Word.Length) && Octets(Word) : Fail("is no tag; write 1 to 255 letters and digits");
    }

    /// <summary>From the word at hand to the end, at least one octet.</summary>
    bool Hex()
    {
        var start = length;
        var high = -1;
        do
        {
            foreach (var c in Word)
            {
                var nibble = MasterText.Nibble(c);
                if (nibble < 0) return Fail("is no hexadecimal; write digits and a to f");
                if (high < 0)
                {
                    high = nibble;
                    continue;
                }

                if (!UInt8((uint)(high << 4 | nibble))) return false;
                high = -1;
            }
        }
        while (tokens.Next());
        if (high >= 0) return Fail("hexadecimal of an odd number of digits; one is missing", quote: false);
        return length > start || Fail("hexadecimal is missing; add it", quote: false);
    }

    /// <summary>From the word at hand to the end, at least one octet. Words need not end where groups of four do.</summary>
    bool Base64Data()
    {
        Span<byte> group = stackalloc byte[4];
        var start = length;
        var carried = 0;
        var padded = false;
        do
        {
            var word = Word;
            while (carried > 0 && carried < 4 && !word.IsEmpty)
            {
                group[carried++] = word[0];
                word = word[1..];
            }

            if (carried == 4)
            {
                if (!Base64Groups(group, ref padded)) return false;
                carried = 0;
            }

            var whole = word.Length & ~3;
            if (whole > 0 && !Base64Groups(word[..whole], ref padded)) return false;
            foreach (var c in word[whole..]) group[carried++] = c;
        }
        while (tokens.Next());
        if (carried > 0) return Fail("base64 that ends within a group of four; something is missing", quote: false);
        return length > start || Fail("base64 is missing; add it", quote: false);
    }

    // NSD writes 0 where there is none.
    bool Base64OrNone() => !tokens.Next() || Word.SequenceEqual("0"u8) || Base64Data();

    bool Base64Groups(scoped ReadOnlySpan<byte> groups, ref bool padded)
    {
        var written = 0;
        var said = padded ? OperationStatus.InvalidData : Base64.DecodeFromUtf8(groups, into[length..], out _, out written);
        if (said == OperationStatus.DestinationTooSmall) return Full();
        padded = groups[^1] == '=';
        var pads = groups[^1] != '=' ? 0 : groups[^2] != '=' ? 1 : 2;
        // The decoder skips blanks, which a quoted word may have.
        if (said == OperationStatus.Done && written == groups.Length / 4 * 3 - pads)
        {
            length += written;
            Span<byte> again = stackalloc byte[4];
            // Bits that are not used are zero (RFC 4648, 3.5), or two texts would be one key.
            if (pads == 0 || (Base64.EncodeToUtf8(into[(length - 3 + pads)..length], again, out _, out _) == OperationStatus.Done && again.SequenceEqual(groups[^4..]))) return true;
        }

        return Fail("is no base64; copy it anew");
    }

    bool Base32Hex()
    {
        if (!Next("a hash in base32")) return false;
        var size = length;
        if (!UInt8(0)) return false;
        uint bits = 0;
        var held = 0;
        foreach (var c in Word)
        {
            var value = c switch { >= (byte)'0' and <= (byte)'9' => c - '0', >= (byte)'a' and <= (byte)'v' => c - 'a' + 10, >= (byte)'A' and <= (byte)'V' => c - 'A' + 10, _ => -1 };
            if (value < 0) return Fail("is no base32; write digits and a to v");
            bits = bits << 5 | (uint)value;
            if ((held += 5) < 8) continue;
            held -= 8;
            if (!UInt8(bits >> held & 0xFF)) return false;
        }

        var octets = length - size - 1;
        if (octets is 0 or > byte.MaxValue || held >= 5 || (bits & ((1u << held) - 1)) != 0) return Fail("is no base32 of 1 to 255 octets; copy it anew");
        into[size] = (byte)octets;
        return true;
    }

    bool Salt()
    {
        if (!Next("a salt")) return false;
        if (Word.SequenceEqual("-"u8)) return UInt8(0);
        var word = Word;
        if (word.Length is 0 or > 2 * byte.MaxValue || (word.Length & 1) != 0) return Fail("is no salt; write - or at most 255 octets in hexadecimal");
        if (!UInt8((uint)word.Length / 2)) return false;
        return HexOf(word);
    }

    /// <summary>One word with an even number of digits.</summary>
    bool HexOf(scoped ReadOnlySpan<byte> word)
    {
        for (var i = 0; i + 1 < word.Length; i += 2)
        {
            var (high, low) = (MasterText.Nibble(word[i]), MasterText.Nibble(word[i + 1]));
            if (high < 0 || low < 0) return Fail("is no hexadecimal; write digits and a to f");
            if (!UInt8((uint)(high << 4 | low))) return false;
        }

        return true;
    }

    bool Bitmap()
    {
        Span<byte> bits = stackalloc byte[8192];
        var highest = -1;
        while (tokens.Next())
        {
            if (!TypeNames.TryParse(Word, out var type)) return Fail("is no type; write its name, or TYPE and its number");
            bits[(int)type >> 3] |= (byte)(0x80 >> ((int)type & 7));
            highest = Math.Max(highest, (int)type);
        }

        for (var window = 0; window <= highest >> 8; window++)
        {
            var map = bits.Slice(window * 32, 32).TrimEnd((byte)0);
            if (map.IsEmpty) continue;
            if (!UInt8((uint)window) || !UInt8((uint)map.Length) || !Octets(map)) return false;
        }

        return true;
    }

    bool Ipv4()
    {
        Span<byte> address = stackalloc byte[4];
        return AddressText.TryIpv4(Word, address) ? Octets(address) : Fail("is no IPv4 address; write four numbers of 0 to 255 with dots");
    }

    bool Ipv6()
    {
        Span<byte> address = stackalloc byte[16];
        return AddressText.TryIpv6(Word, address) ? Octets(address) : Fail("is no IPv6 address; correct it");
    }

    bool UInt8(uint value)
    {
        if (length >= into.Length) return Full();
        into[length++] = (byte)value;
        return true;
    }

    bool UInt16(uint value)
    {
        if (into.Length - length < 2) return Full();
        BinaryPrimitives.WriteUInt16BigEndian(into[length..], (ushort)value);
        length += 2;
        return true;
    }

    bool UInt32(uint value)
    {
        if (into.Length - length < 4) return Full();
        BinaryPrimitives.WriteUInt32BigEndian(into[length..], value);
        length += 4;
        return true;
    }

    bool Octets(scoped ReadOnlySpan<byte> octets)
    {
        if (into.Length - length < octets.Length) return Full();
        octets.CopyTo(into[length..]);
        length += octets.Length;
        return true;
    }

    bool Full() => Fail($"the data is longer than {into.Length} octets; shorten it", quote: false);

    /// <summary>False. With <paramref name="quote"/>, <paramref name="what"/> is said of the word at hand.</summary>
    bool Fail(string what, bool quote = true)
    {
        Why ??= quote ? $"{Quote(Word, Hushed)} {what}" : what;
        return false;
    }

    /// <summary>A word of the text as it may stand in a line of ours.</summary>
    public static string Quote(ReadOnlySpan<byte> word, bool hushed) => hushed ? "a word" : $"'{PrintableText.Of(word.Length > 40 ? word[..40] : word)}{(word.Length > 40 ? "..." : "")}'";
}
