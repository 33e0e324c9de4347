using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Sources.Verify;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Control;

/// <summary>
/// GET /verify?zone=NAME[&amp;server=NAME]: the last verdict of the source `verify`. With at=ADDRESS@PORT a version that waits there, and is not served yet, is judged by what is different from the last one;
/// within=SECONDS says how long that may take. What the caller asks of the zone (<see cref="VerifyAsked"/>) must be in the config.
/// </summary>
internal sealed class VerifyApi(Daemon daemon)
{
    static readonly TimeSpan Usual = TimeSpan.FromSeconds(30), Longest = TimeSpan.FromHours(1);

    public async Task AnswerAsync(HttpContext context)
    {
        var words = context.Request.Query;
        if (Find(words["zone"], words["server"], out var source, out var zone) is { } missing)
        {
            await ControlServer.ErrorAsync(context, 404, missing).ConfigureAwait(false);
            return;
        }

        // A verdict by less than was asked for would be taken for one by all of it.
        if ((VerifyAsked.Read(words, out var unread) is { } asked ? asked.Lacks(source!.Asks, source.Brake, source.Server) : unread) is { } lacking)
        {
            await ControlServer.ErrorAsync(context, 400, lacking).ConfigureAwait(false);
            return;
        }

        if ((string?)words["at"] is not { } place)
        {
            if (zone!.ReportNow is { } report) await ControlServer.WriteAsync(context, 200, report, VerifyJson.Default.VerifyReport).ConfigureAwait(false);
            else await ControlServer.ErrorAsync(context, 503, $"{zone.Name} has not been judged yet{(zone.Trouble is { } trouble ? $": {trouble}" : "")}").ConfigureAwait(false);
            return;
        }

        if (Endpoint.Parse(place, out var problem) is not { } at)
            await ControlServer.ErrorAsync(context, 400, $"at: {problem}").ConfigureAwait(false);
        else if (LocalAddress.Has(at.ToIPEndPoint(53).Address) != true)
            await ControlServer.ErrorAsync(context, 400, $"{at} is not an address of this host: the daemon judges only what is served here (--from)").ConfigureAwait(false);
        else if (Within(words["within"]) is not { } within)
            await ControlServer.ErrorAsync(context, 400, $"within: a number of seconds, at most {Longest.TotalSeconds:0}").ConfigureAwait(false);
        else
            await JudgeAsync(context, source!, zone!, at.ToIPEndPoint(53), within).ConfigureAwait(false);
    }

    /// <summary>The size of a version that a person has looked at is the measure of the next.</summary>
    public async Task<VerbAnswer> AcceptAsync(VerbRequest request, string who, CancellationToken stop)
    {
        if (request.Subject is not { } name) return VerbAnswer.Usage("a zone");
        if (Find(name, request.Server, out var source, out var zone) is { } missing) return VerbAnswer.NotFound(missing);
        var accepting = await source!.AcceptAsync(zone!, request.Serial, stop).ConfigureAwait(false);
        // It has a file of its own, so that the journal need not be durable first.
        if (accepting is { Taken: true, Serial: { } taken }) daemon.Engine.Send(new Accept(who, source.Server, zone!.Name, taken));
        var at = $"{zone!.Name} at {source.Server}";
        return accepting switch
        {
            { Why: { } why } => VerbAnswer.Failed(why),
            { Taken: true, Serial: { } serial } => VerbAnswer.Done(string.Create(CultureInfo.InvariantCulture, $"{at}: the size of serial {serial} is what the next version is compared with")),
            { Serial: null } => VerbAnswer.Refused($"{at}: {accepting.Words}: a version without SOA cannot be accepted"),
            { Serial: { } serial } when request.Serial is null => VerbAnswer.Usage(string.Create(CultureInfo.InvariantCulture, $"{at}: {accepting.Words}; if its size is right, write --serial {serial}")),
            _ => VerbAnswer.Refused(string.Create(CultureInfo.InvariantCulture, $"{at}: serial {request.Serial} is not the version that would be accepted; that is {accepting.Words}")),
        };
    }

    async Task JudgeAsync(HttpContext context, VerifySource source, ZoneCase zone, IPEndPoint at, TimeSpan within)
    {
        var began = daemon.Time.GetTimestamp();
        using var late = new CancellationTokenSource(within, daemon.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        var trouble = "";
        try
        {
            if (await source.JudgeWaitingAsync(zone, at, why => trouble = why, daemon.Engine, stop.Token).ConfigureAwait(false) is { } report)
            {
                Tell(report.Pass ? "let in" : "kept out", ZoneCase.WordsOf(report));
                await ControlServer.WriteAsync(context, 200, report, VerifyJson.Default.VerifyReport).ConfigureAwait(false);
            }
            else
            {
                Tell(NotJudged, trouble);
                await ControlServer.ErrorAsync(context, 502, $"{zone.Name} {trouble}").ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            var why = $"no verdict within {Duration.Format(within)}";
            Tell(NotJudged, why);
            await ControlServer.ErrorAsync(context, 504, $"{zone.Name}: {why}").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Tell(NotJudged, "who asked did not wait for the verdict");
            throw;
        }

        void Tell(string what, string says) =>
            daemon.Engine.Send(new ZoneTold(source.Name, source.Server, zone.Name, what, string.Create(CultureInfo.InvariantCulture, $"{new Primary(at)}, after {daemon.Time.GetElapsedTime(began).TotalSeconds:0.0} s: {says}")));
    }

    const string NotJudged = "not judged";

    /// <summary>Null: found. Else what is missing.</summary>
    string? Find(string? name, string? server, out VerifySource? source, out ZoneCase? zone)
    {
        (source, zone) = (null, null);
        if (name is null || !DnsName.TryParse(name, out var apex))
            return "zone is a domain name";
        var sources = daemon.Sources.OfType<VerifySource>().Where(s => server is null || s.Server == server).ToList();
        if (sources.Count == 0)
            return $"no zone is judged{(server is null ? "" : $" at {OutputTail.Printable(server)}")}: the config has no source verify for it";
        var found = sources.Select(s => (Source: s, Zone: s.Find(apex.ToString()))).Where(f => f.Zone is not null).ToList();
        if (found.Count == 0)
            return $"{apex} is not among the zones that are judged at {string.Join(", ", sources.Select(s => s.Server))}";
        if (found.Count > 1)
            return $"{apex} is judged at {string.Join(", ", found.Select(f => f.Source.Server))}: say at which server";
        (source, zone) = found[0];
        return null;
    }

    static TimeSpan? Within(string? seconds) =>
        seconds is null ? Usual
        : double.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= Longest.TotalSeconds ? TimeSpan.FromSeconds(number) : null;
}
