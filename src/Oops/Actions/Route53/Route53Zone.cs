using System.Globalization;
using Oops.Commands;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Actions.Route53;

/// <summary>A hosted zone as it was read.</summary>
/// <param name="Id">Of the hosted zone.</param>
/// <param name="Version">As of <see cref="TargetZone"/>.</param>
/// <param name="Own">The same.</param>
/// <param name="Otherwise">RRsets that are written there in another way than we write them: a DELETE must have them as they are.</param>
internal sealed record Route53Zone(string Id, ZoneVersion Version, IReadOnlyDictionary<(string Owner, DnsType Type), string> Own, IReadOnlyDictionary<(string Owner, DnsType Type), Route53Set> Otherwise) : TargetZone(Version, Own)
{
    public Route53Set AsRead(in DnsName owner, DnsType type, SetData set) => Otherwise.GetValueOrDefault((owner.ToString(), type)) ?? Route53Batches.Written(owner, type, set);
}

/// <summary>Makes a zone of the pages of a hosted zone. What is no plain RRset (an alias, one of several by weight, place or health), and what cannot be read, is the target's own.</summary>
internal sealed class Route53Intake(DnsName apex)
{
    static readonly string[] Plain = ["Name", "Type", "TTL", "ResourceRecords"];

    readonly ZoneEdit edit = new(ZoneVersion.Nothing(apex));
    readonly Dictionary<(string, DnsType), string> own = [];
    readonly Dictionary<(string, DnsType), Route53Set> otherwise = [];
    readonly byte[] buffer = new byte[2 * RecordData.MaxSize];

    public long Records { get; private set; }

    /// <summary>Takes an RRset. Null: it is in; else why the zone cannot be read.</summary>
    public string? Add(Route53Element set)
    {
        var word = set.TextOf("Name");
        if (!Route53Text.TryName(word, out var owner) || !owner.IsWithin(apex))
            return $"it has an RRset of the name {Shown(word)}, which is none of that zone";
        if (!TypeNames.TryParse(set.TextOf("Type"), out var type))
        {
            Keep(owner, default, $"there is a set of type {Shown(set.TextOf("Type"))}");
            return null;
        }

        if (set.Within.FirstOrDefault(e => !Plain.Contains(e.Name)) is { } more)
        {
            Keep(owner, type, set.Get("AliasTarget") is { } alias ? $"it is an alias for {Shown(alias.TextOf("DNSName"))}" : set.Get("SetIdentifier") is { } id ? $"it is one of several by policy ({Shown(id.Text)})" : $"it has {Shown(more.Name)}");
            return null;
        }

        var values = set.Get("ResourceRecords")?.All("ResourceRecord").Select(static r => r.TextOf("Value")).ToArray() ?? [];
        if (!uint.TryParse(set.TextOf("TTL"), NumberStyles.None, CultureInfo.InvariantCulture, out var ttl) || ttl > int.MaxValue || values.Length == 0)
        {
            Keep(owner, type, "it cannot be read: no TTL, or no value");
            return null;
        }

        return Add(owner, type, new(word, ttl, values));
    }

    public Route53Zone Seal(string id) => new(id, edit.Seal(), own, otherwise);

    string? Add(in DnsName owner, DnsType type, Route53Set set)
    {
        var data = new byte[set.Values.Count][];
        var same = set.Name == Route53Text.Name(owner);
        for (var i = 0; i < data.Length; i++)
        {
            if (!Route53Text.TryData(type, set.Values[i], buffer, out var length, out var why))
            {
                Keep(owner, type, $"its value cannot be read ({why})");
                return null;
            }

            data[i] = buffer[..length];
            same &= Route53Text.Value(type, data[i]) == set.Values[i];
        }

        foreach (var one in data)
            edit.Add(owner, type, set.Ttl, one);
        Records += data.Length;
        if (!same)
            otherwise[(owner.ToString(), type)] = set;
        return edit.Faults.All.ContainsKey(IntakeFault.TooLarge) ? $"what it has at {owner} is larger than a message" : null;
    }

    void Keep(in DnsName owner, DnsType type, string why)
    {
        Records++;
        own[(owner.ToString(), type)] = why;
    }

    static string Shown(string text) => Terminal.Safe(text.Length > 100 ? text[..100] + "..." : text);
}
