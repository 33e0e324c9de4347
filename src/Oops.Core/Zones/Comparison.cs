namespace Oops.Core;

/// <summary>What an entry on data is compared with.</summary>
internal enum Comparison : byte
{
    /// <summary>`relative: false`, or not a data condition.</summary>
    None,

    /// <summary>In `withdraw-when` and `degrade-when`: counts only what is provably well at the reference.</summary>
    Worse,

    /// <summary>In `announce-when`: what the reference provably cannot serve either is excused.</summary>
    Excuse,
}
