using System.Globalization;
using Oops.Config;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Commands;

/// <summary>What a server that asks whether a zone may be served tells in the environment: NSD its verifier, Cascade its review hooks.</summary>
/// <param name="By">The server, for messages.</param>
/// <param name="Zone">The zone.</param>
/// <param name="From">Where it serves the version that is to be judged; null: it does not say.</param>
/// <param name="Serial">Of that version; null: it does not say.</param>
/// <param name="Fed">The zone's text is on standard input; null: it does not say.</param>
internal sealed record GateEnvironment(string By, DnsName Zone, Endpoint? From, uint? Serial, bool? Fed)
{
    /// <summary>The option of the server that allows a transfer, and what follows the address in it; null: none is needed.</summary>
    (string Option, string After)? Allows { get; init; }

    /// <summary>
    /// nsd.conf(5), verify: (4.6); its manual has VERIFY_IP_ADDRESSES where 4.6.1 sets VERIFY_IP_ADDRESS, and a list under the other name. cascaded-policy.toml(5), [loader.review] and [signer.review]:
    /// CASCADE_SERVER_IP and _PORT from 0.1.0-alpha2, CASCADE_SERVER (192.0.2.1:53, [2001:db8::1]:53) in all.
    /// </summary>
    static readonly Row[] Table =
    [
        new("NSD", "VERIFY_ZONE", "VERIFY_IP_ADDRESS", "VERIFY_PORT", null, null, "VERIFY_ZONE_ON_STDIN") { Allows = ("provide-xfr:", "NOKEY") },
        new("Cascade", "CASCADE_ZONE", "CASCADE_SERVER_IP", "CASCADE_SERVER_PORT", "CASCADE_SERVER", "CASCADE_SERIAL", null),
    ];

    /// <summary>For the help: who sets the zone's name where.</summary>
    public static string ZoneVariables => string.Join(" or ", Table.Select(r => $"${r.Zone} ({r.By})"));

    /// <summary>Null: no server asks (<paramref name="why"/> is empty), or what it says cannot be read.</summary>
    /// <param name="variable">A variable's value; null where it is not set.</param>
    /// <param name="why">One line.</param>
    public static GateEnvironment? Read(Func<string, string?> variable, out string why)
    {
        why = "";
        if (Table.FirstOrDefault(r => Get(r.Zone) is not null) is not { } row) return null;
        if (!DnsName.TryParse(Get(row.Zone), out var zone)) why = $"{row.Zone}: {ConfigErrors.Show(Get(row.Zone)!)} is no domain name";
        var from = why.Length == 0 ? Address(row, Get, out why) : null;
        uint? serial = null;
        if (why.Length == 0 && row.Serial is { } name && Get(name) is { } number)
        {
            if (uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known)) serial = known;
            else why = $"{name}: {ConfigErrors.Show(number)} is no serial";
        }

        return why.Length > 0 ? null : new(row.By, zone, from, serial, row.Fed is { } fed ? Get(fed) switch { "yes" => true, "no" => false, _ => null } : null) { Allows = row.Allows };

        // An empty variable says nothing.
        string? Get(string key) => variable(key) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Null: this is the version that is asked about. Else one line: another one has come meanwhile, and a verdict on it would be taken for one on the first.</summary>
    /// <param name="serial">Of the version that was had; null: it has no SOA.</param>
    public string? Complaint(uint? serial) =>
        Serial is { } asked && serial != asked ? string.Create(CultureInfo.InvariantCulture, $"{By} asks about serial {asked}, and serves {serial?.ToString(CultureInfo.InvariantCulture) ?? "no SOA record"}") : null;

    /// <summary>What to do about a transfer from the server that asks which failed so; empty: that is not known.</summary>
    public string Hint(string why) =>
        From is { } from && Allows is var (option, after) && why.Contains("REFUSED", StringComparison.Ordinal) ? $" ({By} has to allow it for the zone: {option} {from.Address} {after})" : "";

    static Endpoint? Address(Row row, Func<string, string?> get, out string why)
    {
        why = "";
        if (get(row.Address) is { } address)
        {
            var text = get(row.Port) is { } port ? $"{address}@{port}" : address;
            if (Endpoint.Parse(text, out var problem) is { } endpoint) return endpoint;
            why = $"{row.Address} and {row.Port}: {problem}";
            return null;
        }

        if (row.Both is null || get(row.Both) is not { } both) return null;
        var colon = both.LastIndexOf(':');
        var host = colon < 0 ? both : both[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        if (Endpoint.Parse(colon < 0 ? host : $"{host}@{both[(colon + 1)..]}", out var wrong) is { } found) return found;
        why = $"{row.Both}: {wrong}";
        return null;
    }

    sealed record Row(string By, string Zone, string Address, string Port, string? Both, string? Serial, string? Fed)
    {
        public (string Option, string After)? Allows { get; init; }
    }
}
