using Oops.Servers;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>
/// A file of secrets of DNS cookies, as NSD and Unbound have it (cookie-secret-file): a line of 32 hexadecimal digits for each, the one in use first; `0x` may stand before it, as Knot writes it, and `staging:` or `active:`, which makes it the first wherever it stands.
/// Messages name file and line, never a secret.
/// </summary>
internal static class CookieSecrets
{
    /// <summary>In use, about to be, and not quite out of it: more is no rollover.</summary>
    const int Most = 8;

    /// <summary>The secrets, one behind the other, or null and the problem.</summary>
    public static (byte[]? Secrets, string Problem) Read(string path)
    {
        var (text, problem) = SecretFile.ReadOctets(path, "a file of cookie secrets");
        return text is null ? (null, problem) : Parse(System.Text.Encoding.Latin1.GetString(text), path);
    }

    /// <param name="text">The file's text.</param>
    /// <param name="path">Its name, for messages.</param>
    public static (byte[]? Secrets, string Problem) Parse(string text, string path)
    {
        List<byte> secrets = [];
        var line = 0;
        foreach (var written in text.Split('\n'))
        {
            line++;
            var secret = written.AsSpan().Trim();
            var isActive = secret.StartsWith("active:", StringComparison.OrdinalIgnoreCase);
            foreach (var word in (string[])["active:", "staging:", "0x"])
                if (secret.StartsWith(word, StringComparison.OrdinalIgnoreCase)) secret = secret[word.Length..].TrimStart();
            if (secret.IsEmpty || secret[0] == '#') continue;
            if (secret.Length != 2 * ServerCookie.SecretSize || secret.ContainsAnyExcept(System.Buffers.SearchValues.Create("0123456789abcdefABCDEF")))
                return (null, $"{path}:{line}: not a secret; write 32 hexadecimal digits");
            secrets.InsertRange(isActive ? 0 : secrets.Count, Convert.FromHexString(secret));
        }
        if (secrets.Count == 0) return (null, $"{path}: holds no secret");
        return secrets.Count > Most * ServerCookie.SecretSize ? (null, $"{path}: holds more than {Most} secrets; remove those that are out of use") : ([.. secrets], "");
    }
}
