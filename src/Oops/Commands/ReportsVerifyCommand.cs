using System.CommandLine.Parsing;
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Oops.Core;
using Oops.Reports.Verify;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Commands;

/// <summary>`oops reports verify NAME [TYPE...]`: what a validating resolver and the authoritative servers say of a name. The source `error-reports` runs it for each check, so that what strangers chose is resolved in a process that may die of it (ADR 19).</summary>
internal static class ReportsVerifyCommand
{
    public static Command New()
    {
        var name = ReportOptions.Name("name", "The name that was reported, in presentation form (RFC 1035).");
        var types = new Argument<DnsType[]>("type") { Description = $"RR types: A, DNSKEY, TYPE65280; at most {CheckQuestion.MostTypes}. Default: A.", CustomParser = TypesOf, Arity = ArgumentArity.ZeroOrMore };
        var zone = ReportOptions.NameOption("--zone", "The zone that it is in: a server may refer to what is below.");
        var resolver = Addresses("--resolver", "A resolver to ask, ADDRESS[@PORT]; may be repeated. Default: from the root on.");
        var servers = Addresses("--server", $"An authoritative server to ask, ADDRESS[@PORT]; may be repeated, at most {CheckQuestion.MostServers}.");
        servers.Validators.Add(r =>
        {
            if (r.Tokens.Count > CheckQuestion.MostServers) r.AddError($"--server: at most {CheckQuestion.MostServers}");
        });
        var anchor = new Option<string?>("--trust-anchor") { Description = "A file of DS or DNSKEY records in zone format. Default: Debian's /usr/share/dns/root.key, or Unbound's." };
        var timeout = Options.Span("--timeout", "For all of it; default 10s.");
        var json = new Option<bool>("--json") { Description = "One JSON object in one line." };
        var command = new Command("verify", "Whether what was reported is so: asks a validating resolver (libunbound) and the authoritative servers. Exit 0: all is well; 1: it is broken; 3: nothing can be said.") { name, types, zone, resolver, servers, anchor, timeout, json };
        return command.Does(async (parsed, stop) =>
        {
            var question = new CheckQuestion
            {
                Name = parsed.GetValue(name),
                Types = parsed.GetValue(types) is { Length: > 0 } some ? some : [DnsType.A],
                Zone = parsed.GetValue(zone),
                Forwarders = parsed.GetValue(resolver) ?? [],
                Servers = parsed.GetValue(servers) ?? [],
                TrustAnchor = parsed.GetValue(anchor),
                Timeout = parsed.GetValue(timeout) ?? TimeSpan.FromSeconds(10),
            };
            var report = await new Checker(TimeProvider.System).RunAsync(question, stop).ConfigureAwait(false);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, CheckJson.Default.CheckReport));
            else Print(report);
            return report.Verdict switch { CheckVerdict.NotConfirmed => Verb.Done, CheckVerdict.Confirmed => Verb.Failed, _ => Verb.TimedOut };
        });
    }

    static void Print(CheckReport report)
    {
        Terminal.Line($"{report.Name}: {Word(report.Verdict)}: {report.Why}");
        foreach (var found in report.Types)
        {
            var resolver = found.Resolver;
            var said = resolver.Rcode is null ? "" : $", {resolver.Rcode}, {Words.Count(resolver.Answers, "record")}";
            Terminal.Line($"  {found.Type}  resolver  {(resolver.Status == ResolverStatus.Unasked ? "no answer" : resolver.Status.ToString().ToLowerInvariant())}{said}{Told(resolver.WhyBogus ?? resolver.Why)}");
            foreach (var server in found.Servers) Terminal.Line($"  {found.Type}  {server.Server}  {Said(server)}");
        }
    }

    internal static string Word(CheckVerdict verdict) => verdict switch { CheckVerdict.Confirmed => "confirmed", CheckVerdict.NotConfirmed => "not-confirmed", _ => "unknown" };

    static string Said(ServerFound server)
    {
        if (server.Rcode is null) return server.Why ?? "";
        var what = server.Referral is { } to ? $"refers to {to}" : server.Aa ? "aa" : "no aa";
        var error = server.Ede is { } code ? $", EDE {ErrorCodes.Of(code)}{Told(server.EdeText)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{server.Rcode}, {what}, {Words.Count(server.Records, "record")}, {(server.Signed ? "signed" : "no signatures")}, {server.Milliseconds:0.#} ms{error}");
    }

    static string Told(string? text) => text is null ? "" : $": {text}";

    static DnsType[] TypesOf(ArgumentResult result)
    {
        List<DnsType> types = [];
        foreach (var token in result.Tokens)
        {
            if (TypeNames.TryParse(token.Value, out var type)) types.Add(type);
            else result.AddError($"{Terminal.Safe(token.Value)}: an RR type, such as A, DNSKEY or TYPE65280");
        }

        if (types.Count > CheckQuestion.MostTypes) result.AddError($"{types.Count} types; at most {CheckQuestion.MostTypes}");
        return [.. types.Distinct()];
    }

    static Option<IPEndPoint[]> Addresses(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            List<IPEndPoint> found = [];
            foreach (var token in result.Tokens)
            {
                if (Endpoint.Parse(token.Value, out var problem) is { } endpoint) found.Add(endpoint.ToIPEndPoint(53));
                else result.AddError($"{name}: {Terminal.Safe(problem)}");
            }

            return [.. found];
        },
    };
}
