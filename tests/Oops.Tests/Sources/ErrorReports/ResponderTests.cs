using System.Text;
using Oops.Dns;
using Oops.Sources.ErrorReports;
using Oops.Wire.Dns;
using Xunit;
using static Oops.Tests.Sources.ErrorReports.ResponderRig;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>What is answered, and what is taken for a report (RFC 9567, 6.3).</summary>
public sealed class ResponderTests
{
    const string Soa = "authority a01.agent-domain.example 600 In Soa serial 1 minimum 600";

    readonly ResponderRig rig = new();

    [Fact]
    public void A_report_is_taken_and_answered_positively()
    {
        var answer = rig.Ask("_er.1.BROKEN.test.7._eR." + Agent)!;
        Assert.Equal((DnsRcode.NoError, true, false), (answer.Rcode, answer.Authoritative, answer.Truncated));
        Assert.Equal([$"answer {Report} 600 In Txt \"Report received\""], answer.Records);
        Assert.Equal(["1 broken.test 7 Tcp 192.0.2.1"], rig.Taken);
        Assert.Equal(1, rig.Counts[Outcome.Stream]);
    }

    [Fact]
    public void Each_agent_domain_has_its_own()
    {
        Assert.Equal(["answer _er.1-28.x.test.22._er.a02.example 3600 In Txt \"Thanks\""], rig.Ask("_er.1-28.x.test.22._er.a02.example")!.Records);
        Assert.Equal(["1-28 x.test 22 Tcp 192.0.2.1 agent 1"], rig.Taken);
    }

    /// <summary>RFC 8020: a denial of a name would deny all reports below it.</summary>
    [Theory]
    [InlineData("_er." + Agent, DnsType.A)]
    [InlineData("7._er." + Agent, DnsType.A)]
    [InlineData("broken.test.7._er." + Agent, DnsType.Ns)]
    [InlineData("broken.test.7._er." + Agent, DnsType.Txt)]
    [InlineData(Report, DnsType.A)]
    [InlineData(Report, DnsType.Aaaa)]
    [InlineData(Report, DnsType.Soa)]
    [InlineData(Report, DnsType.Rrsig)]
    [InlineData("no.such.name." + Agent, DnsType.Txt)]
    [InlineData(Agent, DnsType.Txt)]
    [InlineData(Agent, DnsType.A)]
    public void What_is_no_report_exists_and_has_no_data(string name, DnsType type)
    {
        var answer = rig.Ask(name, type)!;
        Assert.Equal((DnsRcode.NoError, true), (answer.Rcode, answer.Authoritative));
        Assert.Equal([Soa], answer.Records);
        Assert.Empty(rig.Taken);
        Assert.Equal(1, rig.Counts[Outcome.NoData]);
    }

    [Fact]
    public void The_zone_itself_is_served()
    {
        Assert.Equal([Soa.Replace("authority", "answer", StringComparison.Ordinal)], rig.Ask(Agent, DnsType.Soa)!.Records);
        Assert.Equal(
            [
                $"answer {Agent} 600 In Ns ns.{Agent}", $"answer {Agent} 600 In Ns ns.elsewhere.example",
                $"additional ns.{Agent} 600 In A 192.0.2.53", $"additional ns.{Agent} 600 In Aaaa 2001:db8::53",
            ],
            rig.Ask(Agent, DnsType.Ns)!.Records);
        Assert.Equal([$"answer ns.{Agent} 600 In A 192.0.2.53"], rig.Ask("ns." + Agent, DnsType.A)!.Records);
        Assert.Equal(["answer ns.a02.example 3600 In A 192.0.2.54"], rig.Ask("ns.a02.example", DnsType.A)!.Records);
        Assert.Equal(["authority a02.example 3600 In Soa serial 1 minimum 3600"], rig.Ask("ns.a02.example", DnsType.Aaaa)!.Records);
        Assert.Empty(rig.Taken);
    }

    [Theory]
    [InlineData("example", DnsType.Txt, DnsClass.In)]
    [InlineData("agent-domain.example", DnsType.Soa, DnsClass.In)]
    [InlineData("xa01.agent-domain.example", DnsType.Txt, DnsClass.In)]
    [InlineData(".", DnsType.Ns, DnsClass.In)]
    [InlineData(Report, DnsType.Txt, DnsClass.Chaos)]
    [InlineData(Report, DnsType.Txt, DnsClass.Any)]
    [InlineData(Report, DnsType.Txt, DnsClass.None)]
    [InlineData(Agent, DnsType.Axfr, DnsClass.In)]
    [InlineData(Agent, DnsType.Ixfr, DnsClass.In)]
    [InlineData(Report, DnsType.Axfr, DnsClass.In)]
    public void What_is_not_ours_is_refused(string name, DnsType type, DnsClass @class)
    {
        var answer = rig.Ask(Query(name, type, @class), Tcp)!;
        Assert.Equal((DnsRcode.Refused, false), (answer.Rcode, answer.Authoritative));
        Assert.Empty(answer.Records);
        // Extended DNS Error 20, Not Authoritative (RFC 8914).
        Assert.Equal([0, 20], answer.Options[EdnsOption.ExtendedError]);
        Assert.Empty(rig.Taken);
    }

    [Theory]
    [InlineData(Report)]
    [InlineData(Agent)]
    public void Who_asks_for_everything_gets_little(string name)
    {
        Assert.Equal([$"answer {name} 600 In Hinfo \"RFC8482\" \"\""], rig.Ask(name, DnsType.Any)!.Records);
        Assert.Empty(rig.Taken);
    }

    [Theory]
    [InlineData("_er.0.broken.test.7._er." + Agent, "Invalid report: the types are not numbers from 1 to 65535, rising")]
    [InlineData("_er.1.broken.test.65536._er." + Agent, "Invalid report: the INFO-CODE is not a number from 0 to 65535")]
    [InlineData("_er.1.broken.test.7." + Agent, "Invalid report: no _er before the agent domain")]
    public void A_malformed_report_is_told_so_or_gets_FORMERR(string name, string says)
    {
        Assert.Equal([$"answer {name} 600 In Txt \"{says}\""], rig.Ask(name)!.Records);
        Assert.Equal(1, rig.Counts[Outcome.MalformedReport]);
        var strict = new ResponderRig(o => o with { Malformed = MalformedReport.Formerr });
        Assert.Equal((DnsRcode.FormErr, 0), (strict.Ask(name)!.Rcode, strict.Ask(name)!.Records.Count));
        Assert.Empty(rig.Taken);
    }

    [Fact]
    public void Over_UDP_nothing_is_taken_from_an_address_that_may_be_forged()
    {
        var answer = rig.Ask(Report, peer: Udp)!;
        Assert.Equal((DnsRcode.NoError, true, 0), (answer.Rcode, answer.Truncated, answer.Records.Count));
        // A cookie client has what it needs for the next time.
        answer = rig.Ask(Query(Report, options: (EdnsOption.Cookie, "01234567"u8.ToArray())), Udp)!;
        Assert.Equal((DnsRcode.NoError, true), (answer.Rcode, answer.Truncated));
        Assert.Equal(rig.Cookie(), answer.Options[EdnsOption.Cookie]);
        Assert.Empty(rig.Taken);
        Assert.Equal(2, rig.Counts[Outcome.Truncated]);
        // What tells nothing new needs no proof.
        Assert.Equal([Soa], rig.Ask("_er." + Agent, DnsType.A, Udp)!.Records);
    }

    [Fact]
    public void Over_UDP_a_cookie_of_ours_is_proof()
    {
        var answer = rig.Ask(Query(Report, options: (EdnsOption.Cookie, rig.Cookie())), Udp)!;
        Assert.Equal([$"answer {Report} 600 In Txt \"Report received\""], answer.Records);
        Assert.Equal(ServerCookie.OptionSize, answer.Options[EdnsOption.Cookie].Length);
        Assert.Equal(["1 broken.test 7 Cookie 192.0.2.1"], rig.Taken);
        // It is good from one address.
        Assert.True(rig.Ask(Query(Report, options: (EdnsOption.Cookie, rig.Cookie("192.0.2.2"))), Udp)!.Truncated);
        Assert.Single(rig.Taken);
    }

    [Fact]
    public void A_cookie_is_sent_back_as_it_is_until_it_is_half_an_hour_old()
    {
        var cookie = rig.Cookie();
        rig.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(cookie, rig.Ask(Query(Report, options: (EdnsOption.Cookie, cookie)), Udp)!.Options[EdnsOption.Cookie]);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(rig.Cookie(), rig.Ask(Query(Report, options: (EdnsOption.Cookie, cookie)), Udp)!.Options[EdnsOption.Cookie]);
        Assert.NotEqual(rig.Cookie(), cookie);
    }

    [Fact]
    public void With_badcookie_a_cookie_client_is_told_so()
    {
        var strict = new ResponderRig(o => o with { Unverified = UnverifiedUdp.BadCookie });
        var answer = strict.Ask(Query(Report, options: (EdnsOption.Cookie, "01234567"u8.ToArray())), Udp)!;
        Assert.Equal((DnsRcode.BadCookie, false), (answer.Rcode, answer.Truncated));
        Assert.Equal(strict.Cookie(), answer.Options[EdnsOption.Cookie]);
        Assert.True(strict.Ask(Report, peer: Udp)!.Truncated);
        Assert.Empty(strict.Taken);
        Assert.Equal([$"answer {Report} 600 In Txt \"Report received\""], strict.Ask(Query(Report, options: (EdnsOption.Cookie, answer.Options[EdnsOption.Cookie])), Udp)!.Records);
    }

    [Fact]
    public void With_accept_it_is_taken_for_what_it_is()
    {
        var open = new ResponderRig(o => o with { Unverified = UnverifiedUdp.Accept });
        Assert.Equal([$"answer {Report} 600 In Txt \"Report received\""], open.Ask(Report, peer: Udp)!.Records);
        Assert.Equal(["1 broken.test 7 Udp 192.0.2.1"], open.Taken);
        Assert.Equal(1, open.Counts[Outcome.Unverified]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(41)]
    public void A_cookie_of_a_wrong_length_is_FORMERR(int length) =>
        Assert.Equal(DnsRcode.FormErr, rig.Ask(Query(Report, options: (EdnsOption.Cookie, new byte[length])), Tcp)!.Rcode);

    [Fact]
    public void Our_own_answers_never_ask_for_reports_and_EDNS_is_as_it_should_be()
    {
        foreach (var (name, type) in new[] { (Report, DnsType.Txt), (Report, DnsType.A), (Agent, DnsType.Soa), (Agent, DnsType.Ns), ("example", DnsType.A) })
        {
            var answer = rig.Ask(Query(name, type, dnssecOk: true, options: (EdnsOption.ReportChannel, [])), Tcp)!;
            Assert.DoesNotContain(EdnsOption.ReportChannel, answer.Options.Keys);
            Assert.True(answer.HasEdns);
            Assert.True(answer.DnssecOk);
            Assert.False(rig.Ask(Query(name, type, udpSize: 0), Tcp)!.HasEdns);
        }
        Assert.Equal("site-1"u8.ToArray(), rig.Ask(Query(Report, options: (EdnsOption.Nsid, [])), Tcp)!.Options[EdnsOption.Nsid]);
        Assert.DoesNotContain(EdnsOption.Nsid, rig.Ask(Query(Report), Tcp)!.Options.Keys);
    }

    [Theory]
    [InlineData("version.server", "oops")]
    [InlineData("version.bind", "oops")]
    [InlineData("id.server", "site-1")]
    [InlineData("hostname.bind", "site-1")]
    public void It_says_who_it_is_if_the_config_says_so(string name, string says)
    {
        Assert.Equal([$"answer {name} 0 Chaos Txt \"{says}\""], rig.Ask(Query(name, DnsType.Txt, DnsClass.Chaos), Tcp)!.Records);
        var silent = new ResponderRig(o => o with { Nsid = [], Version = "" });
        Assert.Equal(DnsRcode.Refused, silent.Ask(Query(name, DnsType.Txt, DnsClass.Chaos), Tcp)!.Rcode);
        Assert.Equal(DnsRcode.Refused, rig.Ask(Query(name), Tcp)!.Rcode);
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_truncated_over_UDP_and_whole_over_TCP()
    {
        var big = new ResponderRig(o => o with { Agents = [new(Name(Agent), o.Agents[0].Servers, 600, new string('x', 700))], Unverified = UnverifiedUdp.Accept });
        Assert.Equal((true, 0), (big.Ask(Query(Report, udpSize: 512), Udp)!.Truncated, big.Ask(Query(Report, udpSize: 512), Udp)!.Records.Count));
        // Below 512 is 512, and nothing larger than 1232 is sent.
        Assert.Equal(12 + Name(Report).Wire.Length + 4 + 11, big.Ask(Query(Report, udpSize: 1), Udp)!.Bytes.Length);
        var whole = big.Ask(Query(Report), Udp)!;
        Assert.False(whole.Truncated);
        Assert.Equal($"answer {Report} 600 In Txt \"{new string('x', 255)}\" \"{new string('x', 255)}\" \"{new string('x', 190)}\"", Assert.Single(whole.Records));
        Assert.False(big.Ask(Query(Report, udpSize: 0), Tcp)!.Truncated);
        Assert.True(big.Ask(Query(Report, udpSize: 0), Udp)!.Truncated);
    }

    [Fact]
    public void A_prefix_that_gets_too_many_answers_gets_fewer_and_those_over_TCP()
    {
        var limited = new ResponderRig(limit: 10);
        var answers = Enumerable.Range(0, 200).Select(i => limited.Ask(Query("_er." + Agent, DnsType.A), PeerOver(Transport.Udp, $"192.0.2.{i}"))).ToList();
        // Two buckets for each prefix, each holding as much as comes in a second.
        Assert.InRange(answers.Count(a => a is { Truncated: false }), 10, 20);
        Assert.InRange(answers.Count(a => a is { Truncated: true }), 85, 95);
        Assert.Equal(answers.Count(a => a is null), limited.Counts[Outcome.Limited]);
        Assert.False(limited.Ask(Query("_er." + Agent, DnsType.A), PeerOver(Transport.Udp, "198.51.100.1"))!.Truncated);
        Assert.False(limited.Ask(Query("_er." + Agent, DnsType.A), Tcp)!.Truncated);
        Assert.False(limited.Ask(Query("_er." + Agent, DnsType.A, options: (EdnsOption.Cookie, limited.Cookie())), Udp)!.Truncated);
        // Ten a second come back.
        limited.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(Enumerable.Range(0, 100).Count(_ => limited.Ask("_er." + Agent, DnsType.A, Udp) is { Truncated: false }), 8, 12);
    }

    [Fact]
    public void What_is_written_about_us_in_ASCII_is_what_is_sent() => Assert.Equal("oops", Encoding.ASCII.GetString(AgentDomain.Strings("oops").AsSpan(1)));
}
