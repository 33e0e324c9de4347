namespace Oops.Dns;

/// <summary>What became of a NOTIFY for a zone.</summary>
internal enum Noted
{
    NotOurs,
    Taken,
    Merged,
    Unchanged,
    Full,
}
