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
