namespace Oops.Actions.Frr;

/// <summary>A complete answer. The status decides; the words differ between versions and are only shown.</summary>
internal sealed record FrrReply(int Status, string Text)
{
    const int LongestShown = 200;

    public bool Ok => Status == 0;

    /// <summary>1 CMD_WARNING and 13 CMD_WARNING_CONFIG_FAILED: understood, and not done. The others mean that this bgpd does not know the command.</summary>
    public bool Undone => Status is 1 or 13;

    /// <summary>For people: the first line with something on it, without control characters.</summary>
    public override string ToString()
    {
        var line = Text.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0);
        if (line is null) return $"status {Status}";
        var shown = string.Concat(line.Take(LongestShown).Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length > LongestShown ? shown + " ..." : shown;
    }
}

/// <summary>What asking bgpd came to: a reply (which may say no), or why there is none.</summary>
internal readonly record struct FrrAnswer(FrrReply? Reply, string? Why)
{
    public static FrrAnswer Failed(string why) => new(null, why);

    /// <summary>Null when bgpd did what it was told; else a sentence that says why not.</summary>
    public string? Refusal(string command) => Reply is null ? Why : Reply.Ok ? null : $"frr: answered \"{Reply}\" to `{command}`";
}
