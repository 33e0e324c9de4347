using System.Globalization;
using System.Text.Json;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Wire.Text;
using Oops.Zones.Compact;

namespace Oops.Actions.Powerdns;

/// <summary>Takes the tokens of a zone as the API has it: `{"kind": ..., "rrsets": [{"name": ..., "type": ..., "ttl": ..., "records": [{"content": ..., "disabled": ...}], "comments": [...]}]}`.</summary>
internal sealed class PowerdnsZone(DnsName zone, long mostRecords)
{
    // Where the words of an RRset and of a record stand.
    const int OfZone = 1, OfSet = 3, OfRecord = 5;

    readonly DnsName zone = zone;
    readonly ZoneEdit edit = new(ZoneVersion.Nothing(zone));
    readonly Dictionary<(string, DnsType), string> own = [];
    readonly List<string> contents = [];
    readonly byte[] data = new byte[RecordData.MaxSize];
    string word = "", name = "", type = "";
    long ttl = -1, records;
    bool within, inRecords, disabled;

    /// <summary>`Native`, `Master`, `Slave` ...</summary>
    public string Kind { get; private set; } = "";

    /// <summary>How the serial rises with a change; empty: it does not.</summary>
    public string SoaEditApi { get; private set; } = "";

    /// <summary>Why it is no zone that can be compared; null: it is one, so far.</summary>
    public string? Why { get; private set; }

    public void Take(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when depth is OfZone or OfSet or OfRecord:
                word = reader.GetString()!;
                break;
            case JsonTokenType.StartArray when depth == OfZone:
                within = word == "rrsets";
                break;
            case JsonTokenType.StartArray when depth == OfSet:
                inRecords = word == "records";
                break;
            case JsonTokenType.EndArray when depth == OfZone:
                within = false;
                break;
            case JsonTokenType.StartObject when within && depth == OfSet - 1:
                (name, type, ttl, disabled) = ("", "", -1, false);
                contents.Clear();
                break;
            case JsonTokenType.EndObject when within && depth == OfSet - 1:
                EndSet();
                break;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                TakeValue(ref reader, depth);
                break;
            default:
                break;
        }
    }

    /// <summary>The zone, when all of it was taken.</summary>
    public TargetZone? Seal() => Why is null ? new TargetZone(edit.Seal(), own) : null;

    void TakeValue(ref Utf8JsonReader reader, int depth)
    {
        switch (depth, word)
        {
            case (OfZone, "kind"):
                Kind = reader.GetString()!;
                break;
            case (OfZone, "soa_edit_api"):
                SoaEditApi = reader.GetString()!;
                break;
            case (OfSet, "name") when within:
                name = reader.GetString()!;
                break;
            case (OfSet, "type") when within:
                type = reader.GetString()!;
                break;
            case (OfSet, "ttl") when within:
                ttl = reader.TryGetInt64(out var seconds) ? seconds : -1;
                break;
            case (OfRecord, "content") when within && inRecords:
                if (++records > mostRecords)
                    Why ??= string.Create(CultureInfo.InvariantCulture, $"more than {mostRecords} records");
                else
                    contents.Add(reader.GetString()!);
                break;
            case (OfRecord, "disabled") when within && inRecords:
                disabled |= reader.TokenType == JsonTokenType.True;
                break;
            default:
                break;
        }
    }

    void EndSet()
    {
        if (!DnsName.TryParse(name, out var owner) || ttl is < 0 or > int.MaxValue)
        {
            Why ??= $"an RRset of {Shown(name)} that is none";
            return;
        }

        switch (type)
        {
            case "ALIAS":
                Keep(owner, DnsType.A, "an ALIAS is there, which makes them");
                Keep(owner, DnsType.Aaaa, "an ALIAS is there, which makes them");
                return;
            case "LUA":
                foreach (var content in contents)
                {
                    if (TypeNames.TryParse(content.Split(' ')[0], out var made))
                        Keep(owner, made, "a LUA record is there, which makes them");
                }

                return;
        }

        // What has no number is a word of the server's own, and nothing of it can be in another's zone.
        if (!TypeNames.TryParse(type, out var known))
            return;
        if (disabled)
        {
            Keep(owner, known, "records of it are switched off there");
            return;
        }

        TakeSet(owner, known);
    }

    void TakeSet(in DnsName owner, DnsType known)
    {
        // First whether all can be read: half of an RRset would be written over.
        foreach (var content in contents)
        {
            if (PowerdnsText.TryRead(known, content, data, out _, out var why))
                continue;
            Keep(owner, known, $"it cannot be read there: {why}");
            return;
        }

        foreach (var content in contents)
        {
            PowerdnsText.TryRead(known, content, data, out var length, out _);
            edit.Add(owner, known, (uint)ttl, data.AsSpan(0, length));
        }
    }

    void Keep(in DnsName owner, DnsType known, string why)
    {
        if (owner.IsWithin(zone))
            own.TryAdd((owner.ToString(), known), why);
    }

    static string Shown(string text) => PrintableText.Of(System.Text.Encoding.UTF8.GetBytes(text.Length > 80 ? text[..80] : text));
}
