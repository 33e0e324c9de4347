namespace Oops.Doctor.Reading;

/// <summary>What the scanners write into: a tree with bounds, so that no file can make it deep or large.</summary>
/// <param name="include">Takes an include statement: the pattern as written, and where.</param>
internal sealed class StatementBuilder(Action<string, Place> include, int most = StatementBuilder.Most)
{
    /// <summary>A server with 200,000 zones has about a million statements.</summary>
    public const int Most = 2_000_000;

    /// <summary>Deeper blocks are read, but what is in them belongs to this depth.</summary>
    const int Deepest = 64;

    readonly List<Statement> path = [];
    int statements;
    int beyond;

    public Statement Root { get; } = new("", default);

    /// <summary>No more is taken: the scanner may stop.</summary>
    public bool Full => statements >= most;

    public int Depth => path.Count + beyond;

    public Statement Current => path.Count > 0 ? path[^1] : Root;

    public Statement Add(string name, IEnumerable<string> values, Place at)
    {
        var statement = new Statement(name, at);
        statement.Values.AddRange(values);
        if (!Full) Current.Within.Add(statement);
        statements++;
        return statement;
    }

    public void Enter(Statement statement)
    {
        if (path.Count < Deepest) path.Add(statement);
        else beyond++;
    }

    public void Leave()
    {
        if (beyond > 0) beyond--;
        else if (path.Count > 0) path.RemoveAt(path.Count - 1);
    }

    /// <summary>Back to a depth: at most so many blocks are open.</summary>
    public void LeaveTo(int depth)
    {
        while (Depth > depth) Leave();
    }

    /// <summary>What stands in the included files stands here, and leaves the open blocks as they were.</summary>
    public void Include(string pattern, Place at)
    {
        var (open, deeper) = (path.ToArray(), beyond);
        include(pattern, at);
        path.Clear();
        path.AddRange(open);
        beyond = deeper;
    }
}
