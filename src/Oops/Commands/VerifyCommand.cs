using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>`oops verify FILE|-`: whether a zone may be served.</summary>
internal static class VerifyCommand
{
    /// <summary>What NSD tells its verifier (nsd.conf(5), verifier:).</summary>
    const string ZoneVariable = "VERIFY_ZONE";

    /// <summary>Seconds since 1970: signatures are judged within 68 years of it (RFC 4034, 3.1.5), and both ends must be a date.</summary>
    const long Furthest = 1L << 36;

    public static Command New()
    {
        var file = new Argument<string>("file") { Description = "The zone's text (RFC 1035, 5), or - for standard input." };
        var zone = ReportOptions.NameOption("--zone", $"The zone's name. Default: ${ZoneVariable}, which NSD sets for its verifier.");
        var require = new Option<string[]>("--require") { Description = "What the zone has to have: dnssec, zonemd; may be repeated.", AllowMultipleArgumentsPerToken = false };
        require.AcceptOnlyFromAmong("dnssec", "zonemd");
        var policy = new Option<KeyValuePair<ZoneFault, Severity>[]>("--policy") { Description = "Another severity for a fault: FAULT=error, FAULT=warning or FAULT=ignore; may be repeated. `oops schema zone-faults` lists them.", CustomParser = Policies, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
        var at = new Option<DateTimeOffset?>("--at") { Description = "The moment for which signatures are judged: RFC 3339 (2026-12-24T18:00:00Z), or seconds since 1970. Default: now.", CustomParser = Moment };
        var threads = Options.Number("--threads", "Threads to check signatures with. Default: one for each core.", 1, 1024, Environment.ProcessorCount);
        var all = new Option<bool>("--all") { Description = $"Names the first {Findings.Named} places of each fault; default: the first few." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("verify", "Judges a whole zone before it is served: structure, glue, every DNSSEC signature, the proofs of non-existence, the digest (ZONEMD). Exit 0: it passes; 1: it does not; 2: it was not judged.") { file, zone, require, policy, at, threads, all, json };
        return command.Does((parsed, stop) =>
        {
            var options = new VerifyOptions
            {
                Now = (parsed.GetValue(at) ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds(),
                RequireDnssec = parsed.GetValue(require)?.Contains("dnssec") == true,
                RequireZonemd = parsed.GetValue(require)?.Contains("zonemd") == true,
                Policy = (parsed.GetValue(policy) ?? []).ToDictionary(),
            };
            return Task.FromResult(Run(parsed.GetValue(file)!, parsed.GetValue(zone), options, parsed.GetValue(threads), report =>
            {
                if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, VerifyJson.Default.VerifyReport));
                else VerifyText.Print(report, parsed.GetValue(all));
            }, stop));
        });
    }

    static int Run(string file, DnsName? named, VerifyOptions options, int threads, Action<VerifyReport> print, CancellationToken stop)
    {
        if (named is not { } apex && !TryVariable(out apex))
        {
            Terminal.Error($"which zone is it? Write --zone NAME ({ZoneVariable} is not set)");
            return Verb.Usage;
        }

        var began = TimeProvider.System.GetTimestamp();
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        if (Read(file, apex, edit, stop) is { } why)
        {
            Terminal.Error(why);
            return Verb.Usage;
        }

        using var progress = new VerifyProgressLine(apex);
        var verdict = ZoneVerifier.Run(edit.Seal(), options, edit.Faults, threads, progress.IsShown ? progress.Show : null, stop);
        progress.Clear();
        print(VerifyReport.Of(verdict, TimeProvider.System.GetElapsedTime(began)));
        return verdict.Passes ? Verb.Done : Verb.Failed;
    }

    static string? Read(string file, in DnsName apex, ZoneEdit edit, CancellationToken stop)
    {
        if (file != "-")
            return MasterFile.Read(file, apex, edit, stop);
        using var input = Console.OpenStandardInput();
        return MasterFile.Read(input, "standard input", apex, edit, stop);
    }

    static bool TryVariable(out DnsName zone)
    {
        zone = default;
        return Environment.GetEnvironmentVariable(ZoneVariable) is { Length: > 0 } name && DnsName.TryParse(name, out zone);
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
