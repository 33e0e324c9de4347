namespace Oops.Actions.Exabgp;

/// <summary>
/// ExaBGP answers by lines that say nothing of the question, all users share one pipe, and what nobody fetched waits there for the next. So each question carries a number, spelled in commands that change
/// nothing and whose answers differ: `show adj-rib out` of a neighbor that does not exist is `done`, `show neighbor summary` of it a heading and `done`. They are answered in order with what stands between them
/// (`version` and `#` are not: 4.2.21 answers those at once, before what is queued).
/// </summary>
internal sealed class ExabgpMark
{
    const int Bits = 6;
    const string Zero = "show adj-rib out oops-mark";
    const string One = "show neighbor summary oops-mark";

    readonly ExabgpWord[] words;
    readonly ExabgpWord[] last;
    int count;

    public ExabgpMark(int number)
    {
        List<string> commands = [One];
        for (var bit = 0; bit < Bits; bit++) commands.Add((number >> bit & 1) == 1 ? One : Zero);
        commands.Add(One);
        Commands = commands;
        words = [.. commands.SelectMany(c => c == One ? (ExabgpWord[])[ExabgpWord.Heading, ExabgpWord.Done] : [ExabgpWord.Done])];
        last = new ExabgpWord[words.Length];
    }

    public IReadOnlyList<string> Commands { get; }

    /// <summary>How many of the lines read so far are its answers, once they are complete.</summary>
    public int Length => words.Length;

    /// <summary>The next line; true when the mark's answers end with it, one after the other.</summary>
    public bool Ends(ExabgpWord word)
    {
        last[count++ % last.Length] = word;
        if (count < last.Length) return false;
        for (var i = 0; i < words.Length; i++)
            if (last[(count + i) % last.Length] != words[i]) return false;
        return true;
    }
}

/// <summary>What a line of ExaBGP's is.</summary>
internal enum ExabgpWord
{
    Text,
    Done,
    Error,

    /// <summary>That of `show neighbor summary`.</summary>
    Heading,
}
