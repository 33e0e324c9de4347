using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization;
using Oops.Config;
using Oops.Control;
using Oops.Core;
using Oops.Reports;
using Oops.Wire.Dns;

namespace Oops.Commands;

/// <summary>`oops reports send --agent DOMAIN NAME TYPE[-TYPE] CODE`: a report as a resolver sends it, to try an agent out.</summary>
internal static class ReportsSendCommand
{
    public static Command New()
    {
        var name = ReportOptions.Name("name", "The name that is said to fail. An agent may count it: oops-test.invalid is recognised as a test.");
        var types = new Argument<DnsType[]>("types") { Description = "The RR types that are said to fail, with '-' between: A, DNSKEY, 1-28.", Arity = ArgumentArity.ExactlyOne, CustomParser = Types };
        var code = new Argument<int?>("code") { Description = "INFO-CODE (RFC 8914), by number or name: 7, signature-expired.", Arity = ArgumentArity.ExactlyOne, CustomParser = Code };
        var agent = ReportOptions.NameOption("--agent", "The agent domain.");
        agent.Required = true;
        var to = ReportOptions.Address("--to", "Where the agent is, ADDRESS[@PORT]. Default: what the resolvers of /etc/resolv.conf say.");
        var udp = new Option<bool>("--udp") { Description = "Over UDP only, without a cookie. Default: over UDP with a cookie, and then over TCP where the agent asks for that, as a resolver should." };
        var tcp = new Option<bool>("--tcp") { Description = "Over TCP only." };
        var tls = new Option<bool>("--tls") { Description = "Over TLS only (RFC 7858), port 853; its certificate is not judged." };
        var cookie = new Option<bool>("--cookie") { Description = "With a DNS cookie (RFC 7873) also over the one transport." };
        var timeout = ReportOptions.Timeout();
        var json = new Option<bool>("--json") { Description = "JSON lines, one for each query." };
        var command = new Command("send", "Sends one error report (RFC 9567), to try a monitoring agent out, and prints the answers. Exit 1: it was not taken.") { name, types, code, agent, to, udp, tcp, tls, cookie, timeout, json };
        command.Validators.Add(r =>
        {
            if (new[] { udp, tcp, tls }.Count(r.GetValue) > 1) r.AddError("--udp, --tcp, --tls: one of them");
        });
        return command.Does(async (parsed, stop) =>
        {
            var domain = parsed.GetValue(agent) ?? default;
            if (domain.IsRoot || !ReportName.TryMake(parsed.GetValue(types)!, parsed.GetValue(name), (ushort)parsed.GetValue(code)!.Value, domain, out var report))
            {
                Terminal.Error(domain.IsRoot ? "the root is no agent domain" : "the report would be longer than a name may be, and must not be sent (RFC 9567, 6.1.1)");
                return Verb.Usage;
            }

            var by = parsed.GetValue(udp) ? SendBy.Udp : parsed.GetValue(tcp) ? SendBy.Tcp : parsed.GetValue(tls) ? SendBy.Tls : SendBy.Resolver;
            var patience = parsed.GetValue(timeout) ?? ReportOptions.Patience;
            if (await ReportOptions.FindAsync(parsed.GetValue(to), by == SendBy.Tls ? 853 : 53, domain, patience, stop).ConfigureAwait(false) is not { } server) return Verb.Failed;
            var steps = await ReportSending.RunAsync(new AgentClient(server, patience, TimeProvider.System), report, by, parsed.GetValue(cookie), stop).ConfigureAwait(false);
            if (!parsed.GetValue(json)) Terminal.Line($"TXT {report} to {server}");
            foreach (var step in steps) Print(step, parsed.GetValue(json));
            return steps[^1].Taken ? Verb.Done : Verb.Failed;
        });
    }

    static void Print(SentReport step, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(step, SentJson.Default.SentReport));
            return;
        }

        var said = step.Rcode is null ? step.Why : $"{step.Rcode}{(step.Truncated ? " TC" : "")}{string.Concat(step.Texts.Select(t => $" TXT \"{t}\""))}{(step.Ttl is { } ttl ? $", not again for {ttl} s" : "")}";
        Terminal.Line($"{step.Over}{(step.Cookie == "none" ? "" : $", {step.Cookie} cookie")}: {said}");
    }

    static DnsType[]? Types(ArgumentResult result)
    {
        var types = new List<DnsType>();
        foreach (var word in result.Tokens.SelectMany(t => t.Value.Split('-')))
        {
            if (TypeNames.TryParse(word, out var type)) types.Add(type);
            else result.AddError($"'{Terminal.Safe(word)}': no RR type; write A, TYPE65280 or a number from 1 to 65535");
        }

        if (types.Count > ReportName.MostTypes) result.AddError($"at most {ReportName.MostTypes} types");
        return [.. types];
    }

    static int? Code(ArgumentResult result)
    {
        if (result.Tokens is [{ Value: var word }] && ReportsApi.CodeOf(word) is { } code) return code;
        result.AddError($"'{Terminal.Safe(result.Tokens is [{ Value: var wrong }] ? wrong : "")}': an INFO-CODE, 0 to 65535, or its name ({string.Join(", ", ErrorCodes.Names.Take(3))} ...)");
        return null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SentReport))]
internal sealed partial class SentJson : JsonSerializerContext;
