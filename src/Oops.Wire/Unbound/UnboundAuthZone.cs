using System.Buffers.Text;
using System.Text;
using Oops.Wire.Dns;

namespace Oops.Wire.Unbound;

/// <summary>One line of `list_auth_zones`: `NAME. TAB serial 7`, `NAME. TAB expired` or `NAME. TAB no serial`. It does not say whether the zone has a primary.</summary>
/// <param name="Zone">The name as Unbound prints it: each octet but letters, digits, '-', '_' and '*' as a question mark, so that it may stand for several names.</param>
/// <param name="Serial">Null: it has none, or has expired.</param>
/// <param name="Expired">It has expired.</param>
public readonly record struct UnboundAuthZone(string Zone, uint? Serial, bool Expired)
{
    /// <summary>The name is not told as it is.</summary>
    public bool Veiled => Zone.Contains('?', StringComparison.Ordinal);

    /// <summary>The name as Unbound would print it; null: it is no name.</summary>
    public static string? Veil(string zone)
    {
        if (!DnsName.TryParse(zone, out var name)) return null;
        var wire = name.Wire;
        var text = new StringBuilder(wire.Length);
        for (var at = 0; wire[at] > 0; at += wire[at] + 1)
        {
            foreach (var b in wire.Slice(at + 1, wire[at])) text.Append(char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'*' ? (char)b : '?');
            text.Append('.');
        }

        return text.Length == 0 ? "." : text.ToString();
    }

    /// <summary>False: no such list has such a line.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out UnboundAuthZone zone)
    {
        zone = default;
        var tab = line.IndexOf((byte)'\t');
        if (tab < 1 || tab > DnsName.MaxText || line[tab - 1] != (byte)'.' || line[..tab].ContainsAnyExceptInRange((byte)0x21, (byte)0x7e)) return false;
        var rest = line[(tab + 1)..];
        uint? serial = null;
        var expired = rest.SequenceEqual("expired"u8);
        if (rest.StartsWith("serial "u8))
        {
            var digits = rest["serial ".Length..];
            if (!Utf8Parser.TryParse(digits, out uint number, out var used) || used != digits.Length) return false;
            serial = number;
        }
        else if (!expired && !rest.SequenceEqual("no serial"u8))
        {
            return false;
        }

        zone = new(Encoding.ASCII.GetString(line[..tab]), serial, expired);
        return true;
    }
}
