namespace Oops.Native;

/// <summary>What a database file of ours is, and the version of its tables. A change adds a step and raises the version; a file of a newer version is never written.</summary>
/// <param name="What">With its article: `a journal`.</param>
/// <param name="Version">That of <paramref name="Tables"/>.</param>
/// <param name="Tables">The statements that make them in a new file.</param>
internal sealed record SqliteSchema(string What, int Version, string Tables)
{
    static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);

    /// <summary>Settings of each connection that writes; of a new file before anything is in it.</summary>
    public string Settings { get; init; } = "";

    /// <summary>What makes each older version the next: the first those of version 1.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    public static int Read(SqliteDatabase database)
    {
        using var statement = database.Prepare("PRAGMA user_version");
        return statement.Step() ? (int)statement.Int64(0) : 0;
    }

    /// <summary>Opens or makes the file, with a write-ahead log. Null with the reason where it must not be written.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public SqliteDatabase? OpenToWrite(string path, out string? refused)
    {
        var database = SqliteDatabase.Open(path, SqliteOpen.Create, Busy);
        try
        {
            database.Execute(Settings);
            database.UseWriteAheadLog();
            refused = Prepare(database);
            if (refused is null) return database;
            database.Dispose();
            return null;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file, also while it is written.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or is nothing of a version that we know.</exception>
    public SqliteDatabase OpenToRead(string path)
    {
        var database = SqliteDatabase.Open(path, SqliteOpen.ReadOnly, Busy);
        try
        {
            var found = Read(database);
            if (found is < 1 || found > Version)
                throw new SqliteException(SqliteResult.Schema, (int)SqliteResult.Schema, found == 0 ? $"{path}: not {What} yet" : $"{path}: schema {found}, this version reads up to {Version}");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Why a file cannot be opened, in words, with what to do where its owner may be the reason.</summary>
    public static string WhyNot(string path, Exception e) => e switch
    {
        SqliteException { Result: SqliteResult.ReadOnly or SqliteResult.CantOpen or SqliteResult.Perm } =>
            $"{e.Message}; it may be another user's, of a start by hand: give {Path.GetDirectoryName(path)} and what is in it to the user that runs oops (chown -R)",
        SqliteException => e.Message,
        _ => $"{path}: {Reason.Of(e)}",
    };

    /// <summary>Makes the tables in a new file, and what is missing in an old one. Returns null, or why the file must not be written.</summary>
    string? Prepare(SqliteDatabase database)
    {
        var found = Read(database);
        if (found > Version) return $"it is of schema {found}, this version writes {Version}: it is left alone";
        if (found == Version) return null;
        database.Execute("BEGIN IMMEDIATE");
        // Another one may have made them meanwhile.
        found = Read(database);
        if (found == 0) database.Execute(Tables);
        else for (var version = found; version < Version; version++) database.Execute(Steps[version - 1]);
        if (found < Version) database.Execute($"PRAGMA user_version = {Version}");
        database.Execute("COMMIT");
        return null;
    }
}
