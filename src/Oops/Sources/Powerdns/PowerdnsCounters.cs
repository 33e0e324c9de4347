using Oops.Servers;
using Oops.Wire.Json;

namespace Oops.Sources.Powerdns;

/// <summary>How many queries a PowerDNS server has got, and of a Recursor how many of its answers were bogus and why, from the statistics of its API. Their values are texts.</summary>
internal static class PowerdnsCounters
{
    // The rings are lists of recent names: large, and of no use here. A version that does not know the argument sends them all the same.
    const string Path = "/api/v1/servers/localhost/statistics?includerings=false";

    // The Recursor's `questions` has those over TCP in it, the Authoritative Server's `udp-queries` has not.
    static readonly string[] OfAuthoritative = ["udp-queries", "tcp-queries"];
    static readonly string[] OfRecursor = ["questions"];

    public static async ValueTask<CounterReading> ReadAsync(ApiAccess access, PowerdnsOptions options, CancellationToken stop)
    {
        var (api, why) = access.Open();
        if (api is null) return new(null, why);
        var wanted = options.Recursor ? OfRecursor : OfAuthoritative;
        var values = new long?[wanted.Length];
        var errors = options.Recursor ? new RecursorErrors() : null;
        var records = new JsonRecords(null, ["name", "value"], Take);
        var result = await api.GetJsonAsync(Path, records.Take, stop);
        if (result.Why is { } failed) return new(null, failed);
        for (var i = 0; i < wanted.Length; i++)
            if (values[i] is null or < 0 or > long.MaxValue / 2) return new(null, $"powerdns: no number {wanted[i]} among the statistics at {options.Api.Where}");
        return new(values.Sum()) { Errors = errors?.Counted ?? default };

        void Take(JsonRecord record)
        {
            var name = record.Text(0);
            var at = Array.IndexOf(wanted, name);
            if (at >= 0) values[at] = record.Number(1);
            else errors?.Take(name, record.Number(1));
        }
    }
}
