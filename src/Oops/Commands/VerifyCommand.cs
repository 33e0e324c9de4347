using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>`oops verify FILE|-`, or `oops verify ZONE --from ADDRESS`: whether a zone may be served.</summary>
internal static class VerifyCommand
{
    /// <summary>Seconds since 1970: signatures are judged within 68 years of it (RFC 4034, 3.1.5), and both ends must be a date.</summary>
    const long Furthest = 1L << 36;

    public static Command New()
    {
        var what = new Argument<string?>("file") { Description = "The zone's text (RFC 1035, 5), or - for standard input; with --from, --daemon and --accept the zone's name. Default, as NSD's verifier and Cascade's review hook: what these say in the environment.", Arity = ArgumentArity.ZeroOrOne };
        var from = new VerifyFrom();
        var zone = ReportOptions.NameOption("--zone", $"The zone's name. Default: {GateEnvironment.ZoneVariables}.");
        var require = new Option<string[]>("--require") { Description = "What the zone has to have: dnssec, zonemd; may be repeated.", AllowMultipleArgumentsPerToken = false };
        require.AcceptOnlyFromAmong("dnssec", "zonemd");
        var policy = new Option<KeyValuePair<ZoneFault, Severity>[]>("--policy") { Description = "Another severity for a fault: FAULT=error, FAULT=warning or FAULT=ignore; may be repeated. `oops schema zone-faults` lists them.", CustomParser = Policies, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
        var at = new Option<DateTimeOffset?>("--at") { Description = "The moment for which signatures are judged: RFC 3339 (2026-12-24T18:00:00Z), or seconds since 1970. Default: now.", CustomParser = Moment };
        var threads = Options.Number("--threads", "Threads to check signatures with. Default: one for each core.", 1, 1024, Environment.ProcessorCount);
        var all = new Option<bool>("--all") { Description = $"Names the first {Findings.Named} places of each fault; default: the first few." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var (brake, daemon) = (new VerifyBrake(), new VerifyDaemon());
        var command = new Command("verify", "Judges a whole zone before it is served: structure, glue, every DNSSEC signature, the proofs of non-existence, the digest (ZONEMD), the size. Exit 0: it passes; 1: it does not; 2: it was not judged.") { what, zone, require, policy, at, threads, all, json };
        foreach (var option in from.Options.Concat(brake.Options).Concat(daemon.Options))
            command.Add(option);
        return command.Does(async (parsed, stop) =>
        {
            var began = TimeProvider.System.GetTimestamp();
            var told = GateEnvironment.Read(Environment.GetEnvironmentVariable, out var unread);
            if (unread.Length > 0)
                Terminal.Error(Terminal.Safe(unread));
            if (unread.Length > 0 || Place(parsed, from, told, daemon.IsAsked(parsed) || daemon.Accepts(parsed), parsed.GetValue(what), parsed.GetValue(zone)) is not var (apex, file))
                return Verb.Usage;
            var place = from.First(parsed) ?? told?.From?.ToIPEndPoint(Primary.Port);
            if (daemon.Accepts(parsed))
                return await daemon.AcceptAsync(parsed, apex, stop).ConfigureAwait(false);
            if (daemon.IsAsked(parsed))
            {
                var (verdict, exit) = await daemon.AskAsync(parsed, apex, place, waits: told is not null || from.IsWritten(parsed), stop).ConfigureAwait(false);
                if (exit is { } code)
                    return code;
                if (verdict is not null)
                    return IsOther(verdict.Serial) ? Verb.Usage : Tell(verdict);
                if (file is null && place is null)
                    return Verb.Usage;
            }

            if (brake.Add(parsed, apex, Asked(parsed)) is not { } options || await TakeAsync(parsed, from, told, apex, file, stop).ConfigureAwait(false) is not var (version, faults))
                return Verb.Usage;
            if (file is null && IsOther(version.Soa?.Serial))
                return Verb.Usage;
            using var progress = new VerifyProgressLine(apex);
            var judged = ZoneVerifier.Run(version, options, faults, parsed.GetValue(threads), progress.IsShown ? progress.Show : null, stop);
            progress.Clear();
            var report = VerifyReport.Of(judged, TimeProvider.System.GetElapsedTime(began));
            if (report.Pass)
                brake.Passed(parsed, apex, report);
            return Tell(report);

            bool IsOther(uint? serial)
            {
                var other = told?.Complaint(serial);
                if (other is not null) Terminal.Error(other);
                return other is not null;
            }

            int Tell(VerifyReport verdict)
            {
                if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(verdict, VerifyJson.Default.VerifyReport));
                else VerifyText.Print(verdict, parsed.GetValue(all));
                return verdict.Pass ? Verb.Done : Verb.Failed;
            }
        });

        VerifyOptions Asked(ParseResult parsed) => new()
        {
            Now = (parsed.GetValue(at) ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds(),
            RequireDnssec = parsed.GetValue(require)?.Contains("dnssec") == true,
            RequireZonemd = parsed.GetValue(require)?.Contains("zonemd") == true,
            Policy = (parsed.GetValue(policy) ?? []).ToDictionary(),
        };
    }

    /// <summary>Which zone it is, and the file that it is in; without one it is transferred, or known to the daemon. Null, and said why, if that is not told.</summary>
    static (DnsName Zone, string? File)? Place(ParseResult parsed, VerifyFrom from, GateEnvironment? told, bool daemon, string? what, DnsName? named)
    {
        var transferred = from.IsWritten(parsed) || (daemon && told?.Fed != true);
        if (!transferred && what is null)
        {
            transferred = told is { Fed: false, From: not null };
            what = told?.Fed == true ? "-" : null;
            if (!transferred && what is null)
                return Refuse("what is to be verified? Write the file of the zone, - for standard input, or the zone's name and --from ADDRESS");
        }

        if (transferred && what is not null)
        {
            if (named is not null)
                return Refuse("the zone is named twice, by its name and by --zone; write one of them");
            if (!DnsName.TryParse(what, out var name))
                return Refuse($"'{Terminal.Safe(what)}': no domain name; with --from, --daemon and --accept the zone's name is written");
            named = name;
        }

        if ((named ?? told?.Zone) is not { } apex)
            return Refuse($"which zone is it? Write {(transferred ? "its name" : "--zone NAME")} (none of {GateEnvironment.ZoneVariables} is set)");
        return (apex, transferred ? null : what);
    }

    /// <summary>The zone, out of a text or from a server; null, and said why, if it is not to be had.</summary>
    static async Task<(ZoneVersion Version, IntakeFaults Faults)?> TakeAsync(ParseResult parsed, VerifyFrom from, GateEnvironment? told, DnsName apex, string? file, CancellationToken stop)
    {
        if (file is null)
            return from.Open(parsed, told?.From) is { } primaries && await from.TakeAsync(parsed, primaries, apex, stop).ConfigureAwait(false) is { Version: { } version } taken ? (version, taken.Faults) : null;
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        if (Read(file, apex, edit, stop) is { } why)
        {
            Terminal.Error(why);
            return null;
        }

        return (edit.Seal(), edit.Faults);
    }

    static (DnsName, string?)? Refuse(string why)
    {
        Terminal.Error(why);
        return null;
    }

    static string? Read(string file, in DnsName apex, ZoneEdit edit, CancellationToken stop)
    {
        if (file != "-")
            return MasterFile.Read(file, apex, edit, stop);
        using var input = Console.OpenStandardInput();
        return MasterFile.Read(input, "standard input", apex, edit, stop);
    }

    static KeyValuePair<ZoneFault, Severity>[] Policies(ArgumentResult result)
    {
        var policies = new Dictionary<ZoneFault, Severity>();
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            var words = equals < 0 ? null : ZoneFaults.Named(token.Value[..equals]);
            if (words is null)
                result.AddError($"--policy {Terminal.Safe(token.Value)}: FAULT=SEVERITY, with a fault that `oops schema zone-faults` lists, such as {ZoneFaults.Of(ZoneFault.TtlMismatch).Name}");
            else if (Enum.TryParse<Severity>(token.Value[(equals + 1)..], ignoreCase: true, out var severity) && Enum.IsDefined(severity) && !char.IsDigit(token.Value[^1]))
                policies[words.Fault] = severity;
            else
                result.AddError($"--policy {Terminal.Safe(token.Value)}: the severity is error, warning or ignore");
        }

        return [.. policies];
    }

    static DateTimeOffset? Moment(ArgumentResult result)
    {
        var word = result.Tokens[0].Value;
        if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < Furthest)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (DateTimeOffset.TryParse(word, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment.ToUnixTimeSeconds() is >= 0 and < Furthest)
            return moment;
        result.AddError($"--at {Terminal.Safe(word)}: RFC 3339 such as 2026-12-24T18:00:00Z, or seconds since 1970");
        return null;
    }
}
