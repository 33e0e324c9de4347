using Oops.Sources.ErrorReports;
using Oops.Tests.Wire;
using Oops.Wire.Dns;
using Xunit;
using static Oops.Tests.Sources.ErrorReports.ResponderRig;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>Whatever comes: no answer, or one that is well formed and no larger than its way allows.</summary>
public sealed class ResponderFuzzTests
{
    [Fact]
    public void Anything_is_answered_well_or_not_at_all()
    {
        var rig = new ResponderRig(o => o with { Unverified = UnverifiedUdp.Accept });
        byte[][] corpus =
        [
            Query(Report), Query(Report, udpSize: 0), Query(Agent, DnsType.Soa), Query(Agent, DnsType.Ns), Query("ns." + Agent, DnsType.A), Query("_er." + Agent, DnsType.A), Query(Report, DnsType.Any),
            Query(Report, options: [(EdnsOption.Cookie, rig.Cookie()), (EdnsOption.Nsid, []), (EdnsOption.ReportChannel, [0])]), Query("version.bind", DnsType.Txt, DnsClass.Chaos), Query("example"),
            Query("_er.1-28-65535.a.b.c.d.65535._er.a02.example"),
        ];
        var (answered, silent) = (0, 0);
        FuzzRun.Mutate(corpus, 40_000, 9567, (bytes, random) =>
        {
            var peer = random.Next(2) == 0 ? Udp : Tcp;
            if (rig.Ask(bytes, peer) is not { } answer)
            {
                silent++;
                return;
            }
            answered++;
            Assert.True(peer == Tcp || answer.Bytes.Length <= 1232, "too large for UDP");
            Assert.DoesNotContain(EdnsOption.ReportChannel, answer.Options.Keys);
        });
        Assert.True(answered > 1000 && silent > 100, $"{answered} answered, {silent} not");
    }

    [Fact]
    public void No_response_and_no_other_message_is_answered_as_a_query()
    {
        var rig = new ResponderRig();
        var query = Query(Report);
        Assert.Null(rig.Ask(With(query, 2, 0x80), Tcp));
        Assert.Null(rig.Ask(query[..11], Tcp));
        Assert.Null(rig.Ask([], Tcp));
        Assert.Equal(DnsRcode.NotImp, rig.Ask(With(query, 2, (int)DnsOpcode.Notify << 3), Tcp)!.Rcode);
        Assert.Equal(DnsRcode.NotImp, rig.Ask(With(query, 2, (int)DnsOpcode.Update << 3), Tcp)!.Rcode);
        // Two questions, none, records before the OPT, an octet too many, two OPT records, a version of EDNS that there is not.
        Assert.Equal(DnsRcode.FormErr, rig.Ask(With(query, 5, 2), Tcp)!.Rcode);
        Assert.Equal(DnsRcode.FormErr, rig.Ask(With(query, 5, 0), Tcp)!.Rcode);
        Assert.Equal(DnsRcode.FormErr, rig.Ask(With(query, 7, 1), Tcp)!.Rcode);
        Assert.Equal(DnsRcode.FormErr, rig.Ask([.. query, 0], Tcp)!.Rcode);
        Assert.Equal(DnsRcode.FormErr, rig.Ask(With([.. query, .. query[^11..]], 11, 2), Tcp)!.Rcode);
        Assert.Equal(DnsRcode.BadVers, rig.Ask(With(query, query.Length - 5, 1), Tcp)!.Rcode);
        Assert.Empty(rig.Taken);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_report()
    {
        var rig = new ResponderRig();
        var silent = new Responder(new ResponderOptions([new(Name(Agent), [AgentServer.From(Name("ns." + Agent), [])], 600, "Report received")], new ResponseLimit(0)), new CookieJar(new byte[16]), (scoped in _) => { }, rig.Counts);
        var (query, response, peer) = (Query(Report, options: (EdnsOption.Cookie, "01234567"u8.ToArray())), new byte[1232], Tcp);
        for (var i = 0; i < 1000; i++) silent.Answer(query, response, peer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) silent.Answer(query, response, peer);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    static byte[] With(byte[] bytes, int at, int value)
    {
        byte[] changed = [.. bytes];
        changed[at] = (byte)value;
        return changed;
    }
}
