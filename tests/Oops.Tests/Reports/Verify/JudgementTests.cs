using Oops.Dns;
using Oops.Native;
using Oops.Reports.Verify;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports.Verify;

/// <summary>What follows from what the resolver and the servers said.</summary>
public sealed class JudgementTests
{
    static readonly ServerFound Good = new() { Server = "192.0.2.1@53", Well = true, Rcode = "NOERROR", Aa = true, Records = 1, Signed = true };

    static ResolverFound Resolver(ResolverStatus status) => new() { Status = status, Rcode = status == ResolverStatus.Failed ? "SERVFAIL" : "NOERROR", Why = status == ResolverStatus.Unasked ? "timed out" : null };

    static (CheckVerdict, string) Of(ResolverStatus resolver, params ServerFound[] servers) => Judgement.Of([new() { Type = "A", Resolver = Resolver(resolver), Servers = servers }]);

    [Theory]
    [InlineData("Secure", "NotConfirmed", "A: secure, 1 server asked, all well")]
    [InlineData("Insecure", "NotConfirmed", "A: insecure, 1 server asked, all well")]
    [InlineData("Bogus", "Confirmed", "A: bogus")]
    [InlineData("Failed", "Confirmed", "A: the resolver says SERVFAIL")]
    [InlineData("Unasked", "Unknown", "A: timed out")]
    public void Where_the_servers_are_well_the_resolver_decides(string status, string verdict, string why) =>
        Assert.Equal((Enum.Parse<CheckVerdict>(verdict), why), Of(Enum.Parse<ResolverStatus>(status), Good));

    [Fact]
    public void One_server_that_fails_is_enough_and_a_silent_one_is_not()
    {
        Assert.Equal((CheckVerdict.Confirmed, "A: 192.0.2.2@53: REFUSED"), Of(ResolverStatus.Secure, Good, Good with { Server = "192.0.2.2@53", Well = false, Why = "REFUSED" }));
        Assert.Equal((CheckVerdict.Unknown, "A: 192.0.2.2@53: no answer"), Of(ResolverStatus.Secure, Good, new() { Server = "192.0.2.2@53", Why = "no answer" }));
    }

    [Fact]
    public void A_server_without_signatures_is_told_only_in_a_zone_that_validates()
    {
        Assert.Equal((CheckVerdict.Confirmed, "A: 192.0.2.1@53: no signatures"), Of(ResolverStatus.Secure, Good with { Signed = false }));
        Assert.Equal(CheckVerdict.NotConfirmed, Of(ResolverStatus.Insecure, Good with { Signed = false }).Item1);
        Assert.Equal(CheckVerdict.NotConfirmed, Of(ResolverStatus.Secure, Good with { Signed = false, Aa = false, Referral = "sub.example" }).Item1);
    }

    [Fact]
    public void A_resolver_that_fails_at_the_root_too_says_nothing()
    {
        var bogus = new UnboundAnswer(2, 0, false, true, "signature expired");
        var servfail = new UnboundAnswer(2, 0, false, false, null);
        var good = new UnboundAnswer(0, 1, true, false, null);
        Assert.Equal(ResolverStatus.Bogus, Checker.Read(bogus, good).Status);
        // A forwarder of a test knows no root: that a signature is wrong is so all the same.
        Assert.Equal(ResolverStatus.Bogus, Checker.Read(bogus, servfail).Status);
        Assert.Equal(ResolverStatus.Unasked, Checker.Read(bogus, bogus).Status);
        Assert.Equal(ResolverStatus.Failed, Checker.Read(servfail, good).Status);
        Assert.Equal(ResolverStatus.Unasked, Checker.Read(servfail, servfail).Status);
        Assert.Equal(ResolverStatus.Secure, Checker.Read(good, null).Status);
    }

    [Theory]
    [InlineData("0400", false, true, null)]
    [InlineData("0405", false, false, "REFUSED")]
    [InlineData("0000", false, false, "is no authority for it")]
    [InlineData("0403", false, true, null)]
    [InlineData("0000", true, true, null)]
    public void A_server_does_well_as_an_authority_or_with_a_referral_to_below(string flags, bool refers, bool well, string? why)
    {
        var found = Checker.Read("192.0.2.1@53", new(AskOutcome.Answered, Answer(flags, refers ? "sub.example" : null), null), Name("example"));
        Assert.Equal((well, why), (found.Well, found.Why));
    }

    [Fact]
    public void A_referral_to_the_zone_itself_or_above_is_none()
    {
        foreach (var up in (string[])["example", ".", "elsewhere"])
            Assert.Equal((bool?)false, Checker.Read("192.0.2.1@53", new(AskOutcome.Answered, Answer("0000", up), null), Name("example")).Well);
    }

    [Fact]
    public void The_first_extended_error_is_told_and_there_may_be_none()
    {
        Assert.Equal(((int?)7, "expired"), Told("\u0000\u0007expired"u8.ToArray(), [0, 22]));
        Assert.Equal(((int?)22, null), Told([0, 22]));
        Assert.Equal(((int?)null, null), Told());

        static (int?, string?) Told(params byte[][] errors)
        {
            var found = Checker.Read("192.0.2.1@53", new(AskOutcome.Answered, Answer("0402", null, errors), null), null);
            return (found.Ede, found.EdeText);
        }
    }

    [Theory]
    [InlineData("Timeout", null)]
    [InlineData("Unreachable", null)]
    [InlineData("Broken", null)]
    [InlineData("Refused", false)]
    public void What_was_not_heard_says_nothing_but_a_closed_port_does(string outcome, bool? well) =>
        Assert.Equal(well, Checker.Read("192.0.2.1@53", new(Enum.Parse<AskOutcome>(outcome), null, "why"), null).Well);

    static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    /// <summary>An answer for www.example with these flags beside QR, perhaps with NS records of another zone, and with these Extended DNS Errors.</summary>
    static PlainAnswer Answer(string flags, string? refers, params byte[][] errors)
    {
        var buffer = new byte[512];
        var writer = new DnsWriter(buffer, 7, (ushort)(0x8000 | Convert.ToUInt16(flags, 16)));
        writer.Question(Name("www.example"), DnsType.A);
        if (refers is not null)
        {
            writer.Bytes(Name(refers).Wire);
            writer.UInt16((ushort)DnsType.Ns);
            writer.UInt16(1);
            writer.UInt32(60);
            writer.UInt16(1);
            writer.Byte(0);
            writer.Count(8);
        }

        if (errors.Length > 0) writer.Opt(1232);
        foreach (var error in errors) writer.Option(EdnsOption.ExtendedError, error);

        Assert.Equal(AnswerReading.Answer, PlainAnswer.Read(buffer.AsSpan(0, writer.Length), 7, new PlainQuery(Name("www.example"), DnsType.A), out var answer));
        return answer!;
    }
}
