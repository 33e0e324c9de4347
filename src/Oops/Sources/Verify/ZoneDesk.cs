using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>What all zones of a source are had and judged with: once, however many there are.</summary>
internal sealed class ZoneDesk(VerifyTarget target, TsigKey[] keys, TimeProvider time)
{
    public VerifyTarget Target => target;

    public TsigKey[] Keys => keys;

    public TimeProvider Time => time;

    /// <summary>Who is silent for one zone is asked last for all.</summary>
    public Primaries Primaries { get; } = new(target.From, keys, time);

    public LastPassed Passed { get; } = new(target.Folder);
}
