namespace Oops.Actions.Git;

/// <summary>Who commits.</summary>
internal sealed record GitAuthor(string Name, string Address)
{
    /// <summary>`Name &lt;address&gt;`; null: it is not like this.</summary>
    public static GitAuthor? Of(string text)
    {
        var open = text.IndexOf('<', StringComparison.Ordinal);
        if (open < 1 || !text.EndsWith('>') || text.Any(char.IsControl))
            return null;
        var (name, address) = (text[..open].Trim(), text[(open + 1)..^1].Trim());
        return name.Length > 0 && address.Length > 0 && address.IndexOfAny(['<', '>', ' ']) < 0 && !name.Contains('>', StringComparison.Ordinal) ? new(name, address) : null;
    }
}
