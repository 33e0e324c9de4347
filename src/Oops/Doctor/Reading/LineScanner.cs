namespace Oops.Doctor.Reading;

/// <summary>frr.conf, bgpd.conf: a command on each line, `!` and `#` begin comments. Nesting is not kept: a command's words say enough.</summary>
internal sealed class LineScanner : IScanner
{
    public void Take(string file, string text, StatementBuilder into)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (into.Full) return;
            var words = line.ToString().Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0][0] is not ('!' or '#')) into.Add(words[0], words[1..], new Place(file, number));
        }
    }
}
