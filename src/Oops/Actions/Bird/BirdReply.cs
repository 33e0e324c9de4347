namespace Oops.Actions.Bird;

/// <summary>One line of a reply: its four-digit code (a continuation line has the code of the line before it) and its text.</summary>
internal readonly record struct BirdLine(int Code, string Text);

/// <summary>A complete reply. Its meaning is the code of its last line; the words differ between versions and are only shown.</summary>
internal sealed record BirdReply(int Code, string Text, IReadOnlyList<BirdLine> Lines)
{
    /// <summary>0xxx done, 1xxx and 2xxx tables. 8xxx is a run-time error and 9xxx a command that this BIRD does not take.</summary>
    public bool Ok => Code < 8000;

    /// <summary>8001: there is no such network, an empty answer rather than an error.</summary>
    public bool NotFound => Code == 8001;

    /// <summary>0003 reconfigured, 0004 still in progress (always on BIRD 3, and on 2.0.12 while a protocol changes), 0019 nothing to do. All mean that the file was taken.</summary>
    public bool Reconfigured => Code is 3 or 4 or 19;

    /// <summary>The lines with this code, in order.</summary>
    public IEnumerable<string> With(int code) => Lines.Where(l => l.Code == code).Select(l => l.Text);

    /// <summary>For people: "8002 /etc/bird/bird.conf:3:1 syntax error".</summary>
    public override string ToString() => $"{Code:D4} {Text}";
}

/// <summary>What asking BIRD came to: a reply (which may say no), or why there is none.</summary>
internal readonly record struct BirdAnswer(BirdReply? Reply, string? Why)
{
    public static BirdAnswer Failed(string why) => new(null, why);

    /// <summary>Null when BIRD did what it was told; else a sentence that says why not.</summary>
    public string? Refusal => Reply is null ? Why : Reply.Ok ? null : $"bird: answered {Reply}";
}
