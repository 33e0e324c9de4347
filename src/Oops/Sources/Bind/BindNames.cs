using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Servers;
using Oops.Wire.Dns;

namespace Oops.Sources.Bind;

/// <summary>What named said over DNS when it was asked for a zone by name.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Facts">What it says of it, where it serves it.</param>
/// <param name="Denied">It says that the zone is not its own, in these words; REFUSED may also come of allow-query.</param>
/// <param name="Silent">It said nothing, or nothing that can be used.</param>
internal readonly record struct BindNamed(string Zone, ZoneFacts? Facts, string? Denied, bool Silent);

/// <summary>Asks named for zones by name, over DNS: an SOA query with EDNS EXPIRE (RFC 7314), so that not all zones have to be listed for one of them.</summary>
internal sealed class BindNames(IPEndPoint address, BindOptions options, BindCounts counts, TimeProvider time)
{
    readonly DnsAsker asker = new(time);
    readonly AskOptions how = new() { Query = SoaQueryOptions.Expire, Timeout = options.Timeout < LongestTry ? options.Timeout : LongestTry };

    // UDP loses datagrams: a zone that was not answered is asked for again later, so that waiting long gains nothing.
    static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(2);

    public IPEndPoint Address => address;

    public async ValueTask<List<BindNamed>> AskAsync(IReadOnlyList<string> zones, CancellationToken stop)
    {
        List<(string Zone, AskResult Result, long Began)> all = [];
        counts.Asked(zones.Count);
        for (var at = 0; at < zones.Count; at += DnsAsker.MaxZones)
        {
            var names = new DnsName[Math.Min(DnsAsker.MaxZones, zones.Count - at)];
            for (var i = 0; i < names.Length; i++)
                if (!DnsName.TryParse(zones[at + i], out names[i])) throw new InvalidOperationException("a name of the book is no name");
            var began = time.GetTimestamp();
            var results = await asker.AskAsync(address, names, how, stop);
            for (var i = 0; i < results.Length; i++) all.Add((zones[at + i], results[i], began));
        }

        // They are handed over together: what is left is counted from when each was answered.
        return [.. all.Select(a => Named(a.Zone, a.Result, time.GetElapsedTime(a.Began) - a.Result.Took))];
    }

    // named subtracts whole seconds: what is left is less than it says, by up to one.
    static TimeSpan Left(uint seconds, TimeSpan ago) => TimeSpan.FromSeconds(Math.Max(0, seconds - 0.5 - ago.TotalSeconds));

    static BindNamed Named(string zone, in AskResult result, TimeSpan ago)
    {
        if (result.Outcome != AskOutcome.Answered) return new(zone, null, null, true);
        var (serial, detail) = ZoneReading.Serial(result.Answer);
        if (serial is null) return new(zone, null, null, true);
        if (serial == Signal.Absent)
            return result.Answer.Rcode == DnsRcode.ServFail ? new(zone, null, null, false) : new(zone, null, detail, false);
        return new(zone, new ZoneFacts
        {
            Zone = zone,
            RoleUnsaid = true,
            Loaded = true,
            Serial = (uint)serial.Value,
            Expiry = result.Answer.ExpireLeft is { } left ? Plan.In(Left(left, ago)) : default,
        }, null, false);
    }
}
