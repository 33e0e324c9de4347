using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>`*` and `*.example`. A name that comes in through one ends up in arguments of commands, so only names that are nothing but names match.</summary>
internal sealed class Wildcards
{
    readonly bool all;
    readonly DnsName[] parents;

    /// <param name="patterns">`*`, or `*.` and a name; the name itself does not match.</param>
    public Wildcards(IEnumerable<string> patterns)
    {
        var above = new List<DnsName>();
        foreach (var pattern in patterns)
        {
            if (pattern == "*")
                all = true;
            else if (pattern.StartsWith("*.", StringComparison.Ordinal) && DnsName.TryParse(pattern.AsSpan(2), out var name))
                above.Add(name);
        }

        parents = [.. above];
    }

    public bool Match(in DnsName name)
    {
        var within = all;
        for (var i = 0; i < parents.Length && !within; i++)
            within = name.Wire.Length > parents[i].Wire.Length && name.IsWithin(parents[i]);
        return within && IsPlain(name);
    }

    /// <summary>
    /// Letters, digits, '-' and '_', and '/' as RFC 2317 uses it; no label begins with '-' and none is made of dots: neither an option nor a way out of a folder. The root is plain.
    /// </summary>
    static bool IsPlain(in DnsName name)
    {
        var wire = name.Wire;
        for (var at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            var label = wire.Slice(at + 1, wire[at]);
            if (label[0] is (byte)'-' or (byte)'/')
                return false;
            foreach (var octet in label)
            {
                if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'-' or (byte)'_' or (byte)'/'))
                    return false;
            }
        }

        return true;
    }
}
