using Oops.Core;

namespace Oops.Journal;

/// <summary>Work for the journal's thread.</summary>
internal abstract record JournalItem
{
    /// <summary>Set: its sender waits until it is on the disk (true) or cannot be (false).</summary>
    public TaskCompletionSource<bool>? Durable { get; init; }
}

/// <summary>One step of the machine.</summary>
internal sealed record StepItem(Moment Now, Input Input, Effect[] Effects) : JournalItem;

/// <summary>A run begins: the daemon started, or another policy took over.</summary>
internal sealed record RunItem(Moment Now, string Config, RecordedChannel[] Channels, Snapshot? Snapshot) : JournalItem;

internal sealed record SnapshotItem(Moment Now, Snapshot Snapshot) : JournalItem;

internal sealed record OutboxAddItem(long Id, ReactionIntent Intent) : JournalItem;

internal sealed record OutboxRemoveItem(long Id) : JournalItem;

/// <summary>Nothing of its own: what was queued before it is on the disk.</summary>
internal sealed record FlushItem(Moment Now, bool End) : JournalItem;

/// <summary>Nothing: ends the batch that is being collected, so that a reader sees what was queued before.</summary>
internal sealed record SettleItem : JournalItem;
