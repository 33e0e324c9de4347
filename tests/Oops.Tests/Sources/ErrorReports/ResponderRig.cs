using System.Net;
using Oops.Dns;
using Oops.Reports;
using Oops.Sources.ErrorReports;
using Oops.Tests.Engine;
using Oops.Wire.Dns;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>A responder for a01.agent-domain.example and a02.example, what it took, and queries as resolvers write them.</summary>
internal sealed class ResponderRig
{
    public const string Agent = "a01.agent-domain.example", Report = "_er.1.broken.test.7._er." + Agent;

    static readonly byte[] Secret = Convert.FromHexString("e5e973e5a6b2a43f48e7dc849e37bfcf");

    readonly Responder responder;

    public ResponderRig(Func<ResponderOptions, ResponderOptions>? change = null, int limit = 0)
    {
        AgentDomain[] agents =
        [
            new(Name(Agent), [AgentServer.From(Name("ns." + Agent), [IPAddress.Parse("192.0.2.53"), IPAddress.Parse("2001:db8::53")]), AgentServer.From(Name("ns.elsewhere.example"), [])], 600, "Report received"),
            new(Name("a02.example"), [AgentServer.From(Name("ns.a02.example"), [IPAddress.Parse("192.0.2.54")])], 3600, "Thanks"),
        ];
        var options = new ResponderOptions(agents, new ResponseLimit(limit)) { Nsid = "site-1"u8.ToArray(), Version = "oops" };
        responder = new(change?.Invoke(options) ?? options, new CookieJar(Secret), Take, Counts);
    }

    /// <summary>For a listener.</summary>
    public DnsHandler Handler => (request, response, in peer) => responder.Answer(request, response, peer with { At = Arrival.Now(Time) });

    public ResponderCounts Counts { get; } = new();

    public FakeTime Time { get; } = new();

    /// <summary>`1 broken.test 7 Tcp 192.0.2.1`.</summary>
    public List<string> Taken { get; } = [];

    public static Peer Udp { get; } = PeerOver(Transport.Udp);

    public static Peer Tcp { get; } = PeerOver(Transport.Tcp);

    public static Peer PeerOver(Transport over, string address = "192.0.2.1") => new(PeerAddress.From(IPAddress.Parse(address)), 4242, over, new IPEndPoint(IPAddress.Loopback, 53));

    public static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    /// <summary>A cookie of ours.</summary>
    public byte[] Cookie(string address = "192.0.2.1")
    {
        var option = new byte[ServerCookie.OptionSize];
        ServerCookie.Write("01234567"u8, IPAddress.Parse(address).GetAddressBytes(), Secret, (uint)Time.GetUtcNow().ToUnixTimeSeconds(), option);
        return option;
    }

    /// <summary>A query in wire form, with OPT if there are options or a size.</summary>
    public static byte[] Query(string name, DnsType type = DnsType.Txt, DnsClass @class = DnsClass.In, int udpSize = 1232, bool dnssecOk = false, params (EdnsOption Code, byte[] Data)[] options)
    {
        var buffer = new byte[2048];
        var writer = new DnsWriter(buffer, 0x1234, DnsHeader.Rd);
        writer.Question(Name(name), type, @class);
        if (udpSize > 0)
        {
            writer.Opt((ushort)udpSize, dnssecOk: dnssecOk);
            foreach (var (code, data) in options) writer.Option(code, data);
        }
        return buffer[..writer.Length];
    }

    public Answered? Ask(string name, DnsType type = DnsType.Txt, Peer? peer = null) => Ask(Query(name, type), peer ?? Tcp);

    public Answered? Ask(byte[] query, Peer peer)
    {
        var buffer = new byte[4000];
        Array.Fill(buffer, (byte)0xEE);
        var length = responder.Answer(query, buffer, peer with { At = Arrival.Now(Time) });
        return length == 0 ? null : new Answered(query, buffer[..length]);
    }

    void Take(scoped in HeardReport report) =>
        Taken.Add($"{System.Text.Encoding.ASCII.GetString(report.Name.Types)} {report.Name.Name()} {report.Name.Code} {report.Path} {report.From}{(report.Agent == 0 ? "" : " agent " + report.Agent)}");
}
