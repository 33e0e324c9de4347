using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>What is to be stored.</summary>
internal sealed partial class ReportTally
{
    /// <summary>Rows that are copied in one go: so long the gate is held.</summary>
    const int Piece = 64;

    /// <summary>What came since the last time. To be called by one at a time.</summary>
    /// <param name="agents">The agent domains, in the order of the config.</param>
    public IEnumerable<ReportNews> TakeNews(IReadOnlyList<string> agents)
    {
        foreach (var rows in new[] { table, unverified })
        {
            // No more than there are now: under a flood there is always another.
            for (var left = rows.Count; left > 0; left -= Piece)
            {
                var piece = Copy(rows);
                foreach (var copy in piece) yield return copy.Tell(agents);
                if (piece.Count < Piece) break;
            }
        }
    }

    List<Copied> Copy(ReportTable rows)
    {
        List<Copied> piece = new(Piece);
        lock (gate)
        {
            while (piece.Count < Piece && rows.TryNext(out var place))
            {
                ref var row = ref rows[place];
                piece.Add(new(row, rows.Name(place).ToArray(), rows.Types(place).ToArray()));
                (row.ToldCount, row.ToldVerified) = (row.Count, row.Verified);
            }
        }
        return piece;
    }

    readonly record struct Copied(ReportRow Row, byte[] Labels, byte[] Types)
    {
        public ReportNews Tell(IReadOnlyList<string> agents) => new(
            agents[Row.Agent],
            Row.ZoneLength == ReportRow.NoZone ? null : Text(Labels.AsSpan(Labels.Length - Row.ZoneLength)),
            Text(Labels),
            System.Text.Encoding.ASCII.GetString(Types),
            Row.Code,
            Row.Count - Row.ToldCount,
            Row.Verified - Row.ToldVerified,
            DateTimeOffset.FromUnixTimeMilliseconds(Row.First),
            DateTimeOffset.FromUnixTimeMilliseconds(Row.Last),
            Row.Paths,
            Row.Networks.Estimate(),
            Row.LastFrom.ToAddress());

        static string Text(ReadOnlySpan<byte> labels) => DnsName.TryFromWire([.. labels, 0], out var name) ? name.ToString() : "";
    }
}
