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
    const string Ask = "--daemon", Else = "--otherwise", Alone = "alone", Pass = "pass", Fail = "fail";

    static readonly TimeSpan Usual = TimeSpan.FromSeconds(30), Slack = TimeSpan.FromSeconds(5);

    readonly Option<bool> ask = new(Ask) { Description = "The daemon judges, by its config (source verify) and by what has changed since its last version: the version that waits at an address of this host (--from, or what the name server tells its verifier), else its last verdict is told." };
    readonly Option<string> otherwise = new(Else) { Description = $"The verdict when {Ask} gets none, because the daemon is absent, late, of another version, or does not judge the zone: {Alone} (without it), {Pass} or {Fail}. Default: {Alone}.", DefaultValueFactory = static _ => Alone };
    readonly Option<TimeSpan?> within = Commands.Options.Span("--within", $"How long {Ask} may take: 500ms, 30s, 5m. Default: 30s.");
    readonly Option<bool> accept = new("--accept") { Description = "Of the zone's name: the size of the version that the daemon judged last is right, and what the next one is compared with (brake)." };
    readonly Option<string?> server = new("--server") { Description = $"Of {Ask} and --accept: at which server, where several have the zone." };
    readonly Option<string> socket = Commands.Options.Socket();

    public VerifyDaemon() => otherwise.AcceptOnlyFromAmong(Alone, Pass, Fail);

    public IEnumerable<Option> Options => [ask, otherwise, within, accept, server, socket];

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(ask);

    public bool Accepts(ParseResult parsed) => parsed.GetValue(accept);

    public async Task<int> AcceptAsync(ParseResult parsed, DnsName zone, CancellationToken stop)
    {
        using var client = new ControlClient(parsed.GetValue(socket)!);
        try
        {
            var answer = await client.PostAsync("accept", new VerbRequest { Subject = zone.ToString(), Server = parsed.GetValue(server) }, Usual, stop).ConfigureAwait(false);
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
    /// <param name="parsed">The options.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="at">Where a version waits; null: that is not told.</param>
    /// <param name="waits">One waits: what the daemon says of the one that is served says nothing of it.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<(VerifyReport? Report, int? Exit)> AskAsync(ParseResult parsed, DnsName zone, IPEndPoint? at, bool waits, CancellationToken stop)
    {
        if (waits && at is null)
            return (null, Without(parsed, zone, "the name server does not say at which address the version waits"));
        var longest = parsed.GetValue(within) ?? Usual;
        var path = string.Create(CultureInfo.InvariantCulture, $"/verify?zone={Uri.EscapeDataString(zone.ToString())}&within={longest.TotalSeconds:0.###}{(parsed.GetValue(server) is { } name ? $"&server={Uri.EscapeDataString(name)}" : "")}{(at is null ? "" : $"&at={Uri.EscapeDataString(new Endpoint(at.Address, at.Port).ToString())}")}");
        string why;
        try
        {
            using var client = new ControlClient(parsed.GetValue(socket)!, longest + Slack);
            var reading = await client.GetAsync(path, VerifyJson.Default.VerifyReport, stop).ConfigureAwait(false);
            if (reading.Answer is { } report)
                return (report, null);
            why = reading.Text;
        }
        catch (NoDaemonException e)
        {
            why = e.Message;
        }

        return (null, Without(parsed, zone, why));
    }

    /// <summary>The exit code that was asked for; null: it is judged without the daemon.</summary>
    int? Without(ParseResult parsed, DnsName zone, string why)
    {
        var word = parsed.GetValue(otherwise);
        Terminal.Error($"{Terminal.Safe(why)}: {(word == Alone ? "judged without the daemon" : $"{zone} counts as {word}, as asked for ({Else})")}");
        return word switch { Pass => Verb.Done, Fail => Verb.Failed, _ => null };
    }
}
