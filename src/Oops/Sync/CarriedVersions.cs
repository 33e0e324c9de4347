using System.Globalization;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Sync;

/// <summary>
/// Which version of a zone was the last to be carried, whatever became of that, and who gave it: a server that lags tells of an older one later. Who gave the newer may give an older one, too: there somebody has set the serial back. And after a day it counts no more,
/// so that a server which takes the place of another is not told for ever that it is late. Thread-safe.
/// </summary>
internal sealed class CarriedVersions(TimeProvider time)
{
    /// <summary>Zones; of those carried longest ago nothing is known.</summary>
    const int Most = 100_000;

    static readonly TimeSpan Counts = TimeSpan.FromDays(1);

    readonly Lately<DnsName, (uint Serial, Primary By, long At, string? Held)?> last = new(Most);

    /// <param name="zone">The zone.</param>
    /// <param name="serial">Its serial.</param>
    /// <param name="by">Who gave it.</param>
    /// <param name="held">Why it waits for a person; null: it does not.</param>
    public void Note(in DnsName zone, uint serial, Primary by, string? held = null) => last.Set(zone, (serial, by, time.GetTimestamp(), held));

    /// <summary>The newest version waits for a person: an older one that is not carried takes nothing back of that.</summary>
    public bool IsHeld(in DnsName zone) => last.Get(zone) is { Held: not null };

    /// <summary>Why that version is not carried; null: it may be.</summary>
    public string? Complaint(in DnsName zone, uint serial, Primary by) =>
        last.Get(zone) is { } had && Serial.IsNewer(had.Serial, serial) && !had.By.Address.Equals(by.Address) && time.GetElapsedTime(had.At) < Counts
            ? string.Create(CultureInfo.InvariantCulture, $"serial {serial} of {by} is not carried: {had.By} has given serial {had.Serial}, which is newer{(had.Held is { } held ? $", and is held: {held}" : "")}")
            : null;
}
