using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Oops.Engine;
using Oops.Journal;
using Oops.Keys;
using Oops.Native;
using Oops.Sources.Keys;
using Oops.Wire.Dns;

namespace Oops.Control;

/// <summary>GET /keys: what the source `keys` has stored.</summary>
internal sealed class KeysApi(Daemon daemon)
{
    /// <summary>Of one answer; all of them would be tens of megabytes.</summary>
    public const int Most = 1000;

    readonly KeyReads reads = new(Path.Combine(Path.GetDirectoryName(daemon.Journal.FilePath)!, KeyStore.FileName), daemon.Time);

    public async Task AnswerAsync(HttpContext context)
    {
        var sources = daemon.Plan.Config.Sources.Keys;
        if (sources.Count == 0)
        {
            await ControlServer.ErrorAsync(context, 404, $"this oops watches no keys: its config has no source {KeysConfig.SourceName}").ConfigureAwait(false);
            return;
        }

        var query = context.Request.Query;
        string? server = query["server"], zone = (string?)query["zone"] is { } named ? Subject.Canonical(named) : null;
        if (server is not null && sources.All(w => w.Server != server))
        {
            await ControlServer.ErrorAsync(context, 404, $"no source {KeysConfig.SourceName} watches a server {server}; there are {string.Join(", ", sources.Select(w => w.Server))}").ConfigureAwait(false);
            return;
        }

        // Who names a zone wants what is known of it; who does not wants those that are watched.
        string[][] watched = [.. sources.Where(s => server is null || s.Server == server).SelectMany(Watched)];
        KeysFound found;
        try
        {
            found = await reads.AskAsync(new() { Server = server, Zone = zone, Among = zone is null ? watched : null, Most = Most }, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SqliteException or IOException or TimeoutException)
        {
            await ControlServer.ErrorAsync(context, 503, e.Message).ConfigureAwait(false);
            return;
        }

        var log = (string?)query["log"] == "1";
        var now = daemon.Time.GetUtcNow();
        var graces = sources.ToDictionary(s => s.Server, s => s.Grace, StringComparer.Ordinal);
        ImmutableArray<KeyZoneAnswer> zones = [.. found.Zones.Select(z => Answer(z, zone is null || Array.Exists(watched, w => w[0] == z.Server && w[1] == z.Zone) ? graces[z.Server] : null, log, now))];
        await ControlServer.WriteAsync(context, 200, new KeysAnswer(1, found.Total, zones), ControlJson.Default.KeysAnswer).ConfigureAwait(false);
    }

    /// <summary>Those of a source, by server and zone, as its watch takes them.</summary>
    IEnumerable<string[]> Watched(KeysConfig source) =>
        (source.Zones?.Select(z => z.Text) ?? daemon.Engine.Server(source.Server).Zones).Take(KeysTarget.MostZones).Select(z => new[] { source.Server, z });

    /// <param name="stored">What is known.</param>
    /// <param name="grace">Null: it is not watched any more, and nothing is judged by what was seen once.</param>
    /// <param name="log">With what is gone.</param>
    /// <param name="now">When.</param>
    internal static KeyZoneAnswer Answer(StoredZone stored, TimeSpan? grace, bool log, DateTimeOffset now)
    {
        var known = stored.Keys;
        if (!DnsName.TryParse(stored.Zone, out var zone)) zone = DnsName.Root;
        var name = zone;
        var judged = grace is { } span ? Delegation.Judge(zone, known, span, now) : [];
        return new(
            stored.Server, stored.Zone, grace is not null, known.Looked, grace is not null && known.Ds is not null && known.IsDsJudged(now) && known.Judged(now).Any(),
            [.. known.Log.Where(k => log || k.IsServed).Select(k => Key(name, k))],
            [.. Ds(name, known, log)],
            [.. known.Servers.Select(s => new KeyServerAnswer(s.Address, s.At, [.. s.Keys.Keys.Select(k => k.Tag)], s.Keys.SignedUntil))],
            [.. judged.Select(f => new KeyFindingAnswer(f.Name, JsonNamingPolicy.KebabCaseLower.ConvertName($"{f.Severity}"), f.Text, f.Until))]);
    }

    static KeyAnswer Key(in DnsName zone, LoggedKey key) => new(
        key.Key.Tag, key.Key.Flags, key.Key.Algorithm, key.Key.IsSep, key.Key.IsRevoked, key.State is { } state ? KeyStates.Word(state) : null, key.State is null ? null : key.Since,
        key.First, key.Last, key.Gone, KeyLine.Of(zone, key.Key, key.Ttl));

    static IEnumerable<DsAnswer> Ds(DnsName zone, ZoneKeys known, bool log)
    {
        foreach (var group in known.DsSets.SelectMany(s => s.Set.Records.Select(r => (Ds: r, Seen: s))).GroupBy(r => r.Ds))
        {
            var present = known.Ds?.Records.Contains(group.Key) == true;
            if (!present && !log) continue;
            var last = group.MaxBy(r => r.Seen.Last).Seen;
            yield return new(group.Key.Tag, group.Key.Algorithm, group.Key.DigestType, group.Min(r => r.Seen.First), last.Last, present, KeyLine.Of(zone, group.Key, last.Set.Ttl));
        }
    }
}
