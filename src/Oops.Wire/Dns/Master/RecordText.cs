using System.Globalization;
using System.Text;

namespace Oops.Wire.Dns.Master;

/// <summary>The data of records in presentation form, both ways.</summary>
public static class RecordText
{
    /// <summary>Reads the data of one record: `10 mail` of MX. Names in it are written out, and lower case as <see cref="IRecordSink.Add"/> says.</summary>
    /// <param name="type">What it must be.</param>
    /// <param name="text">One line, or more in parentheses; what `;` begins is not read.</param>
    /// <param name="origin">What relative names are below; the default value: there may be none.</param>
    /// <param name="into">Takes <see cref="RecordData.MaxSize"/> octets at most; the escapes of a list of protocols need room on the way.</param>
    /// <param name="length">Octets written.</param>
    /// <param name="why">What is wrong, where, and what to do; printable ASCII. Null: nothing.</param>
    public static bool TryParse(DnsType type, ReadOnlySpan<byte> text, in DnsName origin, Span<byte> into, out int length, out string? why)
    {
        length = 0;
        if (Tokens.TryEnd(text, last: true, out var end, out _, out why) == EntryEnd.Whole && end == text.Length)
        {
            if (TryParse(type, new Tokens(text), in origin, into, false, out length, out why, out var at)) return true;
            why = string.Create(CultureInfo.InvariantCulture, $"column {at + 1}: {why}");
            return false;
        }

        why = why is null ? "more than one line; put ( and ) around them" : string.Create(CultureInfo.InvariantCulture, $"column {end + 1}: {why}");
        return false;
    }

    /// <summary>One line of printable ASCII. Data of a type without a form of its own, and malformed data, is written as RFC 3597 has it.</summary>
    public static string Write(DnsType type, ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        if (RecordTypes.FieldsOf(type) is { } fields && new RecordPrinter(data, text).Write(fields)) return text.ToString();
        return string.Create(CultureInfo.InvariantCulture, $@"\# {data.Length}{(data.IsEmpty ? "" : " ")}{Convert.ToHexString(data)}");
    }

    /// <summary>True if the data is what its type asks for, with no name compressed. Nothing is asked of types that are not known. Allocates nothing.</summary>
    public static bool IsWellFormed(DnsType type, ReadOnlySpan<byte> data) => RecordTypes.FieldsOf(type) is not { } fields || RecordTypes.IsOfUnknownForm(type, data) || new RecordPrinter(data, null).Write(fields);

    /// <param name="type">What it must be.</param>
    /// <param name="tokens">Stands before the data.</param>
    /// <param name="origin">As above.</param>
    /// <param name="into">As above.</param>
    /// <param name="hushed">No word of the text is told.</param>
    /// <param name="length">Octets written.</param>
    /// <param name="why">What is wrong, and what to do.</param>
    /// <param name="at">Where.</param>
    internal static bool TryParse(DnsType type, scoped in Tokens tokens, in DnsName origin, Span<byte> into, bool hushed, out int length, out string? why, out int at)
    {
        var parser = new RecordParser(in tokens, in origin, into) { Hushed = hushed };
        var read = parser.Read(type);
        (length, why, at) = (read ? parser.Length : 0, parser.Why, parser.At);
        return read;
    }
}
