using System.Globalization;
using Oops.Actions.Exec;
using Oops.Wire.Dns;

namespace Oops.Actions.Git;

/// <summary>What a zone's file and its commits are called.</summary>
/// <param name="Name">The name of the file, and the first word of the message.</param>
/// <param name="Owner">The first word of what the file holds.</param>
internal sealed record GitFile(string Name, string Owner)
{
    const string Root = "root";

    /// <summary>The longest name of a file is 255 octets, and the one beside it that it is written into is five longer.</summary>
    const int Longest = 250;

    /// <summary>Null: no file can be called like this zone.</summary>
    public static GitFile? Of(in DnsName zone)
    {
        if (zone.IsRoot)
            return new(Root, ".");
        // As scripts get it. What only some bytes of a name would do to a path is written as the escape that means the same.
        if (ZoneArgument.From(Canonical(zone)) is not { Length: <= Longest } name)
            return null;
        // There may be a zone of that name, too.
        return new(name == Root ? @"\114oot" : name, $"{zone}.");
    }

    public string Message(uint serial) => string.Create(CultureInfo.InvariantCulture, $"{Name} IN SOA {serial}");

    /// <summary>As the core has the names of zones: what is not a letter, a digit, - or _ as \DDD.</summary>
    static string Canonical(in DnsName zone)
    {
        var text = new System.Text.StringBuilder();
        var wire = zone.Wire;
        for (var at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            if (at > 0)
                text.Append('.');
            foreach (var octet in wire.Slice(at + 1, wire[at]))
            {
                if (octet is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'_' or (byte)'/')
                    text.Append((char)octet);
                else
                    text.Append(CultureInfo.InvariantCulture, $"\\{octet:000}");
            }
        }

        return text.ToString();
    }
}
