using System.Net;
using Oops.Config;
using Oops.Dns;
using Oops.Reports.Conformance;
using Oops.Sources.ErrorReports;
using Oops.Wire.Dns;

namespace Oops.Reports.Setup;

/// <summary>Looks whether what <see cref="SetupWords"/> says is so: asks the servers of the zone, who knows the delegation, and the agent.</summary>
/// <param name="plan">What should be so.</param>
/// <param name="parents">Resolvers, or servers of the zone above the agent domain; the first that answers is believed.</param>
/// <param name="timeout">For one try on one transport.</param>
internal sealed class SetupCheck(SetupPlan plan, IReadOnlyList<IPEndPoint> parents, TimeSpan timeout, TimeProvider time)
{
    /// <summary>Of all that can be asked of an agent, what an operator has to know first. The sum comes last.</summary>
    static readonly string[] First = ["soa", "ns", "no-data-minimised", "udp", "report", "no-channel"];

    readonly List<SetupFinding> findings = [];

    public async Task<IReadOnlyList<SetupFinding>> RunAsync(CancellationToken stop)
    {
        foreach (var server in plan.Servers) await AnnouncesAsync(server, stop).ConfigureAwait(false);
        if (findings.Count == 0) Say($"servers of {plan.Zone}", SetupFinding.Unasked, "no server of the config serves it", "write it into zones: { list: ... } of its servers, with their address");
        var addresses = await DelegatedAsync(stop).ConfigureAwait(false);
        // Without a delegation the agent itself may still be looked at.
        if (addresses.Count == 0) addresses = [.. plan.Agent.Servers.SelectMany(s => s.Addresses.Select(a => new IPAddress(a.Data))).Distinct()];
        foreach (var address in addresses) await AnswersAsync(address, stop).ConfigureAwait(false);
        return findings;
    }

    async Task AnnouncesAsync(SetupServer server, CancellationToken stop)
    {
        if (server.Address is not { } address)
        {
            if (server.Expected) Say(server.Name, SetupFinding.Unasked, "the config has no address of it", "write address:");
            return;
        }

        var of = $"{server.Name} {Show(address)}";
        var came = await new AgentClient(address, timeout, time).WholeAsync(new PlainQuery(plan.Zone, DnsType.Soa), stop).ConfigureAwait(false);
        if (came.Answer is not { } answer)
        {
            if (server.Expected) Say(of, SetupFinding.Unasked, $"could not be asked: {came.Why}", "look whether it runs, and whether this host may ask it");
            return;
        }

        if (answer.Rcode != DnsRcode.NoError || !answer.Authoritative)
        {
            if (server.Expected) Say(of, SetupFinding.Wrong, $"does not answer for {plan.Zone}: {DnsWords.Of(answer.Rcode)}{(answer.Authoritative ? "" : ", no AA")}", "load the zone there");
            return;
        }

        var remedy = SetupWords.Remedy(server.Kind, plan);
        switch (answer.Channels.Count)
        {
            case 0:
                Say(of, SetupFinding.Wrong, $"its answer has no {(answer.HasEdns ? "Report-Channel" : "EDNS")}", remedy);
                break;
            case 1 when ReportChannel.TryRead(answer.Channels[0], out var told):
                if (told == plan.Agent.Domain) Say(of, SetupFinding.Ok, $"announces {told}");
                else Say(of, SetupFinding.Wrong, told.IsRoot ? "announces the root, which means: no reports" : $"announces {told}, and not {plan.Agent.Domain}", remedy);
                break;
            case 1:
                Say(of, SetupFinding.Wrong, "its Report-Channel is no name in wire form, not compressed (RFC 9567, 5)", remedy);
                break;
            default:
                Say(of, SetupFinding.Wrong, $"its answer has {answer.Channels.Count} Report-Channels; at most one is allowed (RFC 9567, 6.2)", remedy);
                break;
        }
    }

    /// <summary>The addresses of the delegation.</summary>
    async Task<IReadOnlyList<IPAddress>> DelegatedAsync(CancellationToken stop)
    {
        var (agent, of) = (plan.Agent.Domain, $"delegation of {plan.Agent.Domain}");
        string? why = "there is no resolver in /etc/resolv.conf";
        foreach (var parent in parents)
        {
            var client = new AgentClient(parent, timeout, time);
            var found = await Delegation.FindAsync(client, agent, stop).ConfigureAwait(false);
            why = found.Why is null ? null : $"{Show(parent)} could not be asked: {found.Why}";
            if (why is not null) continue;
            JudgeDelegation(of, found, Show(parent));
            if (found.Servers.Count == 0) return [];
            var (signed, unknown) = await Delegation.IsSignedAsync(client, agent, stop).ConfigureAwait(false);
            if (signed is not { } isSigned) Say(of, SetupFinding.Unasked, $"DS: {Show(parent)} could not be asked: {unknown}", "name another with --parent");
            else Say(of, isSigned ? SetupFinding.Wrong : SetupFinding.Ok, isSigned ? "it is signed: there is a DS (RFC 9567, 8.2)" : "no DS: it is not signed", isSigned ? "remove the DS: oops does not sign, so resolvers find the agent domain bogus" : null);
            return [.. found.Addresses.Select(a => a.Address).Distinct()];
        }

        Say(of, SetupFinding.Unasked, why ?? "could not be asked", "name a resolver, or a server of the zone above, with --parent");
        return [];
    }

    void JudgeDelegation(string of, Delegation found, string where)
    {
        var (wanted, there) = (plan.Agent.Servers.Select(s => s.Name.ToString()).ToHashSet(StringComparer.Ordinal), found.Servers.Select(s => s.ToString()).ToHashSet(StringComparer.Ordinal));
        if (there.Count == 0)
        {
            Say(of, SetupFinding.Wrong, $"there is none, says {where}", $"write into the zone above: {string.Join("; ", SetupWords.Delegation(plan))}");
            return;
        }

        if (!there.SetEquals(wanted)) Say(of, SetupFinding.Wrong, $"NS {string.Join(", ", there.Order(StringComparer.Ordinal))}, says {where}; the config has {string.Join(", ", wanted.Order(StringComparer.Ordinal))}", "make both the same: nameservers of the agent, and the NS records above");
        else Say(of, SetupFinding.Ok, $"NS {string.Join(", ", there.Order(StringComparer.Ordinal))}");
        foreach (var server in plan.Agent.Servers) JudgeAddresses(of, server, [.. found.Addresses.Where(a => a.Server == server.Name).Select(a => a.Address)]);
    }

    void JudgeAddresses(string of, AgentServer server, IReadOnlyList<IPAddress> there)
    {
        var wanted = server.Addresses.Select(a => new IPAddress(a.Data)).ToHashSet();
        if (there.Count == 0) Say(of, SetupFinding.Wrong, $"{server.Name} has no address there", wanted.Count > 0 ? $"write the glue: {string.Join("; ", SetupWords.Delegation(plan).Skip(plan.Agent.Servers.Length))}" : "write its address into its own zone");
        else if (wanted.Count > 0 && !wanted.SetEquals(there)) Say(of, SetupFinding.Wrong, $"{server.Name} is at {string.Join(", ", there)}; the config has {string.Join(", ", wanted)}", "make both the same: addresses of the agent's nameserver (or listen), and the glue above");
        else Say(of, SetupFinding.Ok, $"{server.Name} at {string.Join(", ", there)}");
    }

    async Task AnswersAsync(IPAddress address, CancellationToken stop)
    {
        var examination = new Examination(new AgentClient(new IPEndPoint(address, 53), timeout, time), plan.Agent.Domain, $"{Examination.TestLabel}.{Examination.TestZone}", Transport.Tcp);
        foreach (var id in First)
        {
            var result = await AgentChecks.All.First(c => c.Id == id).ResultAsync(examination, stop).ConfigureAwait(false);
            var of = $"agent at {address}";
            if (id == "udp" && plan.Source.Udp == UnverifiedUdp.Accept && result.State == "wrong") Say(of, SetupFinding.Ok, $"a report over UDP: {result.Found}, as `udp: accept` says");
            else if (result.State == "unasked")
            {
                Say(of, SetupFinding.Unasked, $"{Asked(id)}: {result.Found}", "look whether oops runs there with this config (oops status), and whether a firewall lets UDP and TCP through");
                // What is not there is silent to everything; each question would take its time.
                if (id == First[0]) return;
            }
            else Say(of, result.State == "ok" ? SetupFinding.Ok : SetupFinding.Wrong, $"{Asked(id)}: {result.Found}", result.State == "ok" ? null : $"is it oops that answers there? oops reports check {plan.Agent.Domain} --to {address} tells more");
        }
    }

    static string Asked(string id) => id switch
    {
        "soa" => "SOA over TCP",
        "ns" => "NS over TCP",
        "no-data-minimised" => "a step of QNAME minimisation",
        "udp" => "a report over UDP without a cookie",
        "report" => "a report over TCP",
        _ => "Report-Channel",
    };

    static string Show(IPEndPoint at) => at.Port == 53 ? at.Address.ToString() : $"{at.Address}@{at.Port}";

    void Say(string of, string state, string found, string? remedy = null) => findings.Add(new SetupFinding(of, state, found, state == SetupFinding.Ok ? null : remedy));
}
