using System.Text.Json;
using System.Text.Json.Serialization;
using Oops.Native;

namespace Oops.Keys;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ZoneKeys))]
internal sealed partial class KeyJson : JsonSerializerContext;

/// <summary>A zone as it is stored.</summary>
internal sealed record StoredZone(string Server, string Zone, ZoneKeys Keys);

/// <summary>
/// What is known of keys, on the disk: one row for each zone of each server, in a file of its own (ADR 23). Each call has its own thread, and throws nothing that the disk says: it is told instead. One call at a time.
/// </summary>
internal sealed class KeyStore(string folder, TimeProvider time) : IDisposable
{
    /// <summary>Rows that are kept; beyond that those go that were looked at longest ago.</summary>
    public const int MostRows = 20_000;

    const string ThreadName = "oops-keys";

    static readonly SqliteSchema Schema = new("a store of keys", 1, """
        CREATE TABLE zones(server TEXT NOT NULL, zone TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY(server, zone)) WITHOUT ROWID;
        CREATE INDEX zones_at ON zones(at);
        """) { Settings = "PRAGMA journal_size_limit=16777216" };

    /// <summary>How long the disk is waited for; a call that hangs has the file until it ends.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    SqliteDatabase? database;
    Task running = Task.CompletedTask;

    public const string FileName = "keys.db";

    public string FilePath { get; } = Path.Combine(folder, FileName);

    /// <summary>Opens or makes the file, and reads what is there of a server. Null with the reason.</summary>
    public async Task<(IReadOnlyList<StoredZone>? Zones, string? Why)> LoadAsync(string server, CancellationToken stop)
    {
        IReadOnlyList<StoredZone>? zones = null;
        var why = await OnDiskAsync(() =>
        {
            if (database is null)
            {
                Directory.CreateDirectory(folder);
                database = Schema.OpenToWrite(FilePath, out var refused);
                if (database is null) return $"{FilePath}: {refused}";
                using var old = database.Prepare("DELETE FROM zones WHERE at < (SELECT at FROM zones ORDER BY at DESC LIMIT 1 OFFSET ?1)");
                old.Bind(1, MostRows - 1);
                old.Run();
            }

            zones = Read(database, server, zone: null, most: MostRows);
            return null;
        }, stop).ConfigureAwait(false);
        return (why is null ? zones : null, why);
    }

    /// <summary>Stores one zone. Null: it is on its way to the disk. Else why not.</summary>
    public Task<string?> WriteAsync(StoredZone zone, CancellationToken stop) => OnDiskAsync(() =>
    {
        if (database is null) return $"{FilePath}: not open";
        using var write = database.Prepare("INSERT INTO zones(server, zone, at, state) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(server, zone) DO UPDATE SET at = excluded.at, state = excluded.state");
        write.Bind(1, zone.Server);
        write.Bind(2, zone.Zone);
        write.Bind(3, zone.Keys.Looked?.ToUnixTimeMilliseconds() ?? 0);
        write.Bind(4, JsonSerializer.Serialize(zone.Keys, KeyJson.Default.ZoneKeys));
        write.Run();
        return null;
    }, stop);

    /// <summary>Reads a store that another may write. Empty: there is none, or nothing of that zone in it.</summary>
    /// <param name="path">Of its file.</param>
    /// <param name="server">Null: of all.</param>
    /// <param name="zone">Null: all.</param>
    /// <param name="most">Rows.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    /// <exception cref="IOException">There is no thread to be had.</exception>
    public static Task<IReadOnlyList<StoredZone>> ReadAsync(string path, string? server, string? zone, int most, CancellationToken stop) => OwnThread.RunAsync<IReadOnlyList<StoredZone>>(() =>
    {
        if (!File.Exists(path)) return [];
        using var database = Schema.OpenToRead(path);
        return Read(database, server, zone, most);
    }, ThreadName).WaitAsync(stop);

    public void Dispose()
    {
        if (running.IsCompleted) database?.Dispose();
    }

    static List<StoredZone> Read(SqliteDatabase database, string? server, string? zone, int most)
    {
        using var read = database.Prepare("SELECT server, zone, state FROM zones WHERE (?1 IS NULL OR server = ?1) AND (?2 IS NULL OR zone = ?2) ORDER BY server, zone LIMIT ?3");
        read.Bind(1, server);
        read.Bind(2, zone);
        read.Bind(3, most);
        List<StoredZone> found = [];
        while (read.Step())
        {
            // A row that cannot be read is as good as none: the zone is seen for the first time then.
            if (Parse(read.Text(2)!) is { } state) found.Add(new(read.Text(0)!, read.Text(1)!, state));
        }

        return found;
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
