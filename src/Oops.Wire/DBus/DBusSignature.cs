namespace Oops.Wire.DBus;

/// <summary>Type signatures: validation and walking. D-Bus specification, "Type System" and "Valid Signatures".</summary>
public static class DBusSignature
{
    /// <summary>Longest signature, in bytes.</summary>
    public const int MaxLength = 255;

    /// <summary>Deepest nesting of arrays, and of structs, each counted for itself.</summary>
    public const int MaxDepth = 32;

    /// <summary>Zero or more complete types.</summary>
    public static bool IsValid(ReadOnlySpan<byte> signature)
    {
        if (signature.Length > MaxLength) return false;
        while (!signature.IsEmpty)
        {
            var length = Measure(signature, 0, 0);
            if (length == 0) return false;
            signature = signature[length..];
        }

        return true;
    }

    /// <summary>Exactly one complete type, as a variant needs it.</summary>
    public static bool IsSingle(ReadOnlySpan<byte> signature) =>
        signature.Length is > 0 and <= MaxLength && Measure(signature, 0, 0) == signature.Length;

    /// <summary>The length of the first complete type; 0 when there is none.</summary>
    public static int FirstLength(ReadOnlySpan<byte> signature) => signature.IsEmpty ? 0 : Measure(signature, 0, 0);

    /// <summary>The boundary, from the start of the message, at which a value of the type with this first code begins; 0 for an unknown code.</summary>
    public static int Alignment(byte code) => code switch
    {
        (byte)'y' or (byte)'g' or (byte)'v' => 1,
        (byte)'n' or (byte)'q' => 2,
        (byte)'b' or (byte)'i' or (byte)'u' or (byte)'h' or (byte)'s' or (byte)'o' or (byte)'a' => 4,
        (byte)'x' or (byte)'t' or (byte)'d' or (byte)'(' or (byte)'{' => 8,
        _ => 0,
    };

    internal static bool IsBasic(byte code) => code is not ((byte)'a' or (byte)'(' or (byte)'{' or (byte)'v') && Alignment(code) != 0;

    // The depths are bounded by 32 each, so the recursion is, too.
    static int Measure(ReadOnlySpan<byte> s, int arrays, int structs)
    {
        if (s.IsEmpty) return 0;
        if (s[0] == (byte)'v' || IsBasic(s[0])) return 1;
        if (s[0] == (byte)'(') return structs == MaxDepth ? 0 : MeasureStruct(s, arrays, structs + 1);
        if (s[0] != (byte)'a' || arrays == MaxDepth || s.Length < 2) return 0;
        var element = s[1] == (byte)'{'
            ? (structs == MaxDepth ? 0 : MeasureEntry(s[1..], arrays + 1, structs + 1))
            : Measure(s[1..], arrays + 1, structs);
        return element == 0 ? 0 : element + 1;
    }

    static int MeasureStruct(ReadOnlySpan<byte> s, int arrays, int structs)
    {
        var at = 1;
        while (at < s.Length && s[at] != (byte)')')
        {
            var member = Measure(s[at..], arrays, structs);
            if (member == 0) return 0;
            at += member;
        }

        return at > 1 && at < s.Length ? at + 1 : 0;
    }

    // A dict entry: a basic key, one value; only as the element of an array.
    static int MeasureEntry(ReadOnlySpan<byte> s, int arrays, int structs)
    {
        if (s.Length < 4 || !IsBasic(s[1])) return 0;
        var value = Measure(s[2..], arrays, structs);
        return value != 0 && 2 + value < s.Length && s[2 + value] == (byte)'}' ? value + 3 : 0;
    }
}
