namespace Oops.Doctor.Reading;

/// <summary>nsd.conf and unbound.conf: `server:` begins a section, `key: value` is an option of it; several may stand on a line.</summary>
internal sealed class ColonScanner : IScanner
{
    static readonly Words Cutter = new("", slashes: false, lineEnds: true, apostrophes: true);

    static readonly HashSet<string> Sections = new(StringComparer.Ordinal)
    {
        "server", "remote-control", "zone", "pattern", "key", "tls-auth", "dnstap", "verify", "proxy_protocol",
        "stub-zone", "forward-zone", "auth-zone", "view", "python", "dynlib", "dnscrypt", "cachedb", "ipset", "rpz",
    };

    public void Take(string file, string text, StatementBuilder into)
    {
        var margin = 0;
        Statement? option = null;
        foreach (var word in Cutter.Of(text))
        {
            if (into.Full) return;
            if (word.Mark('\n'))
            {
                Included(option, into);
                option = null;
                continue;
            }

            if (!IsKey(word))
            {
                option?.Values.Add(word.Text);
                continue;
            }

            Included(option, into);
            var name = word.Text[..^1];
            var at = new Place(file, word.Line);
            option = null;
            if (Sections.Contains(name))
            {
                into.LeaveTo(margin);
                into.Enter(into.Add(name, [], at));
            }
            else
                option = into.Add(name, [], at);
        }

        Included(option, into);
    }

    static void Included(Statement? option, StatementBuilder into)
    {
        if (option is { Name: "include" or "include-toplevel", Values.Count: > 0 }) into.Include(option.First, option.At);
    }

    // An address may end in a colon; it has others.
    static bool IsKey(Word word) => !word.Quoted && word.Text.Length > 1 && word.Text[^1] == ':' && word.Text.AsSpan(..^1).IndexOf(':') < 0 && char.IsAsciiLetter(word.Text[0]);
}
