using System.Globalization;
using Oops.Config;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Actions.Route53;

/// <summary>Hosted zones of an account: read page by page, written by requests each of which is taken whole or not at all, and waited for until all servers have it.</summary>
internal sealed class Route53Target : ISyncTarget, IDisposable
{
    public const string Service = "Route 53";

    const string PageSize = "300", ZonesAtOnce = "100";

    /// <summary>Values that an RRset may have.</summary>
    const int MostValues = 400;

    // Each time it is asked is a request of the account.
    static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(2), LongestPoll = TimeSpan.FromSeconds(16);

    readonly Route53Api api;
    readonly IReadOnlyDictionary<DnsName, string> ids;
    readonly TransferLimits limits;
    readonly TimeProvider time;
    readonly Dictionary<DnsName, string> known = [];

    /// <param name="api">The account.</param>
    /// <param name="ids">Hosted zones that the config names.</param>
    /// <param name="limits">How long a zone may take to be read, and how large it may be.</param>
    /// <param name="time">The clock.</param>
    public Route53Target(Route53Api api, IReadOnlyDictionary<DnsName, string> ids, TransferLimits limits, TimeProvider time)
    {
        (this.api, this.ids, this.limits, this.time) = (api, ids, limits, time);
        api.Enter();
    }

    public string Where => Service;

    public SyncScope Scope { get; } = new();

    public bool Takes(DnsType type) => Route53Text.All.Contains(type);

    public string? Lacks(in DnsName owner, DnsType type, in RRset wanted)
    {
        if (!Takes(type))
            return $"{Where} has no such type";
        var (records, characters) = (0, 0);
        foreach (var data in wanted.Data)
        {
            if (Route53Text.Value(type, data) is not { } value)
                return "its data are none of its type";
            if (value.Length > Route53Text.Longest)
                return string.Create(CultureInfo.InvariantCulture, $"a value has {value.Length} characters as Route 53 writes it, which takes {Route53Text.Longest}");
            records++;
            characters += value.Length;
        }

        if (records > MostValues)
            return string.Create(CultureInfo.InvariantCulture, $"it has {records} values, and Route 53 takes {MostValues}");
        return characters > Route53Batches.MostCharacters ? "it does not fit into a request" : null;
    }

    public async Task<TargetReading> ReadAsync(DnsName zone, CancellationToken stop)
    {
        var clock = new Route53Clock(limits.Total);
        try
        {
            if (!known.TryGetValue(zone, out var id))
            {
                var (found, otherwise) = await FindAsync(zone, clock, stop).ConfigureAwait(false);
                if (found is null)
                    return otherwise!;
                known[zone] = id = found;
            }

            return await PagesAsync(zone, id, clock, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, $"{Where}: {zone} is not read within {Duration.Format(limits.Total)}");
        }
    }

    public async Task<TargetWriting> WriteAsync(SyncPlan plan, List<string> unfinished, CancellationToken stop)
    {
        var zone = plan.Zone.Apex;
        var before = api.RefusedOf(zone) is { Count: > 0 } refused ? plan.ByName.Select(static n => n.Owner).Where(refused.Contains).ToHashSet() : [];
        var writing = new Route53Writing(api, plan, unfinished, before);
        try
        {
            // What was refused is tried last, so that all else arrives, however much is refused.
            foreach (var late in (bool[])[false, true])
            {
                foreach (var batch in Route53Batches.Of(plan, (Route53Zone)plan.Target, writing.Leave, n => before.Contains(n) == late))
                {
                    if (await writing.PutAsync(batch, stop).ConfigureAwait(false) is { } ended)
                        return ended;
                }
            }

            return writing.Ended;
        }
        finally
        {
            api.KeepRefused(zone, writing.Remembered);
        }
    }

    /// <summary>The changes that were not everywhere yet.</summary>
    public async Task<TargetWriting> FinishAsync(DnsName zone, List<string> unfinished, CancellationToken stop)
    {
        // The last first: when that is everywhere, the others mostly are, and are asked for without a pause.
        var (clock, isFirst) = (new Route53Clock(), true);
        foreach (var change in Enumerable.Reverse(unfinished).ToList())
        {
            if (await SettleAsync(change, clock, isFirst, stop).ConfigureAwait(false) is { } unsettled)
                return unsettled;
            unfinished.Remove(change);
            isFirst = false;
        }

        return new(null);
    }

    public void Dispose() => api.Leave();

    /// <summary>The public hosted zone of that name; a private one is another zone.</summary>
    async Task<(string? Id, TargetReading? Otherwise)> FindAsync(DnsName zone, Route53Clock clock, CancellationToken stop)
    {
        if (ids.TryGetValue(zone, out var given))
        {
            var reply = await api.GetAsync($"hostedzone/{given}", [], clock, stop).ConfigureAwait(false);
            if (reply.Root?.Get("HostedZone") is not { } hosted)
                return (null, reply.Root is null ? Unread(reply) : new(null, $"{Where}: {given} is not told"));
            if (!IsOf(hosted, zone))
                return Not($"the hosted zone {given} is not {zone}; correct hosted-zones");
            return IsPrivate(hosted) ? Not($"the hosted zone {given} is private; correct hosted-zones") : (given, null);
        }

        var found = new List<string>();
        for (string? name = Route53Text.Name(zone), next = null; ;)
        {
            List<(string, string)> query = [("dnsname", name), ("maxitems", ZonesAtOnce), .. next is null ? [] : new[] { ("hostedzoneid", next) }];
            var reply = await api.GetAsync("hostedzonesbyname", query, clock, stop).ConfigureAwait(false);
            if (reply.Root is not { } root)
                return (null, Unread(reply));
            var page = root.Get("HostedZones")?.All("HostedZone").ToList() ?? [];
            found.AddRange(page.Where(h => IsOf(h, zone) && !IsPrivate(h)).Select(IdOf).Where(Route53Api.IsId));
            // They come in order of names: what follows another name is none of ours.
            if (root.TextOf("IsTruncated") != "true" || page.Count == 0 || !IsOf(page[^1], zone) || root.TextOf("NextHostedZoneId") is not { Length: > 0 } more || more == next || found.Count > 100)
                break;
            next = more;
        }

        return found.Count switch
        {
            1 => (found[0], null),
            0 => Not($"the account has no public hosted zone {zone}; create it there, or look whose credentials these are"),
            _ => Not($"the account has {found.Count} public hosted zones {zone} ({string.Join(", ", found.Take(5))}); write the one that is meant into hosted-zones"),
        };

        (string?, TargetReading) Not(string why) => (null, new(null, $"{Where}: {why}", ForGood: true));
    }

    async Task<TargetReading> PagesAsync(DnsName zone, string id, Route53Clock clock, CancellationToken stop)
    {
        var intake = new Route53Intake(zone);
        var seen = new HashSet<(string, string, string)>();
        for (var next = ("", "", ""); ;)
        {
            List<(string, string)> query = [("maxitems", PageSize)];
            if (next.Item1.Length > 0)
                query.AddRange([("name", next.Item1), ("type", next.Item2)]);
            if (next.Item3.Length > 0)
                query.Add(("identifier", next.Item3));
            var reply = await api.GetAsync($"hostedzone/{id}/rrset", query, clock, stop).ConfigureAwait(false);
            if (reply.Root is not { } root)
                return Unread(reply);
            if (root.Get("ResourceRecordSets") is not { } sets)
                return new(null, $"{Where}: an answer has no ResourceRecordSets");
            foreach (var set in sets.All("ResourceRecordSet"))
            {
                if (intake.Add(set) is { } why)
                    return new(null, $"{Where}: {zone} cannot be read: {why}", ForGood: true);
            }

            if (intake.Records > limits.Records)
                return new(null, string.Create(CultureInfo.InvariantCulture, $"{Where}: {zone} has more than {limits.Records} records there"), ForGood: true);
            if (root.TextOf("IsTruncated") != "true")
                return new(intake.Seal(id));
            next = (root.TextOf("NextRecordName"), root.TextOf("NextRecordType"), root.TextOf("NextRecordIdentifier"));
            // Each page begins where no other did, and has something: so they end.
            if (next.Item1.Length == 0 || sets.Within.Count == 0 || !seen.Add(next))
                return new(null, $"{Where}: the pages of {zone} do not go on");
        }
    }

    TargetReading Unread(in Route53Reply reply) => new(null, $"{Where}: {reply.Why}", reply.ForGood) { After = reply.After };

    /// <summary>Null: all servers have the change. Else why that is not known.</summary>
    async Task<TargetWriting?> SettleAsync(string change, Route53Clock clock, bool waits, CancellationToken stop)
    {
        for (var pause = FirstPoll; ; waits = true)
        {
            var left = api.InSyncTimeout - clock.Spent;
            if (left <= TimeSpan.Zero)
                return new($"{Where}: written, and not all servers have it after {Duration.Format(api.InSyncTimeout)}");
            if (waits)
            {
                var wait = pause < left ? pause : left;
                await Task.Delay(wait, time, stop).ConfigureAwait(false);
                clock.Spent += wait;
                pause = 2 * pause > LongestPoll ? LongestPoll : 2 * pause;
            }

            var reply = await api.GetAsync($"change/{change}", [], clock, stop).ConfigureAwait(false);
            // It is so long ago that nobody knows of it any more, and was taken then.
            if (reply.Code == Route53Api.NoSuchChange)
                return null;
            if (reply.Root is not { } root)
                return new($"{Where}: written, and whether all servers have it is not known: {reply.Why}", reply.ForGood) { After = reply.After };
            if (IsInSync(root))
                return null;
        }
    }

    internal static bool IsInSync(Route53Element root) => root.Get("ChangeInfo")?.TextOf("Status") == "INSYNC";

    /// <summary>`/hostedzone/Z1` is Z1.</summary>
    internal static string IdOf(Route53Element? element) => element?.TextOf("Id").Split('/')[^1] ?? "";

    static bool IsOf(Route53Element hosted, in DnsName zone) => Route53Text.TryName(hosted.TextOf("Name"), out var name) && name == zone;

    static bool IsPrivate(Route53Element hosted) => hosted.Get("Config")?.TextOf("PrivateZone") != "false";
}
