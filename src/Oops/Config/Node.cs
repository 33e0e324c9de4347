namespace Oops.Config;

/// <summary>A YAML node with its place. Our own tree: the reader bounds its depth and size, and shares no node.</summary>
internal abstract record Node(Position At)
{
    /// <summary>What the node is, as a message says it.</summary>
    public abstract string What { get; }
}

/// <summary>A scalar. <paramref name="Plain"/> is false if it was quoted or a block.</summary>
internal sealed record TextNode(Position At, string Text, bool Plain) : Node(At)
{
    /// <summary>A key with nothing behind it.</summary>
    public bool IsEmpty => Plain && Text.Length == 0;

    public override string What => IsEmpty ? "nothing" : $"the text {ConfigErrors.Show(Text)}";
}

internal sealed record ListNode(Position At, List<Node> Items) : Node(At)
{
    public override string What => "a list";
}

internal sealed record Entry(TextNode Key, Node Value);

internal sealed record MapNode(Position At, List<Entry> Entries) : Node(At)
{
    public override string What => "a map";

    public Entry? Find(string key) => Entries.Find(e => e.Key.Text == key);
}
