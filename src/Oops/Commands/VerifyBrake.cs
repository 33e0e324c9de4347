using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Oops.Wire.Dns;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>What `oops verify` compares a zone's size with, and what it must have.</summary>
internal sealed class VerifyBrake
{
    const string Brake = "--brake", Last = "--last", Canary = "--canary";

    readonly Option<string?> last = new(Last) { Description = $"A folder with a file for each zone that says what its last version that passed had: {Brake} compares with it, and a version that passes takes its place. In the first run there is none." };
    readonly Option<SizeLimit?> brake = new(Brake) { Description = "PERCENT or PERCENT,LEAST: records, RRsets or delegations that are more than both more or fewer than in the last version that passed are an error. Default: 10,100.", CustomParser = Limit };
    readonly Option<DnsName[]> canaries = new(Canary) { Description = "A name that the zone must have; may be repeated.", CustomParser = Names, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    public IEnumerable<Option> Options => [last, brake, canaries];

    /// <summary>Adds what is asked for. Null: it could not be read, and that is said: an unknown size is no size.</summary>
    public VerifyOptions? Add(ParseResult parsed, DnsName zone, VerifyOptions options)
    {
        options = options with { Canaries = parsed.GetValue(canaries) ?? [] };
        foreach (var canary in options.Canaries)
        {
            if (!canary.IsWithin(zone))
                return Refuse($"{Canary} {canary}: not a name of {zone}");
        }

        if (parsed.GetValue(last) is not { } folder)
            return parsed.GetValue(brake) is null ? options : Refuse($"{Brake} compares with the last version that passed: say with {Last} FOLDER where that is kept");
        if (new LastPassed(folder).Read(zone, out var why) is { } report)
            return options with { Brake = new SizeBrake(report.Numbers, report.Serial, parsed.GetValue(brake) ?? SizeLimit.Usual) };
        return why is null ? options : Refuse($"{why}; remove it if the size is not to be compared this time");
    }

    /// <summary>A version that passed is the last. A file that cannot be written is told; the verdict is the same.</summary>
    public void Passed(ParseResult parsed, DnsName zone, VerifyReport report)
    {
        if (parsed.GetValue(last) is { } folder && new LastPassed(folder).Write(zone, report) is { } why)
            Terminal.Error($"{why}: the next version will be compared with an earlier one");
    }

    static VerifyOptions? Refuse(string why)
    {
        Terminal.Error(why);
        return null;
    }

    static SizeLimit? Limit(ArgumentResult result)
    {
        var words = result.Tokens[0].Value.Split(',');
        var least = SizeLimit.Usual.Least;
        if (words.Length <= 2 && double.TryParse(words[0].TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 1_000_000
            && (words.Length == 1 || (long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out least) && least <= 1_000_000_000)))
            return new SizeLimit(percent, least);
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
