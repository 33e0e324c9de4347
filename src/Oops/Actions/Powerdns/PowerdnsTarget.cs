using System.Globalization;
using Oops.Servers;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Wire.Json;
using Oops.Wire.Text;
using Oops.Zones.Compact;

namespace Oops.Actions.Powerdns;

/// <summary>What holds for a target.</summary>
/// <param name="MostRecords">More make no zone.</param>
/// <param name="Notifies">It is asked to send NOTIFYs when something was written.</param>
internal sealed record PowerdnsTerms(long MostRecords, bool Notifies);

/// <summary>A PowerDNS Authoritative Server by its API. Unlike UPDATE it has no request that is only done while the zone is what was read: so the serial is looked at before each, and what somebody else writes between the two is not seen.</summary>
internal sealed class PowerdnsTarget(HttpApiOptions options, string? ca, SyncScope scope, PowerdnsTerms terms, TimeProvider time) : ISyncTarget, IDisposable
{
    const string Zones = "/api/v1/servers/localhost/zones/";

    /// <summary>What is unfinished until the NOTIFYs were asked for.</summary>
    const string Notify = "notify";

    /// <summary>A text of 64 KiB, each octet of it `\\DDD` in JSON.</summary>
    const int LongestToken = 1 << 19;

    /// <summary>Records that a request may have to be written otherwise, and RRsets that may be refused in all: a request each.</summary>
    const int MostRewrites = 1000, MostRefused = 16;

    readonly ApiAccess access = new(options, ca, time);
    string kind = "", soaEditApi = "";

    public string Where => $"the API at {options.Where}";

    public SyncScope Scope => scope;

    public bool Takes(DnsType type) => true;

    public string? Lacks(in DnsName owner, DnsType type, in RRset wanted) => PowerdnsText.Takes(owner) ? null : "the API of PowerDNS takes no such name";

    public void Dispose() => access.Dispose();

    public async Task<TargetReading> ReadAsync(DnsName zone, CancellationToken stop)
    {
        var (api, unopened) = access.Open();
        if (api is null)
            return new(null, unopened);
        var taken = new PowerdnsZone(zone, terms.MostRecords);
        var result = await api.GetJsonAsync(Zones + PowerdnsText.IdOf(zone), taken.Take, stop, longest: LongestToken).ConfigureAwait(false);
        if (result.Why is { } why)
            return new(null, $"the target cannot be read: {why}");
        if (taken.Kind.ToLowerInvariant() is "slave" or "secondary" or "consumer")
            return new(null, $"the zone is a secondary at {options.Where}: what is written there is gone with its next transfer", ForGood: true);
        (kind, soaEditApi) = (taken.Kind, taken.SoaEditApi);
        return taken.Seal() is { Version.Soa: not null } there ? new(there) : new(null, $"the target cannot be read: {taken.Why ?? "a zone without SOA"}, at {options.Where}");
    }

    public async Task<TargetWriting> WriteAsync(SyncPlan plan, List<string> unfinished, CancellationToken stop)
    {
        var (api, unopened) = access.Open();
        if (api is null)
            return new(unopened);
        if (kind.ToLowerInvariant() is "master" or "primary" or "producer" && soaEditApi.Length == 0)
            return new($"the serial of the zone would not rise at {options.Where}, and its secondaries would never hear of it: `pdnsutil set-meta {plan.Zone.Apex} SOA-EDIT-API DEFAULT`", ForGood: true);
        var path = Zones + PowerdnsText.IdOf(plan.Zone.Apex);
        var (refused, taken, due) = (new PowerdnsRefused(), false, unfinished.Contains(Notify));
        uint? before = null;
        foreach (var batch in PowerdnsBatch.Of(plan))
        {
            var (now, unread) = await SerialAsync(api, path, stop).ConfigureAwait(false);
            if (now is not { } serial)
                return new(unread);
            if (before is { } last ? !IsOurs(last, serial) : serial != plan.Target.Version.Soa?.Serial)
                return new($"{Where}: somebody else has changed the zone in the meantime");
            before = serial;
            // Noted before it is known: the answer may never come.
            if (terms.Notifies && !unfinished.Contains(Notify))
                unfinished.Add(Notify);
            var ended = await PatchAsync(api, path, batch, refused, stop).ConfigureAwait(false);
            taken |= ended is null && batch.Count > 0;
            if (ended is { ForGood: true } or { After: not null } && !taken && !due)
                unfinished.Remove(Notify);
            if (ended is not null)
                return ended;
        }

        if (!taken && !due)
            unfinished.Remove(Notify);
        return refused.Count == 0 ? new(null) : new($"{Where} did not take {refused.Words(plan.Changes.Count)}; the first: {refused.First}", ForGood: true);
    }

    /// <summary>It is asked for the NOTIFYs of what was written.</summary>
    public async Task<TargetWriting> FinishAsync(DnsName zone, List<string> unfinished, CancellationToken stop)
    {
        var (api, unopened) = access.Open();
        if (api is null)
            return new(unopened);
        var path = Zones + PowerdnsText.IdOf(zone) + "/notify";
        var (reply, answer) = await CallAsync(api, new HttpCall(HttpMethod.Put, path) { Body = ReadOnlyMemory<byte>.Empty }, stop).ConfigureAwait(false);
        if (reply.Status == 200)
            return new(null);
        var ended = Ended(api, reply, path, answer);
        return ended with { Why = $"written, but no NOTIFY was sent: {ended.Why}" };
    }

    /// <summary>What our own request may have made of the serial (`calculateIncreaseSOA` of 4.7): one more, with DEFAULT the first of the day, with others any that is newer.</summary>
    bool IsOurs(uint before, uint now) => now == before || now == Serial.Add(before, 1) || (Serial.IsNewer(now, before) && soaEditApi.ToUpperInvariant() switch
    {
        "" or "INCREASE" => false,
        "DEFAULT" => now % 100 == 1,
        _ => true,
    });

    async Task<(uint? Serial, string Why)> SerialAsync(HttpApi api, string path, CancellationToken stop)
    {
        var said = new JsonScalars(["serial"]);
        var result = await api.GetJsonAsync(path + "?rrsets=false", said.Take, stop).ConfigureAwait(false);
        return result.Why is { } why ? (null, why) : said.Found.Number(0) is >= 0 and <= uint.MaxValue and var serial ? ((uint)serial, "") : (null, $"no serial of the zone at {options.Where}");
    }

    /// <summary>Null: it is written, but for what is <paramref name="refused"/>.</summary>
    async Task<TargetWriting?> PatchAsync(HttpApi api, string path, List<PowerdnsSet> batch, PowerdnsRefused refused, CancellationToken stop)
    {
        refused.TakeFrom(batch);
        // One that is not taken takes all with it.
        for (var rewrites = 0; batch.Count > 0;)
        {
            var (reply, answer) = await CallAsync(api, new HttpCall(HttpMethod.Patch, path) { Body = PowerdnsBatch.Write(batch) }, stop).ConfigureAwait(false);
            if (reply.Status is 200 or 204)
                return null;
            if (reply.Status != 422)
                return Ended(api, reply, path, answer);
            var words = PowerdnsRefusal.WordsOf(answer);
            var said = PrintableText.Of(System.Text.Encoding.UTF8.GetBytes(words));
            if (PowerdnsRefusal.Find(words, batch) is not { } set)
                return new($"{Where}: {said}", ForGood: true);
            if (rewrites < MostRewrites && PowerdnsRefusal.TryRewrite(words, set))
            {
                rewrites++;
                continue;
            }

            refused.Add(set, said, batch);
            if (refused.Count > MostRefused)
                return new($"{Where} did not take more than {MostRefused} RRsets; the first: {refused.First}", ForGood: true);
        }

        return null;
    }

    static TargetWriting Ended(HttpApi api, HttpReply reply, string path, IReadOnlyList<byte> answer)
    {
        if (reply.Status == 0)
            return new(reply.Result.Why);
        var said = answer.Count == 0 ? "" : ": " + PrintableText.Of(System.Text.Encoding.UTF8.GetBytes(PowerdnsRefusal.WordsOf(answer)));
        var isKey = reply.Status is 401 or 403;
        return new(string.Create(CultureInfo.InvariantCulture, $"powerdns: {api.Words(reply.Status, path)}{said}"), ForGood: reply.Status is >= 400 and < 500 and not (408 or 429) && !isKey) { After = isKey ? ISyncTarget.KeyPause : null };
    }

    static async Task<(HttpReply Reply, IReadOnlyList<byte> Answer)> CallAsync(HttpApi api, HttpCall call, CancellationToken stop)
    {
        var answer = new AnswerHead();
        var reply = await api.CallAsync(call, answer.Take, stop).ConfigureAwait(false);
        return (reply, answer.Octets);
    }
}
