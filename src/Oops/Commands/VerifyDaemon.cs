using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Oops.Config;
using Oops.Control;
using Oops.Wire.Dns;
using Oops.Zones.Verification;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Commands;

/// <summary>The daemon's part of `oops verify`: it knows the version before, and judges only what changed. What holds where it cannot be asked is the operator's to say.</summary>
internal sealed class VerifyDaemon
{
    const string Ask = "--daemon", Takes = "--accept", Else = "--otherwise", Alone = "alone", Pass = "pass", Fail = "fail";

    /// <summary>The daemon itself says when it is late; its answer has so long to come.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(250);

    static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    readonly Option<bool> ask = new(Ask) { Description = "The daemon judges, by its config (source verify) and by what has changed since its last version: the version that waits at an address of this host (--from, or what the name server tells its verifier), else its last verdict is told." };
    readonly Option<string> otherwise = new(Else) { Description = $"The verdict when {Ask} gets none, because the daemon is absent, late, of another version, or does not judge the zone: {Alone} (without it), {Pass} or {Fail}. Default: {Alone}.", DefaultValueFactory = static _ => Alone };
    readonly Option<TimeSpan?> within = Commands.Options.Span("--within", $"How long {Ask} may take: 500ms, 30s, 5m, at most 1h. Default: 30s.", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
    readonly Option<bool> accept = new(Takes) { Description = "Of the zone's name: the size of the version that the daemon kept out last, or else of the one that is served, is right, and what the next one is compared with (brake). Exit 1: failed; 2: --serial is missing, and it is said which version that is; 3: no answer in time; 4: refused, because it is another version, or for want of permission." };
    readonly Option<long?> serial = Commands.Options.NumberOrNone("--serial", $"Of {Takes}: the serial of the version that you have looked at. Another one is refused.", 0, uint.MaxValue);
    readonly Option<string?> server = new("--server") { Description = $"Of {Ask} and --accept: at which server, where several have the zone." };
    readonly Option<string> socket = Commands.Options.Socket();

    public VerifyDaemon() => otherwise.Among(Alone, Pass, Fail);

    public IEnumerable<Option> Options => [ask, otherwise, within, accept, serial, server, socket];

    /// <summary>Null: each option of the daemon's has the one without which it means nothing.</summary>
    public string? Misuse(CommandResult written)
    {
        bool Has(Option option) => Commands.Options.IsWritten(written, option);
        if (!Has(accept) && Has(serial))
            return $"{serial.Name} means nothing without {Takes}";
        if (Has(ask) || Has(accept))
            return Has(accept) && new Option[] { ask, otherwise, within }.FirstOrDefault(Has) is { } other ? $"{other.Name} means nothing with {Takes}" : null;
        if (new Option[] { server, socket }.FirstOrDefault(Has) is { } place)
            return $"{place.Name} means nothing without {Ask} or {Takes}";
        return new Option[] { otherwise, within }.FirstOrDefault(Has) is { } how ? $"{how.Name} means nothing without {Ask}" : null;
    }

    public bool IsAsked(CommandResult written) => Commands.Options.IsWritten(written, ask);

    public bool Accepts(CommandResult written) => Commands.Options.IsWritten(written, accept);

    /// <summary>The verdict that was asked for in the daemon's place, pass or fail; null: the zone is judged without it.</summary>
    public string? Instead(CommandResult written) => written.GetResult(otherwise) is { Tokens: [{ Value: Pass or Fail } word] } ? word.Value : null;

    public async Task<int> AcceptAsync(ParseResult parsed, DnsName zone, CancellationToken stop)
    {
        using var client = new ControlClient(parsed.GetValue(socket)!);
        try
        {
            var answer = await client.PostAsync("accept", new VerbRequest { Subject = zone.ToString(), Server = parsed.GetValue(server), Serial = (uint?)parsed.GetValue(serial) }, Usual, stop).ConfigureAwait(false);
            if (answer.Exit == Verb.Done) Terminal.Line(Terminal.Safe(answer.Text));
            else Terminal.Error(Terminal.Safe(answer.Text));
            return answer.Exit;
        }
        catch (NoDaemonException e)
        {
            Terminal.Error(e.Message);
            return e.Exit;
        }
    }

    /// <summary>The daemon's verdict, or the exit code that was asked for in its place; neither: it is judged without it.</summary>
    public async Task<(VerifyReport? Report, int? Exit)> AskAsync(ParseResult parsed, VerifyQuestion question, CancellationToken stop)
    {
        if (question.Waits && question.At is null)
            return (null, Without(parsed, question, "the name server does not say at which address the version waits"));
        var longest = parsed.GetValue(within) ?? Usual;
        string why;
        try
        {
            using var client = new ControlClient(parsed.GetValue(socket)!, longest + Slack);
            var reading = await client.GetAsync(question.Path(longest, parsed.GetValue(server)), VerifyJson.Default.VerifyReport, stop).ConfigureAwait(false);
            if (reading.Answer is { } report)
                return (report, null);
            why = reading.Text + question.Told?.Hint(reading.Text);
            if (reading.Exit == Verb.Usage)
            {
                Terminal.Error(why);
                return (null, reading.Exit);
            }
        }
        catch (NoDaemonException e)
        {
            why = e.Message;
        }

        return (null, Without(parsed, question, why));
    }

    /// <summary>The exit code that was asked for; null: it is judged without the daemon.</summary>
    int? Without(ParseResult parsed, VerifyQuestion question, string why)
    {
        var word = Instead(parsed.CommandResult);
        var end = word is not null ? $"{question.Zone} counts as {word}, as asked for ({Else})" : question.MayBeAlone ? "going on without the daemon" : "not judged";
        Terminal.Error($"{why}: {end}");
        return word switch { Pass => Verb.Done, Fail => Verb.Failed, _ => question.MayBeAlone ? null : Verb.Usage };
    }
}

/// <summary>What the daemon is asked about a zone.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="At">Where a version waits; null: that is not told.</param>
/// <param name="Waits">One waits: what the daemon says of the one that is served says nothing of it.</param>
/// <param name="MayBeAlone">There is something that could be judged without the daemon.</param>
/// <param name="Asked">What the daemon must ask of it.</param>
/// <param name="Told">The server that asks; null: none.</param>
internal sealed record VerifyQuestion(DnsName Zone, IPEndPoint? At, bool Waits, bool MayBeAlone, VerifyAsked Asked, GateEnvironment? Told)
{
    public string Path(TimeSpan within, string? server) =>
        string.Create(CultureInfo.InvariantCulture, $"/verify?zone={Uri.EscapeDataString(Zone.ToString())}&within={within.TotalSeconds:0.###}{(server is null ? "" : $"&server={Uri.EscapeDataString(server)}")}{(At is null ? "" : $"&at={Uri.EscapeDataString(new Endpoint(At.Address, At.Port).ToString())}")}{Asked.Query}");
}
