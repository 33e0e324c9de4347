using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Oops.Config;
using Oops.Reports;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Commands;

/// <summary>What the verbs that ask over the network have in common.</summary>
internal static class ReportOptions
{
    const string ResolvConf = "/etc/resolv.conf";

    /// <summary>For one try on one transport.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public static Argument<DnsName> Name(string name, string description) => new(name) { Description = description, CustomParser = ParseName };

    public static Option<DnsName?> NameOption(string name, string description) => new(name) { Description = description, CustomParser = r => ParseName(r) };

    public static Option<Endpoint?> Address(string name, string description) => new(name) { Description = description, CustomParser = ParseAddress };

    public static Option<TimeSpan?> Timeout()
    {
        var option = Options.Span("--timeout", "How long one answer is awaited; over UDP there are two tries. Default 2s, at most 1m.");
        option.Validators.Add(r =>
        {
            if (r.Errors.Any()) return;
            if (r.GetValueOrDefault<TimeSpan?>() is { } span && (span <= TimeSpan.Zero || span > Longest)) r.AddError("--timeout: more than 0 and at most 1m");
        });
        return option;
    }

    /// <summary>Where to ask for an agent: as it was said, or the first address of its delegation. Null, and said why not.</summary>
    public static async Task<IPEndPoint?> FindAsync(Endpoint? to, int port, DnsName agent, TimeSpan timeout, CancellationToken stop)
    {
        if (to is { } at) return at.ToIPEndPoint(port);
        var why = $"there is no resolver in {ResolvConf}";
        foreach (var resolver in await SystemResolversAsync(stop).ConfigureAwait(false))
        {
            var found = await Delegation.FindAsync(new AgentClient(resolver, timeout, TimeProvider.System), agent, stop).ConfigureAwait(false);
            if (found.Addresses.Count > 0) return new IPEndPoint(found.Addresses[0].Address, port);
            why = $"the resolver {resolver.Address} knows no address of its name servers{(found.Why is null ? "" : $": {found.Why}")}";
            if (found.Why is null) break;
        }

        Terminal.Error($"where is {agent}? {why}; write --to ADDRESS");
        return null;
    }

    public static async Task<IReadOnlyList<IPEndPoint>> SystemResolversAsync(CancellationToken stop)
    {
        try
        {
            return AgentClient.SystemResolvers(await File.ReadAllTextAsync(ResolvConf, stop).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    static DnsName ParseName(ArgumentResult result)
    {
        var word = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (DnsName.TryParse(word, out var name)) return name;
        result.AddError($"'{Terminal.Safe(word)}': no domain name");
        return default;
    }

    static Endpoint? ParseAddress(ArgumentResult result)
    {
        var word = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (Endpoint.Parse(word, out var problem) is { } endpoint) return endpoint;
        result.AddError(Terminal.Safe(problem));
        return null;
    }
}
