using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifyParent;

/// <summary>Where a parent wants to be notified.</summary>
/// <param name="Targets">Empty: see why.</param>
/// <param name="Why">In words.</param>
/// <param name="ForGood">It is so, and asking again is of no use now.</param>
internal sealed record DsyncFound(List<Notifiee> Targets, string Why, bool ForGood);

/// <summary>Finds the targets of NOTIFY(CDS) for a zone (RFC 9859, 4.1), by resolvers that are believed.</summary>
internal sealed class DsyncLookup(IReadOnlyList<IPEndPoint> resolvers, bool allowPrivate, TimeProvider time)
{
    /// <summary>Addresses: of either family.</summary>
    const int MostTargets = 4, MostAddresses = 4;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<DsyncFound> FindAsync(DnsName zone, CancellationToken stop)
    {
        Dsync.TryAbove(zone, out var parent);
        for (var moved = false; ; moved = true)
        {
            if (!Dsync.TryName(zone, parent, out var name)) return None($"the name of the DSYNC of {zone} would be too long");
            var (answer, why) = await AskAsync(name, DnsType.Dsync, stop).ConfigureAwait(false);
            if (answer is null) return new([], why, ForGood: false);
            if (Read(answer) is { Count: > 0 } some) return await ResolveAsync(some, stop).ConfigureAwait(false);
            // The negative answer tells where the parent's zone really begins.
            if (!moved && answer.Authorities.FirstOrDefault(r => r.Type == DnsType.Soa)?.Owner is { } apex && apex != parent && zone != apex && parent.IsWithin(apex))
            {
                parent = apex;
                continue;
            }

            if (!Dsync.TryApex(parent, out var general)) return None("too long");
            (answer, why) = await AskAsync(general, DnsType.Dsync, stop).ConfigureAwait(false);
            if (answer is null) return new([], why, ForGood: false);
            return Read(answer) is { Count: > 0 } others ? await ResolveAsync(others, stop).ConfigureAwait(false) : None($"the parent {parent} has no DSYNC for CDS: it does not want to be notified");
        }
    }

    static DsyncFound None(string why) => new([], why, ForGood: true);

    static List<Dsync> Read(PlainAnswer answer)
    {
        List<Dsync> found = [];
        foreach (var record in answer.Answers)
            if (record.Type == DnsType.Dsync && found.Count < MostTargets && Dsync.TryRead(record.Data, out var dsync) && dsync is { For: DnsType.Cds, Scheme: Dsync.Notify, Port: > 0, Target.IsRoot: false } && !found.Contains(dsync)) found.Add(dsync);
        return found;
    }

    async Task<DsyncFound> ResolveAsync(List<Dsync> found, CancellationToken stop)
    {
        List<Notifiee> targets = [];
        List<string> whys = [];
        var forGood = true;
        foreach (var dsync in found)
        {
            List<IPEndPoint>[] families = [[], []];
            foreach (var (addresses, type) in families.Zip([DnsType.Aaaa, DnsType.A]))
            {
                var (answer, why) = await AskAsync(dsync.Target, type, stop).ConfigureAwait(false);
                if (answer is null)
                {
                    whys.Add(why);
                    forGood = false;
                    continue;
                }

                foreach (var record in answer.Answers.Where(r => r.Type == type && r.Data.Length == (type == DnsType.A ? 4 : 16)))
                {
                    var address = new IPAddress(record.Data);
                    if (!allowPrivate && !PublicAddress.Is(address)) whys.Add($"{dsync.Target} is at {address}, which is not public (allow-private)");
                    else if (addresses.Count < MostAddresses) addresses.Add(new(address, dsync.Port));
                }
            }

            if (families.Any(static f => f.Count > 0)) targets.Add(new($"{dsync.Target}@{dsync.Port}", InTurn(families)));
            else if (whys.Count == 0) whys.Add($"{dsync.Target} has no address");
        }

        return new(targets, string.Join("; ", whys), forGood);
    }

    /// <summary>One of each family and then the next: however many there are of the one, the other is tried early.</summary>
    static List<IPEndPoint> InTurn(List<IPEndPoint>[] families) => [.. Enumerable.Range(0, MostAddresses).SelectMany(i => families.Where(f => i < f.Count).Select(f => f[i]))];

    async Task<(PlainAnswer? Answer, string Why)> AskAsync(DnsName name, DnsType type, CancellationToken stop)
    {
        var why = "";
        foreach (var resolver in resolvers)
        {
            var came = await Exchange.WholeAsync(resolver, new PlainQuery(name, type) { RecursionDesired = true }, Patience, time, stop).ConfigureAwait(false);
            if (came.Answer is { Rcode: DnsRcode.NoError or DnsRcode.NxDomain } answer) return (answer, "");
            why = $"{resolver.Address}: {TypeNames.Of(type)} of {name}: {came.Why ?? DnsWords.Of(came.Answer!.Rcode)}";
        }

        return (null, why);
    }
}
