namespace Oops.Config;

/// <summary>A place in a config file: lines and columns count from 1.</summary>
internal readonly record struct Position(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}
