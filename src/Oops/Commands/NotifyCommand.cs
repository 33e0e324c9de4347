using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Oops.Config;
using Oops.Dns;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Commands;

/// <summary>`oops notify ZONE... --to TARGET...`: NOTIFY by hand, as nsnotify sends it.</summary>
internal static class NotifyCommand
{
    /// <summary>Over UDP: zones that are under way at a target, so that it need not take all at once.</summary>
    const int AtOnce = 64;

    public static Command New()
    {
        var zones = new Argument<string[]>("zone") { Description = "The zones.", Arity = ArgumentArity.ZeroOrMore };
        var zoneFile = new Option<string?>("--zones", "-F") { Description = "A file of zones, or - for standard input: names between blanks or line ends; # begins a comment." };
        var to = new Option<string[]>("--to", "-T") { Description = "Whom to notify: an IP address with @PORT if it is not 53, or a host's name; may be repeated.", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
        var targetFile = new Option<string?>("--targets", "-f") { Description = "A file of targets, or -." };
        var type = new Option<string>("--type") { Description = "Of which records it tells: soa, cds (RFC 9859) or csync.", DefaultValueFactory = _ => "soa" };
        type.AcceptOnlyFromAmong("soa", "cds", "csync");
        var port = Options.Number("--port", "The port of targets that are written without one.", 1, ushort.MaxValue, 53, "-p");
        var tcp = new Option<bool>("--tcp", "-t") { Description = "Over TCP, all zones over one connection. Default: UDP." };
        var (four, six) = (new Option<bool>("-4") { Description = "Only the IPv4 addresses of names." }, new Option<bool>("-6") { Description = "Only the IPv6 addresses of names." });
        var keys = new Option<string?>("--keys") { Description = "A file of TSIG keys, in the form of BIND or of Knot, for --key." };
        var key = ReportOptions.NameOption("--key", "The key of --keys that signs; then answers must be signed, too.");
        var timeout = Options.Span("--timeout", "How long an answer is waited for; over UDP to each next NOTIFY twice as long. Default: 3s.");
        var tries = Options.Number("--tries", "Over UDP: how often it is sent while nobody answers.", 1, 6, 4);
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("notify", "Tells servers that zones have changed (NOTIFY, RFC 1996). Exit 0: all answered NOERROR; 1: not all; 2: wrong words.") { zones, zoneFile, to, targetFile, type, port, tcp, four, six, keys, key, timeout, tries, json };
        return command.Does(async (parsed, stop) =>
        {
            if (NamesFrom.Read("--zones", parsed.GetValue(zones)!, parsed.GetValue(zoneFile)) is not { } names || NamesFrom.Read("--targets", parsed.GetValue(to) ?? [], parsed.GetValue(targetFile)) is not { } targets)
                return Verb.Usage;
            if (names.Count == 0 || targets.Count == 0)
                return Refuse(names.Count == 0 ? "which zones? Write them, or --zones FILE" : "whom to notify? Write --to ADDRESS, or --targets FILE");
            if (parsed.GetValue(keys) is null != parsed.GetValue(key) is null)
                return Refuse("--keys and --key go together");
            if (!NotifyKeys.TryRead(parsed.GetValue(keys), [], parsed.GetValue(key), out var known, out var why))
                return Refuse(why);
            if (names.Find(static n => !DnsName.TryParse(n, out _)) is { } wrong)
                return Refuse($"'{wrong}': no domain name");
            AddressFamily? family = parsed.GetValue(four) == parsed.GetValue(six) ? null : parsed.GetValue(four) ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
            var round = new NotifyRound(names, Enum.Parse<DnsType>(parsed.GetValue(type)!, ignoreCase: true), parsed.GetValue(timeout) ?? TimeSpan.FromSeconds(3), parsed.GetValue(tries))
            {
                Tcp = parsed.GetValue(tcp),
                Key = NotifyKeys.Find(known, parsed.GetValue(key)),
                AtOnce = AtOnce,
            };
            var found = new List<Notifiee>();
            foreach (var target in targets)
            {
                if (await FindAsync(target, parsed.GetValue(port), family, stop).ConfigureAwait(false) is not { } place)
                    return Verb.Usage;
                found.Add(place with { Key = round.Key });
            }

            var told = await round.RunAsync(found, parsed.GetValue(json) ? null : Terminal.Error, stop).ConfigureAwait(false);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(told, NotifyJson.Default.NotifyTold));
            else
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{names.Count} zone{(names.Count == 1 ? "" : "s")} to {found.Count} target{(found.Count == 1 ? "" : "s")}: {told.Answered} answered NOERROR, {told.Failed} not"));
            return told.Failed == 0 ? Verb.Done : Verb.Failed;
        });
    }

    static int Refuse(string why)
    {
        Terminal.Error(why);
        return Verb.Usage;
    }

    /// <summary>An address, or all that a name has.</summary>
    static async Task<Notifiee?> FindAsync(string word, int port, AddressFamily? family, CancellationToken stop)
    {
        if (Endpoint.Parse(word, out var problem) is { } address)
            return new(address.ToString(), [address.ToIPEndPoint(port)]);
        var at = word.IndexOf('@', StringComparison.Ordinal);
        var (host, own) = at < 0 ? (word, port) : (word[..at], int.TryParse(word[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var written) && written is > 0 and <= ushort.MaxValue ? written : 0);
        if (Uri.CheckHostName(host) != UriHostNameType.Dns || own == 0)
        {
            Terminal.Error($"--to {problem}");
            return null;
        }

        try
        {
            var addresses = await System.Net.Dns.GetHostAddressesAsync(host, family ?? AddressFamily.Unspecified, stop).ConfigureAwait(false);
            if (addresses.Length > 0)
                return new(word, [.. addresses.Select(a => new IPEndPoint(a, own))]);
            Terminal.Error($"--to {word}: it has no address");
        }
        catch (SocketException)
        {
            Terminal.Error($"--to {word}: it has no address, or no resolver answers");
        }

        return null;
    }
}
