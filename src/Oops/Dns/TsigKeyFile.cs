using System.Diagnostics.CodeAnalysis;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>
/// A file of TSIG keys in the form of BIND (<c>key "name" { algorithm hmac-sha256; secret "..."; };</c>, what tsig-keygen prints) or of Knot (<c>key:</c>, <c>- id:</c>, <c>algorithm:</c>,
/// <c>secret:</c>, what keymgr -t prints). Messages name file and line, never a secret.
/// </summary>
internal static class TsigKeyFile
{
    /// <summary>Octets; more is not a key file.</summary>
    public const int MaxSize = 1 << 20;

    public static bool TryRead(string path, [NotNullWhen(true)] out TsigKey[]? keys, [NotNullWhen(false)] out string? error)
    {
        keys = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var text = new byte[MaxSize];
            var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            if (length == MaxSize)
            {
                error = $"{path}: larger than {MaxSize} octets; this is not a file of keys";
                return false;
            }

            return TryParse(System.Text.Encoding.Latin1.GetString(text, 0, length), path, out keys, out error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"{path}: {Reason.Unreadable(path, e)}";
            return false;
        }
    }

    /// <param name="text">The file's text.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="keys">The keys, at least one.</param>
    /// <param name="error"><c>path:line: what is wrong</c>.</param>
    public static bool TryParse(string text, string path, [NotNullWhen(true)] out TsigKey[]? keys, [NotNullWhen(false)] out string? error)
    {
        var words = new Words(text);
        var found = new List<TsigKey>();
        error = null;
        while (error is null && words.Next() is { } word)
        {
            error = word switch
            {
                "key" => Bind(words, found),
                "key:" => Knot(words, found),
                _ => "expected 'key \"name\" {' (BIND) or 'key:' (Knot)",
            };
        }

        if (error is null && found.Count == 0)
            error = "holds no key";
        keys = error is null ? [.. found] : null;
        error = error is null ? null : $"{path}:{words.Line}: {error}";
        return keys is not null;
    }

    static string? Bind(Words words, List<TsigKey> found)
    {
        var key = new Draft { Name = words.Next() };
        if (words.Next() != "{")
            return "expected '{' behind the key's name";
        while (words.Next() is { } word)
        {
            if (word == "}")
                return words.Next() == ";" ? key.End(found) : "expected ';' behind '}'";
            if (key.Set(word, words.Next()) is { } wrong)
                return wrong;
            if (words.Next() != ";")
                return $"expected ';' behind the {word}";
        }

        return "the key's '}' is missing";
    }

    static string? Knot(Words words, List<TsigKey> found)
    {
        Draft? key = null;
        while (words.Peek() is { } word and not ("key" or "key:"))
        {
            words.Next();
            if (word == "-")
            {
                if (key?.End(found) is { } unfinished)
                    return unfinished;
                key = new Draft();
                continue;
            }

            if (key is null || !word.EndsWith(':'))
                return "expected '- id: NAME', 'algorithm: NAME' or 'secret: BASE64'";
            if (key.Set(word[..^1], words.Next()) is { } wrong)
                return wrong;
        }

        return key is null ? "holds no key" : key.End(found);
    }

    sealed class Draft
    {
        TsigAlgorithm? algorithm;
        byte[]? secret;

        public string? Name { get; set; }

        public string? Set(string word, string? value)
        {
            switch (word)
            {
                case "id":
                    Name = value;
                    return null;
                case "algorithm":
                    if (!TsigKey.TryParseAlgorithm(value, out var algorithm))
                        return "unknown algorithm; there are hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384 and hmac-sha512";
                    this.algorithm = algorithm;
                    return null;
                case "secret":
                    var octets = new byte[value?.Length ?? 0];
                    if (!Convert.TryFromBase64String(value ?? "", octets, out var length) || length == 0)
                        return "the secret is not base64";
                    secret = octets[..length];
                    return null;
                default:
                    return "expected 'algorithm' or 'secret'";
            }
        }

        public string? End(List<TsigKey> found)
        {
            if (!DnsName.TryParse(Name, out var name))
                return "the key's name is not a domain name";
            if (this.algorithm is not { } algorithm || secret is null)
                return $"the key {name} needs an algorithm and a secret";
            if (found.Exists(k => k.Name == name))
                return $"the key {name} is there twice";
            found.Add(new TsigKey(name, algorithm, secret));
            return null;
        }
    }

    /// <summary>Words, quoted texts and the characters { } ; with comments of both forms skipped.</summary>
    sealed class Words(string text)
    {
        int at;

        public int Line { get; private set; } = 1;

        public string? Peek()
        {
            var (at, line) = (this.at, Line);
            var word = Next();
            (this.at, Line) = (at, line);
            return word;
        }

        public string? Next()
        {
            SkipBlanks();
            if (at >= text.Length)
                return null;
            var start = at++;
            if (text[start] is '{' or '}' or ';')
                return text[start].ToString();
            if (text[start] == '"')
            {
                var end = text.AsSpan(at).IndexOfAny('"', '\n');
                var quoted = text.Substring(at, end < 0 ? text.Length - at : end);
                at = Math.Min(text.Length, at + quoted.Length + 1);
                return quoted;
            }

            while (at < text.Length && text[at] is not ('{' or '}' or ';' or '"' or '#') && !char.IsWhiteSpace(text[at]))
                at++;
            return text[start..at];
        }

        void SkipBlanks()
        {
            while (at < text.Length)
            {
                var rest = text.AsSpan(at);
                var skip = rest[0] switch
                {
                    '#' => Until(rest, "\n", 0),
                    '/' when rest.StartsWith("//") => Until(rest, "\n", 0),
                    '/' when rest.StartsWith("/*") => Until(rest, "*/", 2),
                    var c when char.IsWhiteSpace(c) => 1,
                    _ => 0,
                };
                if (skip == 0)
                    return;
                Line += rest[..skip].Count('\n');
                at += skip;
            }
        }

        static int Until(ReadOnlySpan<char> rest, string end, int more) => rest.IndexOf(end) is >= 0 and var at ? at + more : rest.Length;
    }
}
