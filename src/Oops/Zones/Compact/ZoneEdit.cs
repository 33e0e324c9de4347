using System.Buffers.Binary;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Zones.Compact;

/// <summary>
/// Makes a version of a zone from the one before, or from nothing: of the records of a text, of a transfer, or of differences. The version before stays as it was, and both share what did not change.
/// </summary>
internal sealed class ZoneEdit : ITransferSink, IRecordSink
{
    readonly DnsName apex;
    readonly byte[] expanded = new byte[RecordData.MaxSize];
    readonly byte[] key = new byte[NameKey.MaxLength];
    readonly ZoneVersion from;
    ZoneVersion before;
    TreeEdit names, hashes;
    TransferForm? form;

    // Records that come together have the owner in common.
    DnsName last;
    int lastKey;

    public ZoneEdit(ZoneVersion from)
    {
        (apex, this.from, before, Faults) = (from.Apex, from, from, from.Intake.Copy());
        (names, hashes) = (new(from.Names), new(from.Hashes));
    }

    /// <summary>Octets that the version may hold. Records that are a few octets in a message, by pointers, may be hundreds written out.</summary>
    public long Most { get; init; } = long.MaxValue;

    public bool IsFull => names.Octets + hashes.Octets > Most;

    /// <summary>What was wrong with records that came: the version does not show it.</summary>
    public IntakeFaults Faults { get; private set; }

    /// <summary>A record that was to be removed was not there, or one that was to be added was: the differences are of another version.</summary>
    public bool Misfits { get; private set; }

    public void Begin(TransferForm form, in Soa soa)
    {
        this.form = form;
        before = form == TransferForm.Full ? ZoneVersion.Nothing(apex) : from;
        (names, hashes, last) = (new(before.Names), new(before.Hashes), default);
        Faults = before.Intake.Copy();
        Misfits = false;
    }

    public void Add(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        // What is not of the zone is left out whatever it holds.
        if (TryRead(record, message, out var length) || !owner.IsWithin(apex))
            Add(owner, record.Type, record.Ttl, expanded.AsSpan(0, length));
        else
            Faults.Note(IntakeFault.Malformed, owner, record.Type);
    }

    public void Delete(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        if (!TryRead(record, message, out var length) || !owner.IsWithin(apex))
        {
            Misfits = true;
            return;
        }

        var data = expanded.AsSpan(0, length);
        var covered = Covered(record.Type, data);
        Misfits |= !TreeOf(record.Type, covered).Remove(KeyOf(owner), record.Type, covered, data);
    }

    public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data)
    {
        if (!owner.IsWithin(apex))
        {
            Faults.Note(IntakeFault.OutOfZone, owner, type);
            return;
        }

        var covered = Covered(type, data);
        switch (TreeOf(type, covered).Add(KeyOf(owner), type, covered, ttl, data))
        {
            case Placed.OtherTtl when type != DnsType.Rrsig:
                Faults.Note(IntakeFault.OtherTtl, owner, type);
                break;
            case Placed.Duplicate when form == TransferForm.Differences:
                Misfits = true;
                break;
            case Placed.TooLarge:
                Faults.Note(IntakeFault.TooLarge, owner, type);
                break;
        }
    }

    /// <summary>The version that came of it. The edit is over.</summary>
    public ZoneVersion Seal() => new(apex, names.Seal(), hashes.Seal(), before.Records + names.Records + hashes.Records, Faults);

    /// <summary>What a text could not say either is no record (RFC 6895, 3.1; RFC 2181, 8): no server would load it.</summary>
    bool TryRead(in DnsRecord record, ReadOnlySpan<byte> message, out int length) => RecordData.TryExpand(message, record, expanded, out length)
        && record.Ttl <= int.MaxValue && TypeNames.IsData(record.Type) && RecordText.IsWellFormed(record.Type, expanded.AsSpan(0, length));

    static DnsType Covered(DnsType type, ReadOnlySpan<byte> data) => type == DnsType.Rrsig && data.Length > 1 ? (DnsType)BinaryPrimitives.ReadUInt16BigEndian(data) : default;

    TreeEdit TreeOf(DnsType type, DnsType covered) => type == DnsType.Nsec3 || covered == DnsType.Nsec3 ? hashes : names;

    ReadOnlySpan<byte> KeyOf(in DnsName owner)
    {
        if (owner != last)
        {
            last = owner;
            lastKey = NameKey.Write(owner, apex, key);
        }

        return key.AsSpan(0, lastKey);
    }
}
