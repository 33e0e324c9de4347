using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Oops.Lab.Matrix;

/// <summary>What was measured of one condition of one server: a line of a results file.</summary>
internal sealed record Cell(string Row, string Version, string Date, Times Met, Times? Ended)
{
    /// <summary>Of a stop: how often it was believed before the last answer.</summary>
    public int? BeforeLastAnswer { get; init; }

    public static Cell Of(string row, string version, IReadOnlyList<Turn> turns) =>
        new(row, version, DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Times.Of(turns.Select(t => t.Met)), turns[0].Ended is null ? null : Times.Of(turns.Select(t => t.Ended!)))
        {
            BeforeLastAnswer = turns[0].BeforeLastAnswer is null ? null : turns.Count(t => t.BeforeLastAnswer == true),
        };
}

/// <summary>Milliseconds, in the order of the turns, and the channels whose word it was, the most frequent first.</summary>
internal sealed record Times(IReadOnlyList<double> Ms, IReadOnlyList<string> By)
{
    [JsonIgnore]
    public double Median
    {
        get
        {
            double[] sorted = [.. Ms.Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    public static Times Of(IEnumerable<Seen> seen)
    {
        Seen[] all = [.. seen];
        return new([.. all.Select(s => Math.Round(s.Ms, 1))], [.. all.GroupBy(s => s.By).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key)]);
    }
}

/// <summary>The results of one server: a line of JSON for each of its cells, so that a run goes on where one ended.</summary>
internal sealed class Results(string path)
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Results Of(string repository, string server) => new(Path.Combine(repository, "docs/reference/matrix", server + ".jsonl"));

    public IReadOnlyDictionary<string, Cell> Read() =>
        File.Exists(path) ? File.ReadLines(path).Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize<Cell>(l, Json)!).ToDictionary(c => c.Row) : new Dictionary<string, Cell>();

    /// <summary>Adds these, or puts them in the place of those that were there.</summary>
    public void Write(IEnumerable<Cell> cells)
    {
        var all = Read().ToDictionary();
        foreach (var cell in cells)
            all[cell.Row] = cell;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + ".new";
        File.WriteAllLines(temporary, Rows.All.Where(r => all.ContainsKey(r.Id)).Select(r => JsonSerializer.Serialize(all[r.Id], Json)));
        File.Move(temporary, path, overwrite: true);
    }
}
