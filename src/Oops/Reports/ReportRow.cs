using Oops.Dns;

namespace Oops.Reports;

/// <summary>What is counted of one report (zone, name, types, INFO-CODE) that came one time or many. The name is in the table's own memory.</summary>
internal struct ReportRow
{
    public ulong Hash;

    /// <summary>The next row with the same place in the index, plus one; 0: none.</summary>
    public int Next;

    /// <summary>Instead of the length of a zone: none is known. No name is as long.</summary>
    public const byte NoZone = 255;

    /// <summary>Octets of the name, of its zone at its end (0: the root), and of the types, which stand behind it.</summary>
    public byte NameLength, ZoneLength, TypesLength;

    /// <summary>By its place in the config.</summary>
    public byte Agent;

    public ushort Code;

    /// <summary>Bits by <see cref="ReportPath"/>.</summary>
    public byte Paths;

    /// <summary>It is on the list of those that have news.</summary>
    public bool Changed;

    /// <summary>Milliseconds since 1970.</summary>
    public long First, Last;

    /// <summary>How often, since it is in the table; <see cref="Verified"/> of them by senders that receive at their address.</summary>
    public long Count, Verified;

    /// <summary>The same, as it was told last.</summary>
    public long ToldCount, ToldVerified;

    public PeerAddress LastFrom;

    public NetworkCount Networks;
}
