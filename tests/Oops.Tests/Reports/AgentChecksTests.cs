using System.Net;
using Oops.Dns;
using Oops.Reports;
using Oops.Reports.Conformance;
using Oops.Sources.ErrorReports;
using Oops.Tests.Dns;
using Oops.Tests.Native;
using Oops.Tests.Sources.ErrorReports;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports;

/// <summary>What `oops reports check` says of our own agent, and of agents that are wrong in one way each; and how a report is sent.</summary>
public sealed class AgentChecksTests : IDisposable
{
    static readonly DnsName Agent = ResponderRig.Name(ResponderRig.Agent);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(UnverifiedUdp.Truncate, MalformedReport.Text)]
    [InlineData(UnverifiedUdp.BadCookie, MalformedReport.Formerr)]
    public async Task Our_own_agent_is_all_right(object udp, object malformed)
    {
        var rig = new ResponderRig(o => o with { Unverified = (UnverifiedUdp)udp, Malformed = (MalformedReport)malformed });
        var results = await CheckAsync(rig.Handler);
        Assert.All(results, r => Assert.True(r.State == "ok", $"{r.Id}: {r.State}: {r.Found}"));
        Assert.All(results.Where(r => r.Level != "-"), r => Assert.StartsWith("RFC ", r.Of, StringComparison.Ordinal));
        Assert.Equal(results.Count, results.Select(r => r.Id).Distinct().Count());
        Assert.All(rig.Taken, t => Assert.Contains(Examination.TestLabel + ".invalid", t.Replace(" . ", " oops-test.invalid ", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_takes_forged_datagrams_is_told_so()
    {
        var results = await CheckAsync(new ResponderRig(o => o with { Unverified = UnverifiedUdp.Accept }).Handler);
        Assert.Equal(["udp", "udp-no-edns"], results.Where(r => r.State == "wrong").Select(r => r.Id));
        Assert.Equal(["udp-client-cookie", "udp-forged-cookie"], results.Where(r => r.State == "note").Select(r => r.Id));
    }

    [Fact]
    public async Task One_that_denies_names_is_told_so_by_a_MUST()
    {
        var rig = new ResponderRig();
        var results = await CheckAsync(Changed(rig, (answer, query) =>
        {
            if (query.Type == DnsType.A) answer[3] = (byte)((answer[3] & 0xF0) | (int)DnsRcode.NxDomain);
        }));
        var sum = results.Single(r => r.Id == "never-denied");
        Assert.Equal(("wrong", "MUST", "RFC 9567, 8.2"), (sum.State, sum.Level, sum.Of));
        Assert.StartsWith("NXDOMAIN for 5: A ", sum.Found, StringComparison.Ordinal);
        Assert.Equal("wrong", results.Single(r => r.Id == "minimised-code").State);
        Assert.Equal("ok", results.Single(r => r.Id == "report").State);
    }

    [Fact]
    public async Task One_that_folds_case_and_is_not_authoritative_is_told_so_and_is_not_wrong()
    {
        var results = await CheckAsync(Changed(new ResponderRig(), (answer, query) =>
        {
            answer[2] &= unchecked((byte)~(DnsHeader.Aa >> 8));
            query.Name.Wire.CopyTo(answer.AsSpan(DnsHeader.Size));
        }));
        Assert.Equal(["authoritative", "question"], results.Where(r => r.State != "ok").Select(r => r.Id));
        Assert.DoesNotContain(results, r => r.State == "wrong");
    }

    [Fact]
    public async Task What_does_not_answer_could_not_be_asked()
    {
        var results = await CheckAsync(static (request, response, in peer) => 0, TimeSpan.FromMilliseconds(20));
        Assert.All(results, r => Assert.Equal("unasked", r.State));
    }

    [Fact]
    public async Task A_report_goes_as_from_a_resolver_over_UDP_and_then_over_TCP()
    {
        var rig = new ResponderRig();
        var steps = await SendAsync(rig, SendBy.Resolver);
        Assert.Equal([("UDP", "client", true), ("TCP", "server", false)], steps.Select(s => (s.Over, s.Cookie, s.Truncated)));
        Assert.True(steps[1].Taken);
        Assert.Equal(600u, steps[1].Ttl);
        Assert.Equal(["1-28 www.example.net 7 Tcp 127.0.0.1"], rig.Taken);
    }

    [Fact]
    public async Task An_agent_that_says_BADCOOKIE_gets_its_cookie()
    {
        var rig = new ResponderRig(o => o with { Unverified = UnverifiedUdp.BadCookie });
        var steps = await SendAsync(rig, SendBy.Resolver);
        Assert.Equal([("client", "BADCOOKIE"), ("server", "NOERROR")], steps.Select(s => (s.Cookie, s.Rcode!)));
        Assert.Equal(["1-28 www.example.net 7 Cookie 127.0.0.1"], rig.Taken);
    }

    [Fact]
    public async Task A_report_over_UDP_alone_is_not_taken()
    {
        var rig = new ResponderRig();
        var step = Assert.Single(await SendAsync(rig, SendBy.Udp));
        Assert.False(step.Taken);
        Assert.Equal(("none", true), (step.Cookie, step.Truncated));
        Assert.Empty(rig.Taken);
        Assert.True(Assert.Single(await SendAsync(rig, SendBy.Tcp)).Taken);
    }

    [Fact]
    public async Task A_report_goes_over_TLS_to_an_agent_whose_certificate_nobody_issued()
    {
        var rig = new ResponderRig();
        await using var server = new ListenerRig(WithTls(), rig.Handler);
        Assert.True(ReportName.TryMake([DnsType.A], ResponderRig.Name("www.example.net"), 7, Agent, out var report));
        var step = Assert.Single(await ReportSending.RunAsync(new AgentClient(server.Listener.TlsAddresses[0], TimeSpan.FromSeconds(30), TimeProvider.System), report, SendBy.Tls, withCookie: false, TestContext.Current.CancellationToken));
        Assert.True(step.Taken, step.Why);
        Assert.Equal("TLS", step.Over);
        Assert.Equal(["1 www.example.net 7 Tls 127.0.0.1"], rig.Taken);
        Assert.Equal((1, 0), (server.Listener.Counts.Tls.Requests, server.Listener.Counts.TcpAccepted));
    }

    [Fact]
    public async Task Streams_of_a_check_may_be_TLS_at_a_port_of_its_own()
    {
        await using var server = new ListenerRig(WithTls(), new ResponderRig().Handler);
        var client = new AgentClient(server.Listener.Addresses[0], TimeSpan.FromSeconds(30), TimeProvider.System) { TlsPort = server.Listener.TlsAddresses[0].Port };
        var results = await AgentChecks.RunAsync(new Examination(client, Agent, $"{Examination.TestLabel}.{Examination.TestZone}", Transport.Tls), TestContext.Current.CancellationToken);
        Assert.All(results, r => Assert.True(r.State == "ok", $"{r.Id}: {r.State}: {r.Found}"));
        Assert.True(server.Listener.Counts.Tls.Requests > 20, $"{server.Listener.Counts.Tls.Requests}");
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_said()
    {
        IPEndPoint gone;
        await using (var server = new ListenerRig(ListenerRig.Loopback, new ResponderRig().Handler)) gone = server.Listener.Addresses[0];
        var came = await Exchange.RunAsync(gone, Transport.Tcp, new PlainQuery(Agent, DnsType.Soa), TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((AskOutcome.Refused, "port unreachable over TCP"), (came.Outcome, came.Why));
    }

    [Fact]
    public void Resolvers_are_read_as_the_C_library_reads_them() =>
        Assert.Equal(["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.3:53"], AgentClient.SystemResolvers("# nameserver 192.0.2.9\nsearch example\nnameserver 192.0.2.1\nnameserver\t2001:db8::1 \nnameserver name\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n").Select(r => r.ToString()));

    DnsListenerOptions WithTls() => ListenerRig.Loopback with { TlsAddresses = [new(IPAddress.Loopback, 0)], Tls = TestCertificate.Write(folder.Path, "agent.test") };

    static async Task<List<CheckResult>> CheckAsync(DnsHandler handler, TimeSpan? timeout = null)
    {
        await using var server = new ListenerRig(ListenerRig.Loopback, handler);
        return await AgentChecks.RunAsync(new Examination(new AgentClient(server.Listener.Addresses[0], timeout ?? TimeSpan.FromSeconds(10), TimeProvider.System), Agent, $"{Examination.TestLabel}.{Examination.TestZone}", Transport.Tcp), TestContext.Current.CancellationToken);
    }

    static async Task<IReadOnlyList<SentReport>> SendAsync(ResponderRig rig, SendBy by)
    {
        await using var server = new ListenerRig(ListenerRig.Loopback, rig.Handler);
        Assert.True(ReportName.TryMake([DnsType.Aaaa, DnsType.A], ResponderRig.Name("www.example.net"), 7, Agent, out var report));
        return await ReportSending.RunAsync(new AgentClient(server.Listener.Addresses[0], TimeSpan.FromSeconds(10), TimeProvider.System), report, by, withCookie: false, TestContext.Current.CancellationToken);
    }

    delegate void Change(byte[] answer, AuthorityQuery query);

    /// <summary>Our agent with its answers changed.</summary>
    static DnsHandler Changed(ResponderRig rig, Change change) => (request, response, in peer) =>
    {
        var length = rig.Handler(request, response, peer);
        var answer = response[..length].ToArray();
        AuthorityQuery.Read(request, out var query);
        change(answer, query);
        answer.CopyTo(response);
        return length;
    };
}
