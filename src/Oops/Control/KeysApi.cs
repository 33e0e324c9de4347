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

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    readonly string path = Path.Combine(Path.GetDirectoryName(daemon.Journal.FilePath)!, KeyStore.FileName);

    public async Task AnswerAsync(HttpContext context)
    {
        var watched = daemon.Plan.Config.Sources.Keys;
        if (watched.Count == 0)
        {
            await ControlServer.ErrorAsync(context, 404, $"this oops watches no keys: its config has no source {KeysConfig.SourceName}").ConfigureAwait(false);
            return;
        }

        var query = context.Request.Query;
        string? server = query["server"], zone = query["zone"];
        if (server is not null && watched.All(w => w.Server != server))
        {
            await ControlServer.ErrorAsync(context, 404, $"no source {KeysConfig.SourceName} watches a server {server}; there are {string.Join(", ", watched.Select(w => w.Server))}").ConfigureAwait(false);
            return;
        }

        IReadOnlyList<StoredZone> found;
        try
        {
            found = await KeyStore.ReadAsync(path, server, zone is null ? null : Subject.Canonical(zone), Most + 1, context.RequestAborted).WaitAsync(Patience, daemon.Time, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            await ControlServer.ErrorAsync(context, 503, e.Message).ConfigureAwait(false);
            return;
        }

        var log = (string?)query["log"] == "1";
        var now = daemon.Time.GetUtcNow();
        ImmutableArray<KeyZoneAnswer> zones = [.. found.Where(z => watched.Any(w => w.Server == z.Server)).Take(Most).Select(z => Answer(z, watched.First(w => w.Server == z.Server).Grace, log, now))];
        await ControlServer.WriteAsync(context, 200, new KeysAnswer(1, found.Count, zones), ControlJson.Default.KeysAnswer).ConfigureAwait(false);
    }

    internal static KeyZoneAnswer Answer(StoredZone stored, TimeSpan grace, bool log, DateTimeOffset now)
    {
        var known = stored.Keys;
        if (!DnsName.TryParse(stored.Zone, out var zone)) zone = DnsName.Root;
        var name = zone;
        return new(
            stored.Server, stored.Zone, known.Looked, known.Ds is not null && known.Judged(now).Any(),
            [.. known.Log.Where(k => log || k.IsServed).Select(k => Key(name, k))],
            [.. Ds(name, known, log)],
            [.. known.Servers.Select(s => new KeyServerAnswer(s.Address, s.At, [.. s.Keys.Keys.Select(k => k.Tag)], s.Keys.SignedUntil))],
            [.. Delegation.Judge(zone, known, grace, now).Select(f => new KeyFindingAnswer(JsonNamingPolicy.KebabCaseLower.ConvertName($"{f.Kind}"), JsonNamingPolicy.KebabCaseLower.ConvertName($"{f.Severity}"), f.Text, f.Until))]);
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
