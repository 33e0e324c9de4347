using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>Until when the signatures of a zone's SOA are good: of each algorithm the last one, and of these the first (RFC 6840, 5.11: a zone is signed with each of its algorithms).</summary>
internal struct SoaSignatures
{
    // type covered 2, algorithm 1, labels 1, original TTL 4, expiration 4, inception 4, key tag 2 (RFC 4034, 3.1)
    const int FixedPart = 18;
    const int Algorithms = 8;

    [InlineArray(Algorithms)]
    struct Slots
    {
        (byte Algorithm, uint Until) first;
    }

    Slots slots;
    int count;

    public readonly uint? Until
    {
        get
        {
            uint? first = null;
            for (var i = 0; i < count; i++)
                if (first is null || IsLater(first.Value, slots[i].Until)) first = slots[i].Until;
            return first;
        }
    }

    /// <summary>Takes the RDATA of an RRSIG; one that covers another type, or is cut, is passed over, and so is one of a ninth algorithm.</summary>
    public void Add(ReadOnlySpan<byte> rdata)
    {
        if (rdata.Length <= FixedPart || BinaryPrimitives.ReadUInt16BigEndian(rdata) != (ushort)DnsType.Soa) return;
        var (algorithm, until) = (rdata[2], BinaryPrimitives.ReadUInt32BigEndian(rdata[8..]));
        for (var i = 0; i < count; i++)
        {
            if (slots[i].Algorithm != algorithm) continue;
            if (IsLater(until, slots[i].Until)) slots[i].Until = until;
            return;
        }

        if (count < Algorithms) slots[count++] = (algorithm, until);
    }

    // Serial number arithmetic (RFC 1982), which is what RFC 4034, 3.1.5 compares these times by.
    static bool IsLater(uint a, uint b) => unchecked((int)(a - b)) > 0;
}
