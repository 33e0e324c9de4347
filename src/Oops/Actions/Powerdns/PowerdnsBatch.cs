using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Actions.Powerdns;

/// <summary>One RRset of a PATCH.</summary>
internal sealed class PowerdnsSet(SetChange change, DnsName owner)
{
    // What differs from the JSON around it.
    const int Around = 120;

    public DnsName Owner { get; } = owner;

    public DnsType Type => change.Type;

    public bool IsDelete => change.After is null;

    public SetData? After => change.After;

    public string Name { get; } = owner.ToAbsolute();

    public string TypeName { get; } = PowerdnsText.NameOf(change.Type);

    /// <summary>Its records, in the order of the data; what the server wants otherwise takes its place.</summary>
    public string[] Contents { get; } = [.. (change.After?.Data ?? []).Select(d => PowerdnsText.Write(change.Type, d))];

    /// <summary>Octets of its JSON, and not less.</summary>
    public int Size => Around + Name.Length + Contents.Sum(static c => (2 * c.Length) + 40);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteString("type", TypeName);
        writer.WriteString("changetype", IsDelete ? "DELETE" : "REPLACE");
        if (change.After is { } after)
        {
            writer.WriteNumber("ttl", after.Ttl);
            // Without "comments" those that are there stay.
            writer.WriteStartArray("records");
            foreach (var content in Contents)
            {
                writer.WriteStartObject();
                writer.WriteString("content", content);
                writer.WriteBoolean("disabled", false);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}

/// <summary>The changes of a plan in requests that can follow one another.</summary>
internal static class PowerdnsBatch
{
    /// <summary>The server takes 2 MB (webserver-max-bodysize), and holds its database while it works at one.</summary>
    public const int MostOctets = 1 << 20, MostSets = 1000;

    // Texts are full of quotes, and what is for a web page costs six octets for each.
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What happens at a name is in one request where it fits, and there first what goes: a CNAME is taken where nothing else is.</summary>
    public static IEnumerable<List<PowerdnsSet>> Of(SyncPlan plan, int mostOctets = MostOctets, int mostSets = MostSets)
    {
        var (batch, size) = (new List<PowerdnsSet>(), 0);
        foreach (var (owner, changes) in plan.ByName)
        {
            var sets = changes.Select(c => new PowerdnsSet(c, owner)).OrderBy(static s => !s.IsDelete).ToList();
            if (batch.Count > 0 && (size + sets.Sum(static s => s.Size) > mostOctets || batch.Count + sets.Count > mostSets))
            {
                yield return batch;
                (batch, size) = ([], 0);
            }

            foreach (var set in sets)
            {
                if (batch.Count > 0 && (size + set.Size > mostOctets || batch.Count == mostSets))
                {
                    yield return batch;
                    (batch, size) = ([], 0);
                }

                batch.Add(set);
                size += set.Size;
            }
        }

        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>The body of a PATCH.</summary>
    public static byte[] Write(IReadOnlyList<PowerdnsSet> batch)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("rrsets");
            foreach (var set in batch)
                set.Write(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
