using System.Text.Json;
using Oops.Servers;
using Oops.Wire.Json;
using Oops.Wire.Text;

namespace Oops.Sources.Powerdns;

/// <summary>
/// A look at the API of a PowerDNS server. What it says of a zone is what its database has, not what is served: `serial` of a zone that was never loaded is 0, `edited_serial` is falsified by
/// default-soa-edit, and no zone ever expires. So serials are asked for over DNS, and the expiry follows from `last_check`, which moves when, and only when, a primary was found to have the serial that
/// is here, or a transfer succeeded (measured with 4.7.3: it stands still while the primary is silent, refuses the SOA, or refuses the transfer).
/// </summary>
internal sealed class PowerdnsSession(HttpApi api, PowerdnsOptions options) : IServerSession
{
    const string Root = "/api/v1/servers/localhost";

    // Without the states of DNSSEC, which cost the server a question to its database for each zone: half the time of 100,000 zones.
    const string Zones = Root + "/zones?dnssec=false";

    // The server's own default.
    static readonly TimeSpan UsualCycle = TimeSpan.FromSeconds(60);

    // All zones of a cycle are asked for together, and one whose primary is silent holds up the others (4.7.3).
    static readonly TimeSpan HeldUp = TimeSpan.FromSeconds(5);

    static readonly string[] Fields = ["name", "kind", "serial", "last_check"];

    TimeSpan cycle = UsualCycle;

    public int? PeerPid => null;

    public async ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop)
    {
        var said = new JsonScalars(["daemon_type"], ["version"]);
        var result = await api.GetJsonAsync(Root, said.Take, stop);
        if (result.Why is { } why) return (null, why);
        var wanted = options.Recursor ? "recursor" : "authoritative";
        var daemon = Printable(said.Found, 0);
        if (daemon != wanted) return (null, $"powerdns: at {options.Api.Where} answers '{daemon}', not the API of an {wanted} server".Replace("an recursor server", "a recursor", StringComparison.Ordinal));
        return ($"PowerDNS {(options.Recursor ? "Recursor" : "Authoritative")} {Printable(said.Found, 1)}", "");
    }

    public async ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop)
    {
        if (options.Recursor) return (await GreetAsync(stop)) is { Software: null } nothing ? nothing.Why : null;
        if (await ReadCycleAsync(stop) is { } unread) return unread;
        var (now, trusted) = options.Wall();
        string? wrong = null;
        var count = 0;
        var array = false;
        var records = new JsonRecords(null, Fields, Take);
        var result = await api.GetJsonAsync(Zones, TakeToken, stop, into.RoomAsync);
        return result.Why ?? (!array ? $"powerdns: not a list of zones at {options.Api.Where}" : count > options.MostZones ? $"powerdns: a list of more than {options.MostZones} zones" : wrong);

        void TakeToken(ref Utf8JsonReader reader)
        {
            array |= reader is { TokenType: JsonTokenType.StartArray, CurrentDepth: 0 };
            records.Take(ref reader);
        }

        void Take(JsonRecord record)
        {
            if (++count > options.MostZones) return;
            if (Facts(record, now, trusted, cycle, out var problem) is { } facts) into.Zone(facts);
            else wrong ??= problem;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What an entry of the list says, in the shared words; null and why it says nothing.</summary>
    internal static ZoneFacts? Facts(JsonRecord record, DateTimeOffset now, bool trusted, TimeSpan cycle, out string problem)
    {
        var name = record.Text(0);
        problem = $"powerdns: a zone without a name, or with one that is none: {Printable(record, 0)}";
        if (ZoneBook.Canonical(name) is null) return null;
        var (serial, checkedAt) = (record.Number(2), record.Number(3) ?? 0);
        problem = $"powerdns: a broken entry of the zone {Printable(record, 0)}";
        if (serial is not (>= 0 and <= uint.MaxValue) || checkedAt is < 0 or > uint.MaxValue || (record.Has(3) && record.Number(3) is null)) return null;
        bool secondary;
        switch (record.Text(1).ToLowerInvariant())
        {
            // The old words and the new; the API of 4.7 writes the old ones.
            case "slave" or "secondary" or "consumer":
                secondary = true;
                break;
            case "master" or "primary" or "native" or "producer":
                secondary = false;
                break;
            default:
                problem = $"powerdns: the zone {Printable(record, 0)} is of a kind that is not known: {Printable(record, 1)}";
                return null;
        }

        return new ZoneFacts
        {
            Zone = name,
            Secondary = secondary,
            // Whether it is, its answer says.
            Loaded = true,
            Edition = serial,
            Refreshed = secondary ? new LastRefresh(checkedAt, now - DateTimeOffset.FromUnixTimeSeconds(checkedAt), trusted, cycle + HeldUp) : null,
        };
    }

    // How often it looks for zones whose refresh is due: a check may be so late. Of the whole config of the server nothing else is kept.
    async ValueTask<string?> ReadCycleAsync(CancellationToken stop)
    {
        long? seconds = null;
        // Its name up to 4.4, and since.
        var records = new JsonRecords(null, ["name", "value"], r => seconds = r.Text(0) is "xfr-cycle-interval" or "slave-cycle-interval" ? r.Number(1) ?? seconds : seconds);
        var result = await api.GetJsonAsync(Root + "/config", records.Take, stop);
        if (result.Why is { } why) return why;
        cycle = seconds is > 0 and < 100_000 ? TimeSpan.FromSeconds(seconds.Value) : UsualCycle;
        return null;
    }

    static string Printable(JsonRecord record, int field) => PrintableText.Of(record.Bytes(field) is { Length: > 80 } all ? all[..80] : record.Bytes(field));
}
