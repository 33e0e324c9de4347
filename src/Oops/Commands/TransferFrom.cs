using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Oops.Config;
using Oops.Dns;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Commands;

/// <summary>Where verbs transfer a zone from: the primaries that are written; or, for `oops verify`, the server that NSD tells its verifier of.</summary>
/// <param name="then">What becomes of it, in words that follow "transfers the zone".</param>
internal sealed class TransferFrom(string then = "and judges what comes")
{
    readonly Option<Endpoint[]> from = new("--from") { Description = $"Transfers the zone from this IP address, with @PORT if it is not 53 (over TLS: 853), {then}; may be repeated: from each that fails on to the next.", CustomParser = Addresses, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
    readonly Option<string?> keys = new("--keys") { Description = "A file of TSIG keys, in the form of BIND or of Knot, for --key." };
    readonly Option<DnsName?> key = ReportOptions.NameOption("--key", "The key of --keys that signs the transfer.");
    readonly Option<string?> name = new("--tls-hostname") { Description = "Transfers over TLS (RFC 9103) from who has a certificate for this name." };
    readonly Option<string?> ca = new("--tls-ca") { Description = "A file of the authorities for --tls-hostname, in PEM. Default: those that the system trusts." };
    readonly Option<TlsPin[]> pins = new("--tls-pin") { Description = "Transfers over TLS from who has this public key: its SHA-256 in base64; may be repeated.", CustomParser = Pins, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    readonly Option<long?> records = Commands.Options.NumberOrNone("--most-records", "Most records of a transfer; one that has more is given up. Default: 20000000.", 10);
    readonly Option<long?> bytes = Commands.Options.NumberOrNone("--most-bytes", "Most octets of a transfer; one that has more is given up. Default: 1073741824.", 1000);
    readonly Option<TimeSpan?> timeout = Commands.Options.Span("--transfer-timeout", "How long a transfer from one server may take. Default: 10m.");

    public IEnumerable<Option> Options => [from, keys, key, name, ca, pins, records, bytes, timeout];

    /// <summary>Those that say how it is transferred, and mean nothing where it is not.</summary>
    public IEnumerable<Option> Ways => [keys, key, name, ca, pins, records, bytes, timeout];

    /// <summary>It is to be transferred from there.</summary>
    public Option Address => from;

    public bool IsWritten(ParseResult parsed) => parsed.GetValue(from) is { Length: > 0 };

    /// <summary>The first address that is written; null: none is.</summary>
    public IPEndPoint? First(ParseResult parsed) => IsWritten(parsed) ? parsed.GetValue(from)![0].ToIPEndPoint(Primary.Port) : null;

    /// <summary>The primaries; or null, and said why not.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="told">Where a server that asks has the zone; null: it does not say.</param>
    public Primaries? Open(ParseResult parsed, Endpoint? told)
    {
        var proof = new TlsProof { Name = parsed.GetValue(name), Ca = parsed.GetValue(ca), Pins = parsed.GetValue(pins) ?? [] };
        var secure = proof.Name is not null || proof.Pins.Count > 0;
        TsigKey[]? known = [];
        string? why = null;
        if (proof.Name is null && proof.Ca is not null)
            why = "--tls-ca vouches for a name; write --tls-hostname";
        else if (parsed.GetValue(keys) is null != parsed.GetValue(key) is null)
            why = "--keys and --key go together";
        else if (NotifyKeys.TryRead(parsed.GetValue(keys), [], parsed.GetValue(key), out known, out why) && (IsWritten(parsed) ? parsed.GetValue(from)! : told is { } place ? [place] : null) is { } addresses)
            return new Primaries([.. addresses.Select(a => new Primary(a.ToIPEndPoint(secure ? Primary.TlsPort : Primary.Port)) { Key = parsed.GetValue(key), Tls = secure ? proof : null })], known, TimeProvider.System);
        Terminal.Error(why ?? "nobody says where the zone is: write --from ADDRESS");
        return null;
    }

    public TransferLimits LimitsOf(ParseResult parsed)
    {
        var usual = new TransferLimits();
        return usual with { Records = parsed.GetValue(records) ?? usual.Records, Bytes = parsed.GetValue(bytes) ?? usual.Bytes, Total = parsed.GetValue(timeout) ?? usual.Total };
    }

    /// <summary>The zone as it came; or null, and said why not.</summary>
    public async Task<ZoneTaken?> TakeAsync(ParseResult parsed, Primaries primaries, DnsName zone, GateEnvironment? told, CancellationToken stop)
    {
        var taken = await new ZoneIntake(primaries, LimitsOf(parsed)).RunAsync(ZoneVersion.Nothing(zone), stop).ConfigureAwait(false);
        if (taken.Round.Why.Length > 0)
            Terminal.Error($"{zone} {taken.Round.Why}{told?.Hint(taken.Round.Why)}");
        return taken.Version is null ? null : taken;
    }

    static Endpoint[] Addresses(ArgumentResult result) => Each(result, static w => (Endpoint.Parse(w, out var problem), problem));

    static TlsPin[] Pins(ArgumentResult result) => Each(result, static w => (TlsPin.Parse(w, out var problem), problem));

    static T[] Each<T>(ArgumentResult result, Func<string, (T? Value, string Problem)> parse)
        where T : struct
    {
        var values = new List<T>();
        foreach (var token in result.Tokens)
        {
            if (parse(token.Value) is ({ } value, _))
                values.Add(value);
            else
                result.AddError(Terminal.Safe(parse(token.Value).Problem));
        }

        return [.. values];
    }
}
