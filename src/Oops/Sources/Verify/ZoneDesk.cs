using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>What all zones of a source are had and judged with: once, however many there are.</summary>
internal sealed class ZoneDesk(VerifyTarget target, TimeProvider time)
{
    public VerifyTarget Target => target;

    /// <summary>Null: the key file has not been read yet; then nothing can be transferred.</summary>
    public TsigKey[]? Keys { get; private set; }

    public TimeProvider Time => time;

    /// <summary>Who is silent for one zone is asked last for all.</summary>
    public Primaries? Primaries { get; private set; }

    public LastPassed Passed { get; } = new(target.Folder);

    public void Has(TsigKey[] keys) => (Primaries, Keys) = (new(target.From, keys, time), keys);
}
