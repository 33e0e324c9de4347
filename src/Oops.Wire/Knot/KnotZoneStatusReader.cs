using System.Buffers.Text;
using System.Text;
using Oops.Wire.Text;

namespace Oops.Wire.Knot;

/// <summary>
/// Collects the units of a `zone-status` answer into zones: a DATA unit begins a zone, EXTRA units go on with it, BLOCK ends the answer.
/// Feed each unit; a zone comes out when the next one begins. Fields it does not know, and zones without a printable name, are passed over.
/// </summary>
public sealed class KnotZoneStatusReader
{
    // A name in presentation form is at most 1,004 octets: 253 labels' bytes as \DDD, the dots, the last dot.
    const int MaxZone = 1010;

    string? zone;
    KnotRole role;
    KnotZoneFlags flags;
    uint? serial;
    bool serialTold;
    KnotTransaction transaction;
    KnotEvent refresh;
    KnotEvent expiration;
    string? zoneError;

    /// <summary>The answer is complete.</summary>
    public bool Done { get; private set; }

    /// <summary>An error that belongs to no zone: the whole request failed.</summary>
    public string? Error { get; private set; }

    /// <summary>Takes a unit; gives the zone that it completes, if it does.</summary>
    public KnotZoneStatus? Feed(in KnotUnit unit)
    {
        if (unit.Type == KnotUnitType.Extra)
        {
            if (zone is not null) TakeField(unit);
            return null;
        }

        var complete = zone is null ? null : new KnotZoneStatus(zone)
        {
            Role = role,
            Flags = flags,
            Serial = serial,
            Transaction = transaction,
            Refresh = refresh,
            Expiration = expiration,
            Error = zoneError,
            Cut = zoneError is null && (role == KnotRole.Unknown || !serialTold),
        };
        zone = null;
        if (unit.Type == KnotUnitType.Data) Begin(unit);
        else Done = true;
        return complete;
    }

    void Begin(in KnotUnit unit)
    {
        var name = unit[KnotItem.Zone];
        var failed = unit.TryGet(KnotItem.Error, out var why) ? PrintableText.Of(why) : null;
        if (name.IsEmpty) Error ??= failed;
        if (!IsPlainName(name)) return;
        zone = Encoding.ASCII.GetString(name);
        role = KnotRole.Unknown;
        flags = ReadFlags(unit);
        serial = null;
        serialTold = false;
        transaction = KnotTransaction.Unsaid;
        refresh = expiration = new(KnotEventKind.Other);
        zoneError = failed;
        TakeField(unit);
    }

    void TakeField(in KnotUnit unit)
    {
        var field = unit[KnotItem.Type];
        var value = unit[KnotItem.Data];
        if (field.SequenceEqual("role"u8))
            role = value.SequenceEqual("master"u8) ? KnotRole.Master : value.SequenceEqual("slave"u8) ? KnotRole.Slave : KnotRole.Unknown;
        else if (field.SequenceEqual("serial"u8))
            serialTold = TrySerial(value, out serial);
        else if (field.SequenceEqual("transaction"u8))
            transaction = value.SequenceEqual("open-external"u8) ? KnotTransaction.External : value.SequenceEqual("open"u8) ? KnotTransaction.Open : value.SequenceEqual("-"u8) ? KnotTransaction.None : KnotTransaction.Unsaid;
        else if (field.SequenceEqual("refresh"u8))
            refresh = KnotEvent.Parse(value);
        else if (field.SequenceEqual("expiration"u8))
            expiration = KnotEvent.Parse(value);
    }

    // A number, or "-" for a zone that is not loaded. Anything else is not an answer.
    static bool TrySerial(ReadOnlySpan<byte> value, out uint? serial)
    {
        serial = Utf8Parser.TryParse(value, out uint number, out var used) && used == value.Length ? number : null;
        return serial is not null || value.SequenceEqual("-"u8);
    }

    // 3.2 to 3.4 answer in FLAGS, from 3.5 in FILTERS.
    static KnotZoneFlags ReadFlags(in KnotUnit unit)
    {
        var letters = unit[KnotItem.Flags];
        if (letters.IsEmpty) letters = unit[KnotItem.Filters];
        var flags = KnotZoneFlags.None;
        if (letters.Contains((byte)'s')) flags |= KnotZoneFlags.Slave;
        if (letters.Contains((byte)'e')) flags |= KnotZoneFlags.Empty;
        if (letters.Contains((byte)'m')) flags |= KnotZoneFlags.CatalogMember;
        return flags;
    }

    static bool IsPlainName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MaxZone && !name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e);
}
