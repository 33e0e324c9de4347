using System.Collections.Immutable;
using System.Net;
using Oops.Dns;
using Oops.Keys;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>Asks all addresses for the keys of a zone, and the parent's for its DS.</summary>
internal sealed class KeysAsker(KeysTarget target, TimeProvider time)
{
    public async Task<ZoneLook> LookAsync(DnsName zone, CancellationToken stop)
    {
        var servers = target.Addresses.Select(a => ServerAsync(zone, a, stop)).ToList();
        var parents = target.Parents.Select(a => ParentAsync(zone, a, stop)).ToList();
        var heard = await Task.WhenAll(servers).ConfigureAwait(false);
        var told = await Task.WhenAll(parents).ConfigureAwait(false);
        return new ZoneLook(time.GetUtcNow(), [.. heard], [.. told]);
    }

    async Task<ServerLook> ServerAsync(DnsName zone, KeysAddress address, CancellationToken stop)
    {
        string? why = null;
        var keys = await AskAsync(address, zone, DnsType.Dnskey, signed: true, answer => KeyAnswers.Keys(zone, answer, time.GetUtcNow(), out why), () => why, stop).ConfigureAwait(false);
        if (keys.Found is not { } set) return new(address.Text, null, keys.Why);
        // An unsigned zone wants no DS.
        if (set.Keys.IsEmpty) return new(address.Text, set, null);
        var cds = await AskAsync(address, zone, DnsType.Cds, signed: false, answer => Boxed(KeyAnswers.Cds(zone, answer, out why)), () => why, stop).ConfigureAwait(false);
        if (cds.Found is null) return new(address.Text, null, cds.Why);
        var cdnskey = await AskAsync(address, zone, DnsType.Cdnskey, signed: false, answer => Boxed(KeyAnswers.Cdnskey(zone, answer, out why)), () => why, stop).ConfigureAwait(false);
        return cdnskey.Found is null ? new(address.Text, null, cdnskey.Why) : new(address.Text, set with { Cds = [.. cds.Found], Cdnskey = [.. cdnskey.Found] }, null);
    }

    async Task<ParentLook> ParentAsync(DnsName zone, KeysAddress address, CancellationToken stop)
    {
        string? why = null;
        var (found, reason) = await AskAsync(address, zone, DnsType.Ds, signed: false, answer => KeyAnswers.Ds(zone, answer, out why), () => why, stop).ConfigureAwait(false);
        return new(address.Text, found, reason);
    }

    async Task<(T? Found, string? Why)> AskAsync<T>(KeysAddress address, DnsName zone, DnsType type, bool signed, Func<PlainAnswer, T?> read, Func<string?> why, CancellationToken stop)
        where T : class
    {
        var came = await Exchange.WholeAsync(address.Where, new PlainQuery(zone, type) { DnssecOk = signed }, target.Timeout, time, stop).ConfigureAwait(false);
        if (came.Answer is not { } answer) return (null, $"{TypeNames.Of(type)}: {came.Why}");
        return read(answer) is { } found ? (found, null) : (null, $"{TypeNames.Of(type)}: {why()}");
    }

    static IReadOnlyList<T>? Boxed<T>(ImmutableArray<T>? found) => found is { } some ? [.. some] : null;
}
