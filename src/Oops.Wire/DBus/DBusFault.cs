namespace Oops.Wire.DBus;

/// <summary>Why bytes are not a D-Bus message. A peer that sends one of these has to be disconnected: the stream has no way to resynchronise.</summary>
public enum DBusFault : byte
{
    None,

    /// <summary>The value ends before its type says so.</summary>
    Truncated,

    /// <summary>The first byte is neither 'l' nor 'B'.</summary>
    Endianness,

    /// <summary>The protocol version is not 1.</summary>
    Version,

    /// <summary>Message type 0, or a serial number of 0.</summary>
    Invalid,

    /// <summary>Longer than the limit of the specification or of the caller.</summary>
    TooLong,

    /// <summary>Padding that is not zero.</summary>
    Padding,

    /// <summary>A boolean that is neither 0 nor 1.</summary>
    Boolean,

    /// <summary>A string that is not UTF-8, has a NUL inside or none after it.</summary>
    Text,

    /// <summary>A signature that does not parse.</summary>
    Signature,

    /// <summary>Arrays or structs nested deeper than 32, or 64 in all with variants.</summary>
    Depth,

    /// <summary>An object path or a name that breaks its grammar.</summary>
    Name,

    /// <summary>A header field of the wrong type, given twice, missing, or with code 0.</summary>
    Field,

    /// <summary>A body that is shorter or longer than its signature says.</summary>
    Body,
}
