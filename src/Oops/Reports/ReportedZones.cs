using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>Finds the zone of a name: the longest of the configured names that it is in. Immutable: a new list of zones makes a new one.</summary>
internal sealed class ReportedZones
{
    readonly Dictionary<byte[], int> places;
    readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> bySuffix;
    readonly string[] names;
    readonly HashSet<int> delegating;

    /// <param name="zones">Names as they are written in the config, or listed by a server; what is no name is passed over.</param>
    /// <param name="delegating">Those of them whose reports are told apart by the delegation, one label below.</param>
    public ReportedZones(IEnumerable<string> zones, IReadOnlySet<string>? delegating = null)
    {
        places = new(Suffixes.Instance);
        this.delegating = [];
        List<string> found = [];
        foreach (var text in zones)
        {
            if (!DnsName.TryParse(text, out var name) || !places.TryAdd(name.Wire[..^1].ToArray(), found.Count)) continue;
            if (delegating?.Contains(text) == true) this.delegating.Add(found.Count);
            found.Add(name.ToString());
        }
        names = [.. found];
        bySuffix = places.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public static ReportedZones None { get; } = new([]);

    public int Count => names.Length;

    public IReadOnlyList<string> Names => names;

    /// <summary>The place of a zone; -1: it is none of them.</summary>
    public int Place(string zone) => DnsName.TryParse(zone, out var name) && bySuffix.TryGetValue(name.Wire[..^1], out var place) ? place : -1;

    /// <summary>The zone that a name is in; -1: none of them.</summary>
    /// <param name="labels">A name in lower-case wire form without the final zero.</param>
    /// <param name="subject">The labels of the zone, or of the delegation in it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> labels, out ReadOnlySpan<byte> subject)
    {
        var below = labels;
        for (var rest = labels; ; rest = rest[(rest[0] + 1)..])
        {
            if (bySuffix.TryGetValue(rest, out var place))
            {
                subject = delegating.Contains(place) ? below : rest;
                return place;
            }
            if (rest.IsEmpty) break;
            below = rest;
        }
        subject = default;
        return -1;
    }

    sealed class Suffixes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static Suffixes Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        // Seeded by the process: the names come from the network.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
