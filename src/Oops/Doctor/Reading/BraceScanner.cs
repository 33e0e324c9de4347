namespace Oops.Doctor.Reading;

/// <summary>named.conf, bird.conf, exabgp.conf: words, blocks in braces, semicolons.</summary>
/// <param name="BlockEnds">Whether a block ends its statement; else it goes on to the semicolon, and may have more words and blocks.</param>
internal sealed record BraceScanner(bool BlockEnds) : IScanner
{
    readonly Words cutter = new("{};", slashes: true, lineEnds: false, apostrophes: BlockEnds);

    public void Take(string file, string text, StatementBuilder into)
    {
        var margin = into.Depth;
        // The statement that is being read, and those around the blocks that are open.
        Statement? statement = null;
        var around = new Stack<Statement?>();
        foreach (var word in cutter.Of(text))
        {
            if (into.Full) return;
            if (word.Mark('{'))
            {
                statement ??= into.Add("", [], new Place(file, word.Line));
                around.Push(statement);
                into.Enter(statement);
                statement = null;
            }
            else if (word.Mark('}'))
            {
                End(statement, into);
                // More closed than opened: the file's own margin holds.
                if (into.Depth > margin) into.Leave();
                statement = around.TryPop(out var outer) && !BlockEnds ? outer : null;
            }
            else if (word.Mark(';'))
            {
                End(statement, into);
                statement = null;
            }
            else if (statement is null)
                statement = into.Add(word.Text, [], new Place(file, word.Line));
            else
                statement.Values.Add(word.Text);
        }

        End(statement, into);
        into.LeaveTo(margin);
    }

    static void End(Statement? statement, StatementBuilder into)
    {
        if (statement is { Values.Count: 1, Within.Count: 0 } && statement.Is("include")) into.Include(statement.First, statement.At);
    }
}
