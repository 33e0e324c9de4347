using System.Text.Json;
using System.Text.Json.Serialization;
using Oops.Native;

namespace Oops.Keys;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ZoneKeys))]
[JsonSerializable(typeof(string[][]))]
internal sealed partial class KeyJson : JsonSerializerContext;

/// <summary>A zone as it is stored.</summary>
internal sealed record StoredZone(string Server, string Zone, ZoneKeys Keys);

/// <summary>
/// What is known of keys, on the disk: one row for each zone of each server, in a file of its own (ADR 23). Each call has its own thread, and throws nothing that the disk says: it is told instead. One call at a time.
/// </summary>
internal sealed class KeyStore(string folder, TimeProvider time) : IDisposable
{
    /// <summary>Rows that the file has at most, of all servers; of more those go that were looked at longest ago.</summary>
    public const int MostRows = 100_000;

    const string ThreadName = "oops-keys";

    internal static readonly SqliteSchema Schema = new("a store of keys", 1, """
        CREATE TABLE zones(server TEXT NOT NULL, zone TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY(server, zone)) WITHOUT ROWID;
        CREATE INDEX zones_at ON zones(at);
        """) { Settings = "PRAGMA journal_size_limit=16777216" };

    /// <summary>How long the disk is waited for; a call that hangs has the file until it ends.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    SqliteDatabase? database;
    Task running = Task.CompletedTask;

    public const string FileName = "keys.db";

    public string FilePath { get; } = Path.Combine(folder, FileName);

    /// <summary>Another bound than <see cref="MostRows"/>.</summary>
    public int Most { get; init; } = MostRows;

    /// <summary>Opens or makes the file. Null, or why not.</summary>
    public Task<string?> OpenAsync(CancellationToken stop) => OnDiskAsync(() =>
    {
        if (database is not null) return null;
        Directory.CreateDirectory(folder);
        database = Schema.OpenToWrite(FilePath, out var refused);
        if (database is null) return $"{FilePath}: {refused}";
        Trim(database);
        return null;
    }, stop);

    /// <summary>What was stored of a zone; null where there is nothing that can be read, or with the reason.</summary>
    public async Task<(ZoneKeys? Keys, string? Why)> ReadAsync(string server, string zone, CancellationToken stop)
    {
        ZoneKeys? found = null;
        var why = await OnDiskAsync(() =>
        {
            if (database is null) return NotOpen;
            using var read = database.Prepare("SELECT server, zone, state FROM zones WHERE server = ?1 AND zone = ?2");
            read.Bind(1, server);
            read.Bind(2, zone);
            found = Rows(read).FirstOrDefault()?.Keys;
            return null;
        }, stop).ConfigureAwait(false);
        return (why is null ? found : null, why);
    }

    /// <summary>Stores one zone. Null: it is on its way to the disk. Else why not.</summary>
    public Task<string?> WriteAsync(StoredZone zone, CancellationToken stop) => OnDiskAsync(() =>
    {
        if (database is null) return NotOpen;
        var state = JsonSerializer.Serialize(zone.Keys, KeyJson.Default.ZoneKeys);
        Run(database, "UPDATE zones SET at = ?3, state = ?4 WHERE server = ?1 AND zone = ?2", zone, state);
        if (database.Changes > 0) return null;
        Run(database, "INSERT INTO zones(server, zone, at, state) VALUES(?1, ?2, ?3, ?4)", zone, state);
        Trim(database);
        return null;
    }, stop);

    public void Dispose()
    {
        if (running.IsCompleted) database?.Dispose();
    }

    /// <summary>A row that cannot be read is as good as none: the zone is seen for the first time then.</summary>
    internal static List<StoredZone> Rows(SqliteStatement read)
    {
        List<StoredZone> found = [];
        while (read.Step())
        {
            if (Parse(read.Text(2)!) is { } state) found.Add(new(read.Text(0)!, read.Text(1)!, state));
        }

        return found;
    }

    string NotOpen => $"{FilePath}: not open";

    static void Run(SqliteDatabase database, string sql, StoredZone zone, string state)
    {
        using var write = database.Prepare(sql);
        write.Bind(1, zone.Server);
        write.Bind(2, zone.Zone);
        write.Bind(3, zone.Keys.Looked?.ToUnixTimeMilliseconds() ?? 0);
        write.Bind(4, state);
        write.Run();
    }

    void Trim(SqliteDatabase open)
    {
        using var old = open.Prepare("DELETE FROM zones WHERE (server, zone) IN (SELECT server, zone FROM zones ORDER BY at DESC LIMIT -1 OFFSET ?1)");
        old.Bind(1, Most);
        old.Run();
    }

    static ZoneKeys? Parse(string state)
    {
        try
        {
            return JsonSerializer.Deserialize(state, KeyJson.Default.ZoneKeys) is { IsWhole: true } whole ? whole : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    async Task<string?> OnDiskAsync(Func<string?> work, CancellationToken stop)
    {
        if (!running.IsCompleted) return $"{FilePath}: the disk has not answered";
        try
        {
            var begun = OwnThread.RunAsync(() =>
            {
                try
                {
                    return work();
                }
                catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
                {
                    return SqliteSchema.WhyNot(FilePath, e);
                }
            }, ThreadName);
            running = begun;
            return await begun.WaitAsync(Patience, time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return $"{FilePath}: the disk has not answered";
        }
        catch (IOException e)
        {
            return $"{FilePath}: {e.Message}";
        }
    }
}
