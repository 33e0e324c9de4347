using System.Text.Json;
using Oops.Native;

namespace Oops.Keys;

/// <summary>Which rows of a store of keys.</summary>
internal sealed record KeyQuestion
{
    /// <summary>Null: of all.</summary>
    public string? Server { get; init; }

    /// <summary>Null: all.</summary>
    public string? Zone { get; init; }

    /// <summary>No others than these, by server and zone; null: whichever there are.</summary>
    public string[][]? Among { get; init; }

    /// <summary>So many rows, the first by server and zone.</summary>
    public int Most { get; init; } = 1;
}

/// <summary>What was found.</summary>
/// <param name="Zones">At most as many as were asked for.</param>
/// <param name="Total">How many there are.</param>
internal sealed record KeysFound(IReadOnlyList<StoredZone> Zones, int Total)
{
    public static KeysFound Nothing { get; } = new([], 0);
}

/// <summary>Reads a store that another may write. Who reads has one of these: a disk that hangs costs him one thread, however often he asks.</summary>
internal sealed class KeyReads(string path, TimeProvider time)
{
    const string Filter = "FROM zones WHERE (?1 IS NULL OR server = ?1) AND (?2 IS NULL OR zone = ?2) AND (?3 IS NULL OR (server, zone) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?3)))";

    readonly BlockingTurns turns = new("oops-keys-read", TimeSpan.FromSeconds(8), time);

    /// <summary>Nothing where there is no store yet.</summary>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    /// <exception cref="IOException">There is no thread to be had.</exception>
    /// <exception cref="TimeoutException">The disk does not answer.</exception>
    public Task<KeysFound> AskAsync(KeyQuestion question, CancellationToken stop) => turns.RunAsync(end => Read(question, end), $"{path}: the disk has not answered", stop);

    KeysFound Read(KeyQuestion question, CancellationToken end)
    {
        if (!File.Exists(path)) return KeysFound.Nothing;
        using var database = KeyStore.Schema.OpenToRead(path);
        // Ended before it is closed.
        using var interrupted = end.Register(database.Interrupt);
        var among = question.Among is null ? null : JsonSerializer.Serialize(question.Among, KeyJson.Default.StringArrayArray);
        using var count = Prepare(database, $"SELECT COUNT(*) {Filter}", question, among);
        count.Step();
        using var read = Prepare(database, $"SELECT server, zone, state {Filter} ORDER BY server, zone LIMIT ?4", question, among);
        read.Bind(4, question.Most);
        return new(KeyStore.Rows(read), (int)count.Int64(0));
    }

    static SqliteStatement Prepare(SqliteDatabase database, string sql, KeyQuestion question, string? among)
    {
        var statement = database.Prepare(sql);
        statement.Bind(1, question.Server);
        statement.Bind(2, question.Zone);
        statement.Bind(3, among);
        return statement;
    }
}
