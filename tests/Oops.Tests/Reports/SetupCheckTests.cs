using System.Net;
using Oops.Config;
using Oops.Dns;
using Oops.Reports.Setup;
using Oops.Sources.ErrorReports;
using Oops.Tests.Dns;
using Oops.Tests.Sources.ErrorReports;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports;

/// <summary>What `oops reports setup --check` says of the servers of a zone and of the delegation.</summary>
public sealed class SetupCheckTests
{
    const string Agent = ResponderRig.Agent;

    public static TheoryData<string[], string, string> Channels { get; } = new()
    {
        { [Wire(Agent)], "ok", $"announces {Agent}" },
        { [], "wrong", "its answer has no Report-Channel" },
        { [Wire("other.example")], "wrong", $"announces other.example, and not {Agent}" },
        { ["00"], "wrong", "announces the root, which means: no reports" },
        { [Wire(Agent), Wire(Agent)], "wrong", "its answer has 2 Report-Channels; at most one is allowed (RFC 9567, 6.2)" },
        { ["0161C00C"], "wrong", "its Report-Channel is no name in wire form, not compressed (RFC 9567, 5)" },
    };

    [Theory]
    [MemberData(nameof(Channels))]
    public async Task A_server_announces_the_agent_domain_once(string[] channels, string state, string found)
    {
        await using var server = new ListenerRig(ListenerRig.Loopback, (request, response, in peer) => Soa(request, response, channels));
        var finding = (await CheckAsync(server.Listener.Addresses[0], []))[0];
        Assert.Equal((state, found), (finding.State, finding.Found));
        Assert.Equal(state == "ok", finding.Do is null);
    }

    [Fact]
    public async Task A_server_without_the_zone_is_wrong_and_a_missing_one_could_not_be_asked()
    {
        IPEndPoint gone;
        await using (var server = new ListenerRig(ListenerRig.Loopback, new ResponderRig().Handler))
        {
            gone = server.Listener.Addresses[0];
            Assert.Equal(("wrong", "does not answer for broken.test: REFUSED, no AA"), Said((await CheckAsync(gone, []))[0]));
        }

        Assert.Equal(("unasked", "could not be asked: port unreachable over UDP"), Said((await CheckAsync(gone, []))[0]));
    }

    [Fact]
    public async Task A_delegation_is_judged_by_who_has_it()
    {
        await using var server = new ListenerRig(ListenerRig.Loopback, (request, response, in peer) => Soa(request, response, [Wire(Agent)]));
        // Of the agent domain itself: its NS, its addresses, and no DS.
        await using var parent = new ListenerRig(ListenerRig.Loopback, new ResponderRig(o => o with
        {
            Agents = [new(ResponderRig.Name(Agent), [AgentServer.From(ResponderRig.Name("ns." + Agent), [IPAddress.Parse("127.0.0.252")]), AgentServer.From(ResponderRig.Name("ns.elsewhere.example"), [])], 600, "Report received")],
        }).Handler);
        var findings = await CheckAsync(server.Listener.Addresses[0], [parent.Listener.Addresses[0]]);
        Assert.Contains(findings, f => f.State == "wrong" && f.Found.StartsWith($"NS ns.{Agent}, ns.elsewhere.example, says 127.0.0.1@", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.State == "wrong" && f.Found == $"ns.{Agent} is at 127.0.0.252; the config has 127.0.0.253");
        Assert.Contains(findings, f => f is { State: "ok", Found: "no DS: it is not signed" });
    }

    static (string State, string Found) Said(SetupFinding finding) => (finding.State, finding.Found);

    static async Task<IReadOnlyList<SetupFinding>> CheckAsync(IPEndPoint server, IPEndPoint[] parents)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", $$"""
            mode: observe
            servers: { ns1: { kind: nsd, address: "{{server.Address}}@{{server.Port}}", zones: { list: [broken.test] } } }
            sources: { error-reports: [ { server: ns1, listen: [127.0.0.253], agents: [ { domain: {{Agent}} } ] } ] }
            """));
        var plan = SetupPlan.Of(loaded.Config!, ResponderRig.Name("broken.test"), null, null, out var problem);
        Assert.True(plan is not null, problem);
        return await new SetupCheck(plan, parents, TimeSpan.FromMilliseconds(500), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
    }

    static int Soa(ReadOnlySpan<byte> request, Span<byte> response, string[] channels)
    {
        AuthorityQuery.Read(request, out var query);
        var writer = new DnsWriter(response, query.Header.Id, DnsHeader.Qr | DnsHeader.Aa);
        writer.Question(query.Name, query.Type);
        writer.Opt(1232);
        foreach (var channel in channels) writer.Option(EdnsOption.ReportChannel, Convert.FromHexString(channel));
        return writer.Length;
    }

    static string Wire(string name) => Convert.ToHexString(ResponderRig.Name(name).Wire);
}
