using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Oops.Control;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>`oops verify FILE|-`, or `oops verify ZONE --from ADDRESS`: whether a zone may be served.</summary>
internal sealed class VerifyCommand
{
    /// <summary>Seconds since 1970: signatures are judged within 68 years of it (RFC 4034, 3.1.5), and both ends must be a date.</summary>
    const long Furthest = 1L << 36;

    const string Text = "-", StandardInput = "standard input";

    readonly Argument<string?> what = new("file") { Description = "The zone's text (RFC 1035, 5), or - for standard input; with --from, --daemon and --accept the zone's name. Default, as NSD's verifier and Cascade's review hook: what these say in the environment.", Arity = ArgumentArity.ZeroOrOne };
    readonly Option<DnsName?> zone = ReportOptions.NameOption("--zone", $"The zone's name. Default: {GateEnvironment.ZoneVariables}.");
    readonly Option<string[]> require = new Option<string[]>("--require") { Description = "What the zone has to have: dnssec, zonemd; may be repeated.", AllowMultipleArgumentsPerToken = false }.Among("dnssec", "zonemd");
    readonly Option<KeyValuePair<ZoneFault, Severity>[]> policy = new("--policy") { Description = "Another severity for a fault: FAULT=error, FAULT=warning or FAULT=ignore; may be repeated. `oops schema zone-faults` lists them.", CustomParser = Policies, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
    readonly Option<DateTimeOffset?> at = new("--at") { Description = "The moment for which signatures are judged: RFC 3339 (2026-12-24T18:00:00Z), seconds since 1970, or a time from now (+5d). Default: now.", CustomParser = Moment };
    readonly Option<int> threads = Options.Number("--threads", "Threads to check signatures with. Default: one for each core.", 1, 1024, Environment.ProcessorCount);
    readonly Option<bool> all = new("--all") { Description = $"Names the first {Findings.Named} places of each fault; default: the first few." };
    readonly Option<bool> json = new("--json") { Description = "One JSON object." };
    readonly TransferFrom from = new();
    readonly VerifyBrake brake = new();
    readonly VerifyDaemon daemon = new();

    /// <summary>What a second word may have meant.</summary>
    public const string TwoWords = "a file is judged by `oops verify --zone NAME FILE`, and a zone is transferred by `oops verify NAME --from ADDRESS`";

    public const string Name = "verify";

    public static Command New() => new VerifyCommand().Build();

    Command Build()
    {
        var command = new Command(Name, "Judges a whole zone before it is served: structure, glue, every DNSSEC signature, the proofs of non-existence, the digest (ZONEMD), the size. Exit 0: it passes; 1: it does not; 2: it was not judged.") { what, zone, require, policy, at, threads, all, json };
        foreach (var option in from.Options.Concat(brake.Options).Concat(daemon.Options))
            command.Add(option);
        command.Validators.Add(written =>
        {
            if (Misuse(written) is { } why)
                written.AddError(why);
        });
        return command.Does(RunAsync);
    }

    /// <summary>An option that would not be applied, and why; null: each is. Taken silently, it would be believed.</summary>
    string? Misuse(CommandResult written)
    {
        bool Has(Option option) => Options.IsWritten(written, option);
        if (daemon.Misuse(written) is { } why)
            return why;
        if (daemon.Accepts(written))
            return ((IEnumerable<Option>)[require, policy, at, threads, all, json, .. brake.Options, .. from.Options]).FirstOrDefault(Has) is { } judging ? $"{judging.Name} means nothing with --accept" : null;
        if (daemon.IsAsked(written) && Has(at))
            return $"{at.Name} means nothing with --daemon, which judges for now";
        if (daemon.IsAsked(written) && daemon.Instead(written) is { } word && ((IEnumerable<Option>)[brake.Kept, threads, .. from.Ways]).FirstOrDefault(Has) is { } alone)
            return $"{alone.Name} means nothing with --daemon --otherwise {word}: nothing is judged without the daemon";
        return !Has(from.Address) && written.GetResult(what) is { Tokens.Count: > 0 } && from.Ways.FirstOrDefault(Has) is { } way ? $"{way.Name} means nothing without {from.Address.Name} ADDRESS" : null;
    }

    async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var told = GateEnvironment.Read(Environment.GetEnvironmentVariable, out var unread);
        if (unread.Length > 0)
            return Refuse(Terminal.Safe(unread));
        if (Place(parsed, told, out var wrong) is not var (apex, file))
            return Refuse(wrong);
        if (daemon.Accepts(parsed.CommandResult))
            return await daemon.AcceptAsync(parsed, apex, stop).ConfigureAwait(false);
        var asks = daemon.IsAsked(parsed.CommandResult);
        var place = from.First(parsed) ?? told?.From?.ToIPEndPoint(Primary.Port);
        var alone = !asks || (daemon.Instead(parsed.CommandResult) is null && (file is not null || place is not null));
        if (alone && brake.Unkept(parsed) is { } unkept)
            return Refuse(unkept);
        if (!alone && Options.IsWritten(parsed.CommandResult, brake.Kept))
            return Refuse($"{brake.Kept.Name} means nothing where no version waits: the daemon tells its last verdict");
        if (brake.CanariesOf(parsed, apex) is not { } canaries)
            return Verb.Usage;
        // What cannot be read is told before anybody is asked, and not only on the day on which the daemon is away.
        var primaries = alone && file is null ? from.Open(parsed, told?.From) : null;
        if (alone && file is null && primaries is null)
            return Verb.Usage;
        var options = Asked(parsed, canaries);
        if (asks)
        {
            var question = new VerifyQuestion(apex, place, told is not null || from.IsWritten(parsed), alone, new VerifyAsked(options, brake.LimitOf(parsed)), from.IsWritten(parsed) ? null : told);
            var (verdict, exit) = await daemon.AskAsync(parsed, question, stop).ConfigureAwait(false);
            if (exit is { } code)
                return code;
            if (verdict is not null)
                return IsOther(told, verdict.Serial) ? Verb.Usage : Daemons(parsed, apex, verdict);
        }

        return await JudgeAsync(parsed, told, apex, options, file, primaries, stop).ConfigureAwait(false);
    }

    /// <summary>The daemon's verdict. What it let in is what the next version is compared with on a day without the daemon.</summary>
    int Daemons(ParseResult parsed, DnsName apex, VerifyReport verdict)
    {
        if (verdict.Pass)
            brake.Passed(parsed, apex, verdict, first: false);
        return Tell(parsed, verdict, null);
    }

    async Task<int> JudgeAsync(ParseResult parsed, GateEnvironment? told, DnsName apex, VerifyOptions asked, string? file, Primaries? primaries, CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        if (brake.Add(parsed, apex, asked) is not { } options || await TakeAsync(parsed, apex, file, primaries, from.IsWritten(parsed) ? null : told, stop).ConfigureAwait(false) is not var (version, faults))
            return Verb.Usage;
        if (file is null && IsOther(told, version.Soa?.Serial))
            return Verb.Usage;
        using var progress = new VerifyProgressLine(apex);
        var judged = ZoneVerifier.Run(version, options, faults, parsed.GetValue(threads), progress.IsShown ? progress.Show : null, stop);
        progress.Clear();
        var report = VerifyReport.Of(judged, TimeProvider.System.GetElapsedTime(began));
        var first = brake.First(parsed, apex, options);
        return report.Pass && !brake.Passed(parsed, apex, report, first is not null) ? Verb.Usage : Tell(parsed, report, first);
    }

    static bool IsOther(GateEnvironment? told, uint? serial)
    {
        var other = told?.Complaint(serial);
        if (other is not null) Terminal.Error(other);
        return other is not null;
    }

    int Tell(ParseResult parsed, VerifyReport verdict, string? note)
    {
        if (!parsed.GetValue(json))
        {
            VerifyText.Print(verdict, parsed.GetValue(all), note);
        }
        else
        {
            if (note is not null) Terminal.Error($"{verdict.Zone}: {note}");
            Console.Out.WriteLine(JsonSerializer.Serialize(verdict, VerifyJson.Default.VerifyReport));
        }

        return verdict.Pass ? Verb.Done : Verb.Failed;
    }

    VerifyOptions Asked(ParseResult parsed, IReadOnlyList<DnsName> canaries) => new()
    {
        Now = (parsed.GetValue(at) ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds(),
        RequireDnssec = parsed.GetValue(require)?.Contains("dnssec") == true,
        RequireZonemd = parsed.GetValue(require)?.Contains("zonemd") == true,
        Policy = (parsed.GetValue(policy) ?? []).ToDictionary(),
        Canaries = canaries,
    };

    /// <summary>Which zone it is, and the file that it is in; without one it is transferred, or known to the daemon. Null if that is not told.</summary>
    (DnsName Zone, string? File)? Place(ParseResult parsed, GateEnvironment? told, out string why)
    {
        why = "";
        var (word, named) = (parsed.GetValue(what), parsed.GetValue(zone));
        var by = daemon.Accepts(parsed.CommandResult) ? "--accept" : from.IsWritten(parsed) ? from.Address.Name : daemon.IsAsked(parsed.CommandResult) && told?.Fed != true ? "--daemon" : null;
        if (word == Text && told?.Fed == false)
        {
            why = $"{told.By} writes nothing to standard input, as it says in the environment: leave the - away, and the version is transferred from where {told.By} says";
            return null;
        }

        if (by is null && word is null)
        {
            word = told?.Fed == true ? Text : null;
            if (word is null && told?.From is null)
                why = "what is to be verified? Write the file of the zone, - for standard input, or the zone's name and --from ADDRESS";
        }
        else if (by is not null && word is not null)
        {
            if (word == Text || named is not null)
                why = $"with {by} no file is read: write `oops verify {(named is { } known ? known.ToString() : "ZONE")} {by}{(by == from.Address.Name ? " ADDRESS" : "")}`, or leave {by} away";
            else if (DnsName.TryParse(word, out var name))
                (named, word) = (name, null);
            else
                why = $"'{Terminal.Safe(word)}': no domain name; with {by} the zone's name is written";
        }

        if (why.Length == 0 && (named ?? told?.Zone) is { } apex)
            return (apex, word);
        if (why.Length == 0)
            why = $"which zone is it? Write {(by is not null ? "its name" : "--zone NAME FILE, or `oops verify NAME --from ADDRESS`")} (none of {GateEnvironment.ZoneVariables} is set)";
        return null;
    }

    /// <summary>The zone, out of a text or from a server; null, and said why, if it is not to be had.</summary>
    async Task<(ZoneVersion Version, IntakeFaults Faults)?> TakeAsync(ParseResult parsed, DnsName apex, string? file, Primaries? primaries, GateEnvironment? told, CancellationToken stop)
    {
        if (file is null)
            return primaries is not null && await from.TakeAsync(parsed, primaries, apex, told, stop).ConfigureAwait(false) is { Version: { } version } taken ? (version, taken.Faults) : null;
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        var why = Read(file, apex, edit, stop);
        var sealedVersion = why is null ? edit.Seal() : null;
        if ((why ?? Foreign(sealedVersion!, edit.Faults, file == Text ? StandardInput : file)) is { } wrong)
        {
            Terminal.Error(wrong);
            return null;
        }

        return (sealedVersion!, edit.Faults);
    }

    /// <summary>A text that is nothing, or of another zone: no verdict on it would be one on the zone. Null: it is of the zone.</summary>
    static string? Foreign(ZoneVersion version, IntakeFaults faults, string name)
    {
        var outside = faults.All.GetValueOrDefault(IntakeFault.OutOfZone);
        if (version.Records == 0 && faults.All.Count == 0)
            return $"{name}: there is no record in it";
        if (version.ApexNode is { IsNone: false } node && node.Has(DnsType.Soa))
            return null;
        if ((outside.First?.Where(static r => r.Type == DnsType.Soa).Select(static r => (DnsName?)r.Owner).FirstOrDefault() ?? SoaBelow(version)) is { } other)
            return $"{name}: it is the zone {other}, and not {version.Apex}";
        return version.Records == 0 && outside.Count > 0 ? $"{name}: there is no record of {version.Apex} in it; the first is of {outside.First![0].Owner}" : null;
    }

    /// <summary>The first name below the apex that has an SOA record; null: none has.</summary>
    static DnsName? SoaBelow(ZoneVersion version)
    {
        for (var cursor = version.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            if (cursor.Current.Has(DnsType.Soa))
                return NameKey.Read(cursor.Current.Key, version.Apex);
        }

        return null;
    }

    static int Refuse(string why)
    {
        Terminal.Error(why);
        return Verb.Usage;
    }

    static string? Read(string file, in DnsName apex, ZoneEdit edit, CancellationToken stop)
    {
        if (file != Text)
            return MasterFile.Read(file, apex, edit, stop);
        using var input = Console.OpenStandardInput();
        return MasterFile.Read(input, StandardInput, apex, edit, stop);
    }

    static KeyValuePair<ZoneFault, Severity>[] Policies(ArgumentResult result)
    {
        var policies = new Dictionary<ZoneFault, Severity>();
        foreach (var token in result.Tokens)
        {
            if (VerifyAsked.TryPolicy(token.Value, out var read, out var why))
                policies[read.Key] = read.Value;
            else
                result.AddError($"--policy {Terminal.Safe(token.Value)}: {why}");
        }

        return [.. policies];
    }

    static DateTimeOffset? Moment(ArgumentResult result)
    {
        var word = result.Tokens[0].Value;
        if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < Furthest)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (word.StartsWith('+') && Config.Duration.Parse(word[1..], out _) is { } span && span < TimeSpan.FromDays(36_500))
            return TimeProvider.System.GetUtcNow() + span;
        if (DateTimeOffset.TryParse(word, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment.ToUnixTimeSeconds() is >= 0 and < Furthest)
            return moment;
        result.AddError($"--at {Terminal.Safe(word)}: RFC 3339 such as 2026-12-24T18:00:00Z, seconds since 1970, or a time from now such as +5d");
        return null;
    }
}
