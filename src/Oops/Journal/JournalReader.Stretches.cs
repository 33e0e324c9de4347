using Oops.Core;

namespace Oops.Journal;

/// <summary>Weeks of the journal at a glance: what was decided of routes, whatever there is of zones beside it.</summary>
internal sealed partial class JournalReader
{
    /// <summary>All runs, oldest first.</summary>
    public IReadOnlyList<Stretch> Stretches()
    {
        // What says the same for a while is one row, removed by the time of its writing.
        using var statement = database.Prepare("""
            SELECT id, boot, at, wall, version, config, flushed, ended,
                EXISTS (SELECT 1 FROM decisions WHERE run = r.id AND at = r.at AND kind = 'run'),
                EXISTS (SELECT 1 FROM decisions WHERE run = r.id AND at = r.at AND subject = 'gap/journal'),
                max((SELECT coalesce(max(at), 0) FROM inputs WHERE run = r.id), (SELECT coalesce(max(at), 0) FROM decisions WHERE run = r.id), (SELECT coalesce(max(first), 0) FROM renewals WHERE run = r.id)),
                min((SELECT coalesce(min(at), ?1) FROM inputs WHERE run = r.id), (SELECT coalesce(min(at), ?1) FROM decisions WHERE run = r.id), coalesce((SELECT r.at + (o.wall - r.wall) * 10000 FROM renewals o WHERE o.run = r.id ORDER BY o.first LIMIT 1), ?1))
            FROM runs r ORDER BY id
            """);
        statement.Bind(1, At.Never.Ticks);
        var stretches = new List<Stretch>();
        while (statement.Step())
        {
            var (begun, flushed, ended) = (new At(statement.Int64(2)), new At(statement.Int64(6)), !statement.IsNull(7));
            var last = ended ? flushed : At.Max(flushed, new(statement.Int64(10)));
            var first = statement.Int64(8) != 0 ? begun : At.Min(At.Max(begun, new(statement.Int64(11))), last);
            stretches.Add(new(
                statement.Int64(0), statement.Text(1)!, begun, Wall(statement.Int64(3)), statement.Text(4)!, statement.Text(5)!, first, last, ended, statement.Int64(9) != 0));
        }

        return stretches;
    }

    /// <summary>
    /// What was decided of routes, for which causes, when servers were down, and when nothing could be known: from a run on, oldest first. By the index of the subjects, so that lines about zones, of which there may be very many, are not read.
    /// </summary>
    public IEnumerable<(long Run, At At, Decision Decision)> OfRoutes(long from)
    {
        using var statement = database.Prepare("""
            SELECT wall, kind, subject, before, after, text, at, run, id FROM decisions WHERE subject >= 'route/' AND subject < 'route0' AND +run >= ?1
            UNION ALL SELECT wall, kind, subject, before, after, text, at, run, id FROM decisions WHERE subject >= 'condition/server-down/' AND subject < 'condition/server-down0' AND +run >= ?1
            UNION ALL SELECT wall, kind, subject, before, after, text, at, run, id FROM decisions WHERE subject >= 'alarm/budget/' AND subject < 'alarm/budget0' AND +run >= ?1
            UNION ALL SELECT wall, kind, subject, before, after, text, at, run, id FROM decisions WHERE subject = ?2 AND +run >= ?1
            ORDER BY 9
            """);
        statement.Bind(1, from);
        statement.Bind(2, "gap/" + Shed.OwnPause);
        while (statement.Step()) yield return (statement.Int64(7), new(statement.Int64(6)), ReadDecision(statement));
    }
}
