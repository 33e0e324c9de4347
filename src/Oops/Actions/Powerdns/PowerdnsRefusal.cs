using System.Globalization;
using System.Text;
using System.Text.Json;
using Oops.Wire.Dns;
using Oops.Wire.Json;

namespace Oops.Actions.Powerdns;

/// <summary>What the API says of a PATCH that it does not take: `{"error": "Record a.example./HTTPS '1 . ech=AAAA': Not in expected format (parsed as '1 . ech=\"AAAA\"')"}`, or `RRset a.example. IN CNAME: Conflicts with pre-existing RRset`.</summary>
internal static class PowerdnsRefusal
{
    const string Otherwise = "': Not in expected format (parsed as '", End = "')";

    /// <summary>Its words; empty: none.</summary>
    public static string WordsOf(IReadOnlyList<byte> answer)
    {
        var said = new JsonScalars(["error"]);
        return new JsonPieces(said.Take).Feed([.. answer], last: true) && said.Found.Has(0) ? said.Found.Text(0) : Encoding.UTF8.GetString([.. answer]);
    }

    /// <summary>The RRset that it is about; null: it is not about one of them.</summary>
    public static PowerdnsSet? Find(string words, IReadOnlyList<PowerdnsSet> batch) =>
        batch.FirstOrDefault(s => words.StartsWith($"Record {s.Name}/{s.TypeName} '", StringComparison.Ordinal) || words.StartsWith($"RRset {s.Name} IN {s.TypeName}: ", StringComparison.Ordinal) || words.StartsWith($"Name '{s.Name}' ", StringComparison.Ordinal));

    /// <summary>Writes a record as the server wants it. False: that is not what it said, or it would be other data.</summary>
    public static bool TryRewrite(string words, PowerdnsSet set)
    {
        var at = words.IndexOf(Otherwise, StringComparison.Ordinal);
        if (at < 0 || !words.EndsWith(End, StringComparison.Ordinal) || set.After is not { } after)
            return false;
        var before = $"Record {set.Name}/{set.TypeName} '";
        var (sent, wanted) = (words[before.Length..at], words[(at + Otherwise.Length)..^End.Length]);
        var which = Array.IndexOf(set.Contents, sent);
        var data = new byte[RecordData.MaxSize];
        if (which < 0 || sent == wanted || !PowerdnsText.TryRead(set.Type, wanted, data, out var length, out _) || !data.AsSpan(0, length).SequenceEqual(after.Data[which]))
            return false;
        set.Contents[which] = wanted;
        return true;
    }
}

/// <summary>RRsets that were not taken. All that was to change at their names waits with them: else what they were to replace would be gone.</summary>
internal sealed class PowerdnsRefused
{
    readonly HashSet<DnsName> names = [];
    int others;

    public int Count { get; private set; }

    /// <summary>What was said of the first.</summary>
    public string First { get; private set; } = "";

    /// <summary>`1 RRsets of 7, and 2 others at the same names are left as they were`.</summary>
    public string Words(int all) => string.Create(CultureInfo.InvariantCulture, $"{Count} RRsets of {all}{(others > 0 ? $", and {others} others at the same names are left as they were" : "")}");

    public void Add(PowerdnsSet set, string said, List<PowerdnsSet> batch)
    {
        if (Count++ == 0)
            First = said;
        batch.Remove(set);
        names.Add(set.Owner);
        TakeFrom(batch);
    }

    /// <summary>Of a name that is too much for one request the rest comes later.</summary>
    public void TakeFrom(List<PowerdnsSet> batch) => others += batch.RemoveAll(s => names.Contains(s.Owner));
}
