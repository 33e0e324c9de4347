using Oops.Core;
using Oops.Engine;
using Oops.Reports;

namespace Oops.Sources.ErrorReports;

/// <summary>Keeps the tally's zones those of the server, and tells the machine what its conditions ask: nothing for each zone as soon as it is known, and the weighted number of reports whenever that changes.</summary>
internal sealed class ReportTeller(ErrorReportsTarget target, ReportTally tally, IEngine engine)
{
    /// <summary>Zones that are told in a row before the way into the machine is looked at.</summary>
    const int Piece = 4096;

    ZoneSet? followed;
    bool begun;

    /// <summary>Takes the server's list where it has changed.</summary>
    public async Task FollowZonesAsync()
    {
        if (target.Zones is { } named)
        {
            if (!begun) await TakeAsync(new ReportedZones(named, target.Delegating)).ConfigureAwait(false);
            return;
        }

        var now = engine.Server(target.Server).Zones;
        if (begun && ReferenceEquals(now, followed)) return;
        followed = now;
        await TakeAsync(new ReportedZones(now, target.Delegating)).ConfigureAwait(false);
    }

    public void Age() => tally.Age();

    public void Tell()
    {
        while (tally.TryNews(out var news))
            engine.Send(new ZoneSignal(Channel(news.Condition), news.Zone, Measure.ErrorReports, news.Value ?? Signal.Unsaid, news.Remark));
    }

    async Task TakeAsync(ReportedZones zones)
    {
        var before = begun ? tally.Zones : ReportedZones.None;
        tally.Zones = zones;
        foreach (var condition in target.Tally.Conditions)
        {
            var channel = Channel(condition.Name);
            for (var i = 0; i < zones.Count; i++)
            {
                if (i % Piece == Piece - 1) await engine.RoomAsync().ConfigureAwait(false);
                // That nobody reports it is what we know of it from now on.
                if (before.Place(zones.Names[i]) < 0) engine.Send(new ZoneSignal(channel, zones.Names[i], Measure.ErrorReports, tally.Told(zones.Names[i], condition.Name)));
            }

            engine.Send(new ChannelRead(channel));
        }

        begun = true;
    }

    string Channel(string condition) => $"error-reports/{target.Server}/{condition}";
}
