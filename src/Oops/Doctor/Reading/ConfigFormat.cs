namespace Oops.Doctor.Reading;

/// <summary>How a configuration is written.</summary>
internal enum ConfigFormat
{
    /// <summary>`server:` and `key: value` lines, `- id: x` items, of Knot DNS.</summary>
    Knot,

    /// <summary>`server:` and `key: value`, without items, of NSD and Unbound.</summary>
    Colon,

    /// <summary>`word word { ... };` of BIND, where a statement ends with its semicolon.</summary>
    Named,

    /// <summary>`word word { ... }` of BIRD and ExaBGP, where a block ends its statement.</summary>
    Brace,

    /// <summary>`key=value` of PowerDNS.</summary>
    Equals,

    /// <summary>A Lua program, of which the calls are read: dnsdist, Knot Resolver.</summary>
    Lua,

    /// <summary>A command on each line: FRR.</summary>
    Lines,
}
