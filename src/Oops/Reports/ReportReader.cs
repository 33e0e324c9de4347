using System.Globalization;
using System.Text;
using Oops.Native;

namespace Oops.Reports;

/// <summary>Reads the store, also while it is written. One thread at a time.</summary>
internal sealed class ReportReader : IDisposable
{
    const long Hour = 3_600_000;

    readonly SqliteDatabase database;

    ReportReader(SqliteDatabase database) => this.database = database;

    /// <summary>Null: there is no store yet.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or is no store of a version that we know.</exception>
    public static ReportReader? Open(string path) => File.Exists(path) ? new(ReportSchema.Of.OpenToRead(path)) : null;

    public ReportsFound Read(ReportQuery query)
    {
        // The newest change first: what is stored while the rows are read is found by the next question.
        var newest = Newest();
        var changes = query is { By: ReportGrouping.Hour, After: not null };
        var sums = changes ? ChangesOf(query) : GroupsOf(query);
        using var statement = database.Prepare(query.By is ReportGrouping.Report or ReportGrouping.Hour && SqliteSchema.Read(database) >= ReportSchema.WithChecks ? WithChecks(sums) : sums);
        Bind(statement, query);
        List<StoredReport> reports = [];
        long total = 0;
        while (statement.Step())
        {
            total = statement.Int64(14);
            reports.Add(Read(statement, statement.Columns > 16));
        }
        return changes ? new(reports, null, reports.Count == query.Limit ? reports[^1].Stored : newest) : new(reports, total, newest);
    }

    /// <summary>The names that were reported last, with the codes of each.</summary>
    /// <param name="query">Of it: zone, codes, since.</param>
    /// <param name="mostNames">Names at most.</param>
    /// <param name="mostCodes">Codes at most, of all names.</param>
    /// <param name="cut">There are more.</param>
    public IReadOnlyList<ReportedName> Names(ReportQuery query, int mostNames, int mostCodes, out bool cut)
    {
        using var statement = database.Prepare($"SELECT name, code FROM reports WHERE {Where(query)} GROUP BY name, code ORDER BY max(last) DESC, name, code LIMIT ?5");
        Bind(statement, query with { Limit = mostCodes + 1 });
        List<ReportedName> names = [];
        Dictionary<string, ReportedName> known = new(StringComparer.Ordinal);
        cut = false;
        for (var codes = 0; statement.Step(); codes++)
        {
            var text = statement.Text(0)!;
            if (codes == mostCodes || (!known.TryGetValue(text, out var name) && names.Count == mostNames))
            {
                cut = true;
                break;
            }
            if (name is null)
            {
                known.Add(text, name = new(text, []));
                names.Add(name);
            }
            name.Codes.Add((int)statement.Int64(1));
        }
        return names;
    }

    /// <summary>Makes the question that is being read end with <see cref="SqliteResult.Interrupt"/>; on any thread.</summary>
    public void Interrupt() => database.Interrupt();

    public void Dispose() => database.Dispose();

    long Newest()
    {
        using var statement = database.Prepare("SELECT stored FROM state");
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>After the limit, since a million of groups would be a million of looks.</summary>
    static string WithChecks(string sums) =>
        $"SELECT sums.*, checks.verdict, checks.at, checks.found FROM ({sums}) AS sums LEFT JOIN checks ON checks.name = sums.name AND checks.types = sums.types AND checks.code = sums.code";

    static string ChangesOf(ReportQuery query) => $"""
        SELECT hour, agent, zone, name, types, code, NULL, count, verified, paths, networks, first, last, last_from, 0, stored FROM reports
        WHERE stored > ?6 AND {Where(query)} ORDER BY stored LIMIT ?5
        """;

    static string GroupsOf(ReportQuery query)
    {
        var keys = KeysOf(query.By);
        var columns = string.Join(", ", from key in (string[])["hour", "agent", "zone", "name", "types", "code"] select keys.Contains(key) ? key : $"NULL AS {key}");
        var names = query.By is ReportGrouping.Zone or ReportGrouping.Code ? "count(DISTINCT name)" : "NULL";
        // A plain column beside one max() would be of its row, but there are two. The time has the same number of digits in all rows.
        return $"""
            SELECT {columns}, {names}, sum(count) AS many, sum(verified), max(paths & 1) | max(paths & 2) | max(paths & 4) | max(paths & 8), max(networks), min(first), max(last) AS newest,
                substr(max(printf('%015d', last) || last_from), 16), count(*) OVER (), max(stored)
            FROM reports WHERE {Where(query)} GROUP BY {string.Join(", ", keys)} ORDER BY {(query.Order == ReportOrder.Count ? "many DESC, newest DESC" : "newest DESC, many DESC")}, {string.Join(", ", keys)} LIMIT ?5
            """;
    }

    static string[] KeysOf(ReportGrouping by) => by switch
    {
        ReportGrouping.Name => ["zone", "name"],
        ReportGrouping.Zone => ["zone"],
        ReportGrouping.Code => ["code"],
        ReportGrouping.Hour => ["hour", "agent", "zone", "name", "types", "code"],
        _ => ["zone", "name", "types", "code"],
    };

    static string Where(ReportQuery query)
    {
        var text = new StringBuilder("hour >= ?1 AND last >= ?2");
        // A dot is between two labels where an even number of backslashes stands before it: `a\.nl` is one label.
        if (query.Zone is not (null or ".")) text.Append(" AND (name = ?3 OR (substr(name, -?4) = '.' || ?3 AND (length(name) - ?4 - length(rtrim(substr(name, 1, length(name) - ?4), '\\'))) % 2 = 0))");
        // Numbers, and nothing that anybody wrote.
        if (query.Codes.Count > 0) text.Append(" AND code IN (").AppendJoin(',', query.Codes.Select(c => c.ToString(CultureInfo.InvariantCulture))).Append(')');
        return text.ToString();
    }

    static void Bind(SqliteStatement statement, ReportQuery query)
    {
        var since = query.Since?.ToUnixTimeMilliseconds() ?? 0;
        statement.Bind(1, since / Hour);
        statement.Bind(2, since);
        if (query.Zone is { } zone and not ".")
        {
            statement.Bind(3, zone);
            statement.Bind(4, zone.Length + 1);
        }
        statement.Bind(5, query.Limit);
        if (query is { By: ReportGrouping.Hour, After: { } after }) statement.Bind(6, after);
    }

    static StoredReport Read(SqliteStatement row, bool withChecks)
    {
        var isChecked = withChecks && !row.IsNull(16);
        int? code = row.IsNull(5) ? null : (int)row.Int64(5);
        return new()
        {
            Hour = row.IsNull(0) ? null : Time(row.Int64(0) * Hour),
            Agent = row.Text(1),
            Zone = row.Text(2) is { Length: > 0 } zone ? zone : null,
            Name = row.Text(3),
            Types = row.Text(4) is { } types ? StoredReport.TypesOf(types) : null,
            Code = code,
            CodeName = code is { } number ? StoredReport.NameOf(number) : null,
            Names = row.IsNull(6) ? null : row.Int64(6),
            Count = row.Int64(7),
            Verified = row.Int64(8),
            Paths = StoredReport.PathsOf(row.Int64(9)),
            Networks = (int)row.Int64(10),
            First = Time(row.Int64(11)),
            Last = Time(row.Int64(12)),
            LastFrom = row.Text(13)!,
            Check = isChecked ? StoredReport.VerdictOf(row.Int64(16)) : null,
            Checked = isChecked ? Time(row.Int64(17)) : null,
            CheckFound = isChecked ? row.Text(18) : null,
            Stored = row.Int64(15),
        };
    }

    static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
