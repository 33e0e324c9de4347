namespace Oops.Wire.Dns.Master;

/// <summary>$GENERATE, as BIND has it: `$GENERATE 1-10/2 host-$ 300 A 192.0.2.${0,3}`.</summary>
public sealed partial class MasterReader
{
    /// <summary>Octets of an owner that was made, as BIND bounds it.</summary>
    const int MaxOwner = 2048;

    // Of a text that makes records; null in all others.
    byte[]? expanded;

    string? Generate(Tokens tokens, out int at)
    {
        var range = default(Range);
        var wrong = tokens.Next() && Range.TryParse(tokens.Word, out range) ? null : "$GENERATE wants a range as 1-10 or 1-10/2, of 0 to 2147483647";
        var rangeAt = tokens.Start;
        if (wrong is null && !tokens.Next()) wrong = "$GENERATE wants an owner, a type and data";
        var left = tokens.Word;
        var leftAt = tokens.Start;
        if (wrong is null && tokens.Quoted) wrong = "the owner is quoted; remove the quotes";
        if (wrong is null && !tokens.Next()) wrong = "$GENERATE wants a type and data";
        DnsType type = default;
        uint? ttl = null;
        wrong ??= Head(ref tokens, out type, out ttl);
        if (wrong is null && !tokens.Next()) wrong = "$GENERATE wants data; put quotes around more than one word";
        at = tokens.Start;
        var right = tokens.Word;
        if (wrong is null && tokens.Next()) (wrong, at) = ($"{Quote(tokens.Word)} is more than $GENERATE has; put quotes around data of more than one word", tokens.Start);
        if (wrong is not null) return wrong;
        var cost = range.Count * (1 + (left.Length + right.Length) / MasterOptions.GeneratedSize);
        if (cost > options.MaxGenerated - made.Records) return Place(rangeAt, TooMany, out at);
        expanded ??= new byte[options.MaxEntry];
        for (var i = range.First; i <= range.Last; i += range.Step)
        {
            if (Make(left, i, MaxOwner, out var owned) is { } noOwner) return Place(leftAt, noOwner, out at);
            tokens = new Tokens(owned);
            if (!tokens.Next()) return Place(leftAt, "the owner is empty; correct it", out at);
            if (Name(tokens, in origin, out var name) is { } noName) return Place(leftAt, noName, out at);
            if (tokens.Next()) return Place(leftAt, "the owner becomes more than one word; correct it", out at);
            var octets = owned.Length;
            if (Make(right, i, options.MaxEntry, out var dataText) is { } noData) return noData;
            // By what was made, too: a template of few octets may become many.
            made.Records += 1 + (octets + dataText.Length) / MasterOptions.GeneratedSize;
            if (made.Records > options.MaxGenerated) return Place(rangeAt, TooMany, out at);
            if (Record(in name, type, ttl, new Tokens(dataText), out _) is { } noRecord) return noRecord;
        }

        return null;
    }

    string TooMany => $"$GENERATE makes more than {options.MaxGenerated} records of {MasterOptions.GeneratedSize} octets; write a smaller range";

    static string Place(int where, string what, out int at)
    {
        at = where;
        return what;
    }

    /// <summary>Null, or why there is no text of one line.</summary>
    string? Make(ReadOnlySpan<byte> template, long number, int most, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (GenerateTemplate.Expand(template, number, expanded.AsSpan(0, Math.Min(most, expanded!.Length)), out var length) is { } wrong) return wrong;
        text = expanded.AsSpan(0, length);
        return Tokens.TryEnd(text, last: true, out var end, out _, out var why) == EntryEnd.Whole && end == length ? null : why ?? "more than one line is made; correct it";
    }

    /// <summary>`1-10` or `1-10/2`.</summary>
    readonly record struct Range(long First, long Last, long Step)
    {
        public long Count => (Last - First) / Step + 1;

        public static bool TryParse(ReadOnlySpan<byte> word, out Range range)
        {
            range = default;
            var slash = word.IndexOf((byte)'/');
            var step = 1ul;
            if (slash >= 0 && (!MasterText.TryNumber(word[(slash + 1)..], out step) || step is 0 or > int.MaxValue)) return false;
            if (slash >= 0) word = word[..slash];
            var hyphen = word.IndexOf((byte)'-');
            if (hyphen < 0 || !MasterText.TryNumber(word[..hyphen], out var first) || !MasterText.TryNumber(word[(hyphen + 1)..], out var last) || first > last || last > int.MaxValue) return false;
            range = new Range((long)first, (long)last, (long)step);
            return true;
        }
    }
}
