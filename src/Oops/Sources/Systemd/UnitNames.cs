using System.Globalization;
using System.Text;
using Oops.Config;

namespace Oops.Sources.Systemd;

/// <summary>Names of units, and where systemd has them on the bus.</summary>
internal static class UnitNames
{
    const int Longest = 255;
    const string Suffix = ".service";

    /// <summary>What the distributions call the unit of such a server; null: there is no usual name.</summary>
    public static string? Usual(ServerKind kind) => kind switch
    {
        ServerKind.Knot => "knot.service",
        ServerKind.Nsd => "nsd.service",
        ServerKind.Bind => "named.service",
        ServerKind.Unbound => "unbound.service",
        ServerKind.Powerdns => "pdns.service",
        ServerKind.Recursor => "pdns-recursor.service",
        ServerKind.Dnsdist => "dnsdist.service",
        ServerKind.Kresd => "kresd@1.service",
        _ => null,
    };

    /// <summary>A service, by its whole name and in the letters of systemd.unit(5): nothing of it has to be quoted in a match rule.</summary>
    public static bool IsService(string name) =>
        name.Length <= Longest && name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal)
        && name[0] != '@' && !name.EndsWith("@" + Suffix, StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '\\' or '@');

    /// <summary>The unit's object: all but letters and digits as _ and two digits, a digit in front too (bus_label_escape in systemd).</summary>
    public static string PathOf(string unit)
    {
        var path = new StringBuilder("/org/freedesktop/systemd1/unit/");
        for (var i = 0; i < unit.Length; i++)
        {
            if (char.IsAsciiLetter(unit[i]) || (i > 0 && char.IsAsciiDigit(unit[i]))) path.Append(unit[i]);
            else path.Append(CultureInfo.InvariantCulture, $"_{(int)unit[i]:x2}");
        }

        return path.ToString();
    }
}
