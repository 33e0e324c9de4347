namespace Oops.Wire.DBus;

/// <summary>The grammars of names and object paths. D-Bus specification, "Valid Object Paths" and "Valid Names".</summary>
public static class DBusName
{
    const int MaxName = 255;

    public static bool IsObjectPath(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path[0] != (byte)'/') return false;
        if (path.Length == 1) return true;
        for (var i = 1; i < path.Length; i++)
            if (path[i] == (byte)'/' ? path[i - 1] == (byte)'/' : !IsWord(path[i])) return false;
        return path[^1] != (byte)'/';
    }

    public static bool IsMember(ReadOnlySpan<byte> name) => name.Length is > 0 and <= MaxName && IsElement(name, hyphen: false, leadingDigit: false);

    /// <summary>An interface or error name: two or more elements.</summary>
    public static bool IsInterface(ReadOnlySpan<byte> name) => IsDotted(name, hyphen: false, leadingDigit: false);

    /// <summary>A bus name, unique (":1.2") or well known ("cz.nic.knotd").</summary>
    public static bool IsBusName(ReadOnlySpan<byte> name) =>
        name.Length > 1 && name[0] == (byte)':'
            ? name.Length <= MaxName && IsDotted(name[1..], hyphen: true, leadingDigit: true)
            : IsDotted(name, hyphen: true, leadingDigit: false);

    static bool IsDotted(ReadOnlySpan<byte> name, bool hyphen, bool leadingDigit)
    {
        if (name.Length > MaxName) return false;
        var elements = 0;
        while (true)
        {
            var dot = name.IndexOf((byte)'.');
            if (!IsElement(dot < 0 ? name : name[..dot], hyphen, leadingDigit)) return false;
            elements++;
            if (dot < 0) return elements >= 2;
            name = name[(dot + 1)..];
        }
    }

    static bool IsElement(ReadOnlySpan<byte> element, bool hyphen, bool leadingDigit)
    {
        if (element.IsEmpty || (!leadingDigit && char.IsAsciiDigit((char)element[0]))) return false;
        foreach (var b in element)
            if (!IsWord(b) && !(hyphen && b == (byte)'-')) return false;
        return true;
    }

    static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b == (byte)'_';
}
