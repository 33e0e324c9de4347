using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Oops.Wire.Dns.Master;

/// <summary>
/// Reads a zone's text (RFC 1035, 5) in pieces of any size, as servers read it: $ORIGIN, $TTL (RFC 2308), $INCLUDE, $GENERATE as BIND has it, TTLs with units, types that are not known
/// (RFC 3597), class IN only. Owners outside of the zone are not judged. Its memory does not depend on the size of the text.
/// </summary>
public sealed partial class MasterReader
{
    /// <summary>Seconds of the longest TTL (RFC 2181, 8).</summary>
    const uint MaxTtl = int.MaxValue;

    const int MaxPath = 4096;

    readonly IRecordSink sink;
    readonly MasterOptions options;
    readonly Made made;
    readonly byte[] data = new byte[RecordData.MaxSize];
    // What another file includes may be any file of the host, and who wrote the one may not be who may read the other: no word of it is told.
    readonly bool hushed;
    DnsName origin;
    DnsName owner;
    DnsName childOrigin;
    uint? defaultTtl;
    uint? lastTtl;
    long next = 1;

    /// <param name="origin">Of relative names, until $ORIGIN says another; the zone's name.</param>
    /// <param name="sink">Takes the records.</param>
    /// <param name="options">Null: the usual ones.</param>
    public MasterReader(DnsName origin, IRecordSink sink, MasterOptions? options = null)
        : this(origin, sink, options ?? new MasterOptions(), new Made(), hushed: false)
    {
    }

    MasterReader(in DnsName origin, IRecordSink sink, MasterOptions options, Made made, bool hushed)
    {
        this.hushed = hushed;
        this.origin = origin;
        this.sink = sink;
        this.options = options;
        this.made = made;
    }

    /// <summary>Where the entry begins that is read; of a broken one, where it is broken. 1 is the first.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Of <see cref="MasterReading.Broken"/>: where (line:column, both from 1), what is wrong, and what to do. One line of printable ASCII.</summary>
    public string? Why { get; private set; }

    /// <summary>Of <see cref="MasterReading.Include"/>: the file, as it is written there. No control character is in it; whether it may be opened is the caller's to say.</summary>
    public string? IncludePath { get; private set; }

    /// <summary>Reads as many whole entries as there are, and gives their records to the sink.</summary>
    /// <param name="text">What was not used of the last piece, and more.</param>
    /// <param name="last">Nothing comes behind it.</param>
    /// <param name="used">Octets that are done with.</param>
    public MasterReading Read(ReadOnlySpan<byte> text, bool last, out int used)
    {
        used = 0;
        IncludePath = null;
        if (Why is not null) return MasterReading.Broken;
        while (used < text.Length)
        {
            var rest = text[used..];
            Line = next;
            var end = Tokens.TryEnd(rest, last, out var length, out var lines, out var why);
            if (end == EntryEnd.Broken) return Broken(rest, length, why!);
            if (length > options.MaxEntry || (end == EntryEnd.More && rest.Length > options.MaxEntry))
                return Broken(rest, 0, $"an entry of more than {options.MaxEntry} octets; is a ( not closed?");
            if (end == EntryEnd.More) return MasterReading.More;
            if (Take(rest[..length], out var at) is { } wrong) return Broken(rest, at, wrong);
            used += length;
            next += lines;
            if (IncludePath is not null) return MasterReading.Include;
        }

        return last ? MasterReading.Done : MasterReading.More;
    }

    /// <summary>Of <see cref="MasterReading.Include"/>: reads the other file, with what holds here; what it says of origin, owner and TTL ends with it. How deep that may go is the caller's to bound.</summary>
    public MasterReader Child() => new(childOrigin, sink, options, made, hushed: true) { owner = owner, defaultTtl = defaultTtl, lastTtl = lastTtl };

    /// <summary>Null, or what is wrong with the entry, and where.</summary>
    string? Take(ReadOnlySpan<byte> entry, out int at)
    {
        at = 0;
        var tokens = new Tokens(entry);
        if (!tokens.Next()) return null;
        string? wrong = null;
        if (entry[0] is (byte)' ' or (byte)'\t')
        {
            if (owner.Wire.IsEmpty) wrong = "no owner, and none before; write one at the beginning of the line";
        }
        else if (!tokens.Quoted && tokens.Word[0] == '$')
        {
            return Directive(tokens, out at);
        }
        else
        {
            wrong = Name(tokens, in origin, out var name);
            if (wrong is null) owner = name;
            if (wrong is null && !tokens.Next()) wrong = "an owner without a record; write its type and data";
        }

        DnsType type = default;
        uint? ttl = null;
        wrong ??= Head(ref tokens, out type, out ttl);
        if (wrong is null) return Record(in owner, type, ttl, tokens, out at);
        at = tokens.Start;
        return wrong;
    }

    /// <summary>TTL and class in any order, either may be missing, and the type, from the word at hand on.</summary>
    string? Head(ref Tokens tokens, out DnsType type, out uint? ttl)
    {
        (type, ttl) = (default, null);
        var classed = false;
        do
        {
            var word = tokens.Word;
            if (!tokens.Quoted && ttl is null && MasterText.IsDigit(word[0]))
            {
                if (!TryTtl(word, out var seconds)) return $"{Quote(word)} is no TTL; write 0 to 2147483647 seconds, or with units as 1h30m";
                ttl = seconds;
            }
            else if (!tokens.Quoted && !classed && ClassOf(word) is { } @class)
            {
                if (@class != DnsClass.In) return $"{Quote(word)} is another class than IN; remove the record";
                classed = true;
            }
            else
            {
                return !tokens.Quoted && TypeNames.TryParse(word, out type) && TypeNames.IsData(type) ? null : $"{Quote(word)} is no type that a zone can hold; write its name, or TYPE and its number";
            }
        }
        while (tokens.Next());
        return "a record without a type; write it and its data";
    }

    /// <summary>The data, and with it the record.</summary>
    string? Record(in DnsName name, DnsType type, uint? ttl, Tokens tokens, out int at)
    {
        if (!RecordText.TryParse(type, in tokens, in origin, data, hushed, out var length, out var why, out at)) return $"{TypeNames.Of(type)}: {why}";
        if (ttl is { } own) lastTtl = own;
        else if ((defaultTtl ?? lastTtl ?? options.DefaultTtl) is { } usual) ttl = usual;
        else if (type == DnsType.Soa) ttl = defaultTtl = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(length - 4)), MaxTtl); // as BIND does
        else return "no TTL, and none before; write $TTL";
        sink.Add(in name, type, ttl.Value, data.AsSpan(0, length));
        return null;
    }

    string? Directive(Tokens tokens, out int at)
    {
        var word = tokens.Word;
        string? wrong;
        if (Ascii.EqualsIgnoreCase(word, "$TTL"u8))
        {
            var has = tokens.Next() & TryTtl(tokens.Word, out var seconds);
            wrong = has ? null : "$TTL wants 0 to 2147483647 seconds, or with units as 1h30m";
            if (has) defaultTtl = seconds;
        }
        else if (Ascii.EqualsIgnoreCase(word, "$ORIGIN"u8))
        {
            DnsName name = default;
            wrong = tokens.Next() ? Name(tokens, in origin, out name) : "$ORIGIN wants a name";
            if (wrong is null) origin = name;
        }
        else if (Ascii.EqualsIgnoreCase(word, "$INCLUDE"u8))
        {
            wrong = Include(ref tokens);
        }
        else if (Ascii.EqualsIgnoreCase(word, "$GENERATE"u8))
        {
            return Generate(tokens, out at);
        }
        else
        {
            wrong = $"{Quote(word)} is no directive; write \\$ if it is an owner";
        }

        if (wrong is null && tokens.Next()) wrong = $"{Quote(tokens.Word)} is more than the directive has; remove it";
        at = tokens.Start;
        if (wrong is not null) IncludePath = null;
        return wrong;
    }

    // RFC 1035, 5.1: a file, and perhaps an origin for it.
    string? Include(ref Tokens tokens)
    {
        if (!tokens.Next()) return "$INCLUDE wants a file";
        var word = tokens.Word;
        var path = new byte[Math.Min(word.Length, MaxPath)];
        var length = 0;
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if ((c == '\\' && !MasterText.TryEscape(word, ref i, out c)) || c is < (byte)' ' or 0x7F || length == MaxPath) return $"{Quote(word)} is no path of a file; correct it";
            path[length++] = c;
        }

        if (length == 0) return "$INCLUDE wants a file";
        childOrigin = origin;
        var ahead = tokens;
        if (ahead.Next())
        {
            tokens = ahead;
            if (Name(tokens, in origin, out childOrigin) is { } wrong) return wrong;
        }

        IncludePath = Encoding.UTF8.GetString(path, 0, length);
        return null;
    }

    /// <summary>The word at hand.</summary>
    string? Name(Tokens tokens, in DnsName origin, out DnsName name)
    {
        name = default;
        if (tokens.Quoted) return $"{Quote(tokens.Word)} is quoted; remove the quotes";
        Span<byte> wire = stackalloc byte[DnsName.MaxLength];
        if (MasterText.Name(tokens.Word, in origin, lower: true, wire, out var length) is { } wrong) return $"{Quote(tokens.Word)} {wrong}";
        name = DnsName.OfCanonical(wire[..length]);
        return null;
    }

    string Quote(ReadOnlySpan<byte> word) => RecordParser.Quote(word, hushed);

    static bool TryTtl(ReadOnlySpan<byte> word, out uint seconds) => MasterText.TryTtl(word, out seconds) && seconds <= MaxTtl;

    /// <summary>Null: no class.</summary>
    static DnsClass? ClassOf(ReadOnlySpan<byte> word)
    {
        if (word.Length == 2) return (word[0] | 0x20, word[1] | 0x20) switch { ('i', 'n') => DnsClass.In, ('c', 'h') => DnsClass.Chaos, ('h', 's') => (DnsClass)4, ('c', 's') => (DnsClass)2, _ => null };
        return word.Length > 5 && Ascii.EqualsIgnoreCase(word[..5], "CLASS"u8) && MasterText.TryNumber(word[5..], out var number) && number <= ushort.MaxValue ? (DnsClass)number : null;
    }

    MasterReading Broken(ReadOnlySpan<byte> entry, int at, string what)
    {
        var before = entry[..Math.Min(at, entry.Length)];
        Line = next + before.Count((byte)'\n');
        Why = string.Create(CultureInfo.InvariantCulture, $"{Line}:{at - before.LastIndexOf((byte)'\n')}: {what}");
        return MasterReading.Broken;
    }

    /// <summary>What $GENERATE made: one count for a text and all that it includes.</summary>
    sealed class Made
    {
        public long Records { get; set; }
    }
}
