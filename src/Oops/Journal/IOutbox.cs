using Oops.Core;

namespace Oops.Journal;

/// <summary>Where reactions of the every kind survive a restart. An interface because a runner without a journal has none, and tests keep theirs in memory.</summary>
internal interface IOutbox
{
    /// <summary>Never blocks; durable within a batch. The id is never 0.</summary>
    long Add(ReactionIntent intent);

    void Remove(long id);

    /// <summary>In the order they were added.</summary>
    IReadOnlyList<(long Id, ReactionIntent Intent)> Load(string action);
}
