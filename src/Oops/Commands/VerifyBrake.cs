using System.CommandLine;
using System.CommandLine.Parsing;
using Oops.Wire.Dns;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>What `oops verify` compares a zone's size with, and what it must have.</summary>
internal sealed class VerifyBrake
{
    const string Brake = "--brake", Last = "--last", Canary = "--canary";

    readonly Option<string?> last = new(Last) { Description = $"A folder with a file for each zone that says what its last version that passed had: {Brake} compares with it, and a version that passes takes its place. In the first run there is none." };
    readonly Option<SizeLimit?> brake = new(Brake) { Description = "PERCENT or PERCENT,LEAST: records, RRsets or delegations that are more than both more or fewer than in the last version that passed are an error, and where more than half of five or more are gone, also below LEAST. Default: 10,100.", CustomParser = Limit };
    readonly Option<DnsName[]> canaries = new(Canary) { Description = "A name that the zone must have; may be repeated.", CustomParser = Names, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    public IEnumerable<Option> Options => [last, brake, canaries];

    /// <summary>The one that is of no use where only the daemon judges.</summary>
    public Option Kept => last;

    /// <summary>How much a version's size may change at most; null: that is not asked for.</summary>
    public SizeLimit? LimitOf(ParseResult parsed) => parsed.GetValue(brake) ?? (parsed.GetValue(last) is null ? null : SizeLimit.Usual);

    /// <summary>The names that it must have; null, and said why: one is of another zone.</summary>
    public IReadOnlyList<DnsName>? CanariesOf(ParseResult parsed, DnsName zone)
    {
        var names = parsed.GetValue(canaries) ?? [];
        foreach (var canary in names.Where(c => !c.IsWithin(zone)))
        {
            Terminal.Error($"{Canary} {canary}: not a name of {zone}");
            return null;
        }

        return names;
    }

    /// <summary>Null: it is said where that is kept what the size is compared with, or it is not compared.</summary>
    public string? Unkept(ParseResult parsed) => parsed.GetValue(brake) is not null && parsed.GetValue(last) is null ? $"{Brake} compares with the last version that passed: say with {Last} FOLDER where that is kept" : null;

    /// <summary>Adds the size of the last version. Null: it could not be read, and that is said: an unknown size is no size.</summary>
    public VerifyOptions? Add(ParseResult parsed, DnsName zone, VerifyOptions options)
    {
        if (parsed.GetValue(last) is not { } folder)
            return options;
        if (new LastPassed(folder).Read(zone, out var why) is { } report)
            return options with { Brake = new SizeBrake(report.Numbers, report.Serial, LimitOf(parsed)!.Value) };
        if (why is null)
            return options;
        Terminal.Error($"{why}; remove it if the size is not to be compared this time");
        return null;
    }

    /// <summary>Of a version whose size was to be compared, and there was none before it: that it was not. Null: there was one, or it was not asked for.</summary>
    public string? First(ParseResult parsed, DnsName zone, VerifyOptions options) =>
        parsed.GetValue(last) is { } folder && options.Brake is null ? $"the first version: its size was compared with nothing ({new LastPassed(folder).PathOf(zone)} was not there)" : null;

    /// <summary>A version that passed is the last. False, and said why: it could not be kept, and there is none before it, so that no version would ever be compared.</summary>
    public bool Passed(ParseResult parsed, DnsName zone, VerifyReport report, bool first)
    {
        if (parsed.GetValue(last) is not { } folder || new LastPassed(folder).Write(zone, report) is not { } why)
            return true;
        Terminal.Error($"{why}: {(first ? $"the next version of {zone} would be compared with nothing, so this one is not let in" : "the next version will not be compared with this one")}");
        return !first;
    }

    static SizeLimit? Limit(ArgumentResult result)
    {
        if (SizeLimit.TryParse(result.Tokens[0].Value, out var limit))
            return limit;
        result.AddError($"{Brake} {Terminal.Safe(result.Tokens[0].Value)}: PERCENT or PERCENT,LEAST, such as 10,100");
        return null;
    }

    static DnsName[] Names(ArgumentResult result)
    {
        var names = new List<DnsName>();
        foreach (var token in result.Tokens)
        {
            if (DnsName.TryParse(token.Value, out var name))
                names.Add(name);
            else
                result.AddError($"{Canary} {Terminal.Safe(token.Value)}: no domain name");
        }

        return [.. names];
    }
}
