using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Sync;

/// <summary>What all actions have in common that make a target equal to a zone. What rules call one is what `oops sync plan NAME ZONE` does, too.</summary>
internal abstract record SyncConfig : ZoneActionConfig
{
    [Description("What may change at the target without a person: beyond, nothing is written until a person says `oops sync apply --force NAME ZONE`.")]
    public SyncBrakeConfig Brake { get; set; } = new();

    public override IAction Create(OopsConfig config) => new SyncAction(this, config);

    /// <summary>Makes targets, given all keys of the key file: one for each sync. What they share lives as long as the action.</summary>
    /// <param name="time">Of their timeouts.</param>
    internal abstract Func<TsigKey[], ISyncTarget> Targets(TimeProvider time);

    /// <summary>How long the target may keep us waiting, besides what it takes to transfer as much.</summary>
    internal virtual TimeSpan Waits => TimeSpan.Zero;

    /// <summary>How many zones may be waited for at the target, for each that is transferred and written.</summary>
    internal virtual int WaitersPerTurn => 1;

    /// <summary>The names of the keys that the target needs.</summary>
    internal virtual IEnumerable<DnsName?> TargetKeys => [];
}

/// <summary>How much of a target may change at once.</summary>
internal sealed record SyncBrakeConfig
{
    [Description("Share of its RRsets that may be changed.")]
    public Share Updates { get; set; } = new(30);

    [Description("Share of its RRsets that may be deleted.")]
    public Share Deletes { get; set; } = new(30);

    [Description("RRsets that it must have for the shares to count. That an empty zone deletes nothing holds always.")]
    [Bounds("0", "1000000")]
    public int Least { get; set; } = 10;

    internal SyncBrake ToBrake() => new(Updates.Fraction, Deletes.Fraction, Least);
}
